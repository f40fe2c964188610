"""Parts of our own guidance: a gate alone, a reader alone, one strength for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ngsd_guard.config import DecodingConfig
from ngsd_guard.decoding import Guidance, Judgement
from ngsd_guard.evaluation.baselines._base import (
    BaselineState,
    Combination,
    WeightedSteering,
    zeros,
)
from ngsd_guard.gate import Gate, GateState


class FixedAlpha(Guidance):
    """Our guidance with one strength for every request.

    Args:
        gate: the gate.
        config: how tokens are mixed.
        alpha: the strength, 0 to 1.
    """

    def __init__(self, gate: Gate[Any], config: DecodingConfig, alpha: float) -> None:
        super().__init__(gate, config)
        self._alpha = alpha

    def weights(
        self, judged: Judgement, rows: Sequence[int], positions: Sequence[int], alphas: Tensor
    ) -> Tensor:
        """Return what tokens are chosen from; `alphas` do not count."""
        return super().weights(judged, rows, positions, torch.full_like(alphas, self._alpha))


class GateAlone(Guidance):
    """Our guidance with a gate that starts at rest, whatever the risk.

    Args:
        gate: the gate.
        config: how tokens are mixed.
        alpha: one strength for all; None for that of the risk.
    """

    def __init__(self, gate: Gate[Any], config: DecodingConfig, alpha: float | None = None) -> None:
        super().__init__(gate, config)
        self._alpha = alpha

    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> GateState:
        """Return the gate's state of one request, at rest."""
        return super().start(device, None)

    def weights(
        self, judged: Judgement, rows: Sequence[int], positions: Sequence[int], alphas: Tensor
    ) -> Tensor:
        """Return what tokens are chosen from."""
        fixed = alphas if self._alpha is None else torch.full_like(alphas, self._alpha)
        return super().weights(judged, rows, positions, fixed)


@dataclass(frozen=True, slots=True)
class ReaderState(BaselineState):
    """State of a batch that was decided before its first token."""

    is_risky: Tensor
    """[batch], bool."""


@dataclass(frozen=True, slots=True)
class ReaderAlone(WeightedSteering[ReaderState]):
    """Lets the expert answer risky requests from the first token on, and the base all others.

    Takes the gate's initial potential for the risk: give the pair a gate whose initial potential
    is the risk itself.
    """

    threshold: float
    """Risk from which on the expert answers, 0 to 10."""

    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> GateState:
        """Return the state of one request; one without a rating is risky."""
        risk = torch.inf if initial_potential is None else initial_potential
        risks = zeros(device) + risk
        return ReaderState(risks, risks, zeros(device, torch.int64), risks >= self.threshold)

    def _step(
        self, state: ReaderState, base_probs: Tensor, expert_probs: Tensor, current: Tensor
    ) -> tuple[ReaderState, Combination]:
        weights = torch.where(state.is_risky[:, None], expert_probs, base_probs).log()
        after = ReaderState(current, current, state.num_steps + 1, state.is_risky)
        return after, Combination(weights, state.is_risky)
