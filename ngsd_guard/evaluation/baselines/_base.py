"""What the baselines share: a state in step with the tokens, and scores to choose from."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import torch
from torch import Tensor

from ngsd_guard.decoding import Judgement
from ngsd_guard.gate import GateState, total_variation_distance


@dataclass(frozen=True, slots=True)
class BaselineState(GateState):
    """State of a batch; its two potentials hold the last total variation."""

    num_steps: Tensor
    """[batch], int64; positions read so far."""


@dataclass(frozen=True, slots=True)
class Combination:
    """What a baseline makes of one position."""

    log_weights: Tensor
    """[batch, vocab]; what the token is chosen from."""
    applied: Tensor
    """[batch], bool; False where the token is the base's own."""


StateT = TypeVar("StateT", bound=BaselineState)


class WeightedSteering(ABC, Generic[StateT]):
    """A decoder that combines both distributions position by position, in the one decode loop.

    A subclass has a state that a position is combined under, and is advanced by it. Both follow
    from the two distributions alone: where a decoder reacts to the token that was emitted, it takes
    the most likely one of its combination. So answers are those of the published decoder under
    greedy decoding, and only approximately under sampling.
    """

    @abstractmethod
    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> GateState:
        """Return the state of one request before its first token."""

    def judge(self, state: StateT, base_logits: Tensor, expert_logits: Tensor) -> Judgement:
        """Read [rows, positions, vocab] logits, in the order of the positions."""
        base_probs, expert_probs = base_logits.softmax(dim=-1), expert_logits.softmax(dim=-1)
        currents = total_variation_distance(base_probs, expert_probs)  # [rows, positions]
        states, applied, weights = list[GateState](), [], []
        for position in range(currents.shape[1]):
            pair = base_probs[:, position], expert_probs[:, position]
            state, combined = self._step(state, *pair, currents[:, position])
            states.append(state)
            applied.append(combined.applied)
            weights.append(combined.log_weights)
        return _Combined(
            base_probs, expert_probs, currents, tuple(states), torch.stack(applied, dim=1),
            torch.stack(weights, dim=1),
        )  # fmt: skip

    def weights(
        self, judged: Judgement, rows: Sequence[int], positions: Sequence[int], alphas: Tensor
    ) -> Tensor:
        """Return [wanted, vocab] log-weights; `alphas` do not count."""
        combined = cast("_Combined", judged)
        return combined.log_weights[list(rows), list(positions)]

    @abstractmethod
    def _step(
        self, state: StateT, base_probs: Tensor, expert_probs: Tensor, current: Tensor
    ) -> tuple[StateT, Combination]:
        """Combine one position, [batch, vocab] each, and return the state after it."""


@dataclass(frozen=True, slots=True)
class _Combined(Judgement):
    log_weights: Tensor
    """[rows, positions, vocab]."""


def zeros(device: torch.device | str | None, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return a zero for one request, [1]."""
    return torch.zeros(1, dtype=dtype, device=device)
