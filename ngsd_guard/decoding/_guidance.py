"""Gate and mix over several positions at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from ngsd_guard.config import DecodingConfig
from ngsd_guard.decoding._mixing import candidate_mask, mix_top_k
from ngsd_guard.gate import Gate, GateState, signal


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gate says of some positions of some rows, one after another."""

    base_probs: Tensor
    """[rows, positions, vocab]."""
    expert_probs: Tensor
    """[rows, positions, vocab]."""
    currents: Tensor
    """[rows, positions]."""
    states: tuple[GateState, ...]
    """After each position."""
    spiked: Tensor
    """[rows, positions], bool."""

    def state_after(self, num_positions: Sequence[int]) -> GateState:
        """Return the state of each row after so many of its positions; at least one."""
        return type(self.states[0]).at(self.states, [n - 1 for n in num_positions])


class Steering(Protocol):
    """Decides at which positions the token is not the base's own, and what it is chosen from.

    `Guidance` is the product's; an evaluation puts other decoders in its place. What is decided
    about a position may depend on the positions before it and on both distributions, and on
    nothing else, so that drafting changes no token.
    """

    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> GateState:
        """Return the state of one request before its first token.

        Args:
            device: of the state.
            initial_potential: what the pair's gate makes of the risk; None without a rating.
        """

    def judge(self, state: Any, base_logits: Tensor, expert_logits: Tensor) -> Judgement:
        """Read [rows, positions, vocab] logits, in the order of the positions."""

    def weights(
        self, judged: Judgement, rows: Sequence[int], positions: Sequence[int], alphas: Tensor
    ) -> Tensor:
        """Return [wanted, vocab] logarithms that the tokens of some positions are chosen from.

        Args:
            judged: what `judge` returned.
            rows: [wanted].
            positions: [wanted].
            alphas: [wanted], guidance strength of each row's request.
        """


class Guidance:
    """Decides which positions are mixed, and mixes them."""

    def __init__(self, gate: Gate[Any], config: DecodingConfig) -> None:
        self._gate = gate
        self._config = config
        self._distance = signal(gate.config.signal)

    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> GateState:
        """Return the gate's state of one request before its first token."""
        state: GateState = self._gate.initial_state(
            1, device=device, initial_potential=initial_potential
        )
        return state

    def judge(self, state: GateState, base_logits: Tensor, expert_logits: Tensor) -> Judgement:
        """Let the gate read [rows, positions, vocab] logits, in the order of the positions."""
        base_probs = base_logits.softmax(dim=-1)
        expert_probs = expert_logits.softmax(dim=-1)
        currents = self._distance(base_probs, expert_probs)  # [rows, positions]
        states, spikes = [], []
        for position in range(currents.shape[1]):
            state, spiked = self._gate.step(state, currents[:, position])
            states.append(state)
            spikes.append(spiked)
        return Judgement(
            base_probs, expert_probs, currents, tuple(states), torch.stack(spikes, dim=1)
        )

    def weights(
        self, judged: Judgement, rows: Sequence[int], positions: Sequence[int], alphas: Tensor
    ) -> Tensor:
        """Return what the tokens of some positions are chosen from, mixed."""
        chosen = list(rows), list(positions)
        return self.mix(judged.base_probs[chosen], judged.expert_probs[chosen], alphas)

    def mix(self, base_probs: Tensor, expert_probs: Tensor, alphas: Tensor) -> Tensor:
        """Return what mixed tokens are chosen from: [positions, vocab] logarithms."""
        top_k = self._config.mix_top_k
        scores = mix_top_k(base_probs, expert_probs, alpha=alphas, top_k=top_k)
        if self._config.mix_choice == "candidates":
            mask = candidate_mask(base_probs, expert_probs, top_k=top_k)
            scores = scores.masked_fill(~mask, 0.0)
        return scores.log()
