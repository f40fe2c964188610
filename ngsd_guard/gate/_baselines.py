"""Baseline gates that the neuron is compared with; none of them resets."""

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.gate._base import Gate, GateState

_SMG_BETAS: Final = (0.9, 0.999)
_SMG_EPSILON: Final = 1e-8


class EMAGate(Gate[GateState]):
    """Fires while the exponential moving average of the current is at or above the threshold.

    Source: NGSD (arXiv 2602.02027), gate ablation.
    """

    kind = "ema"

    def _start(self, potential: Tensor) -> GateState:
        return GateState(potential, potential)

    def _integrate(self, state: GateState, current: Tensor) -> tuple[GateState, Tensor]:
        potential = _average(state.membrane_potential, current, self.config.decay)
        return GateState(potential, potential), self._reaches_threshold(potential)


@dataclass(frozen=True, slots=True)
class SMGState(GateState):
    """State of a second-moment gate."""

    first_moment: Tensor
    """[batch], float32; decaying mean of the current, not bias-corrected."""
    second_moment: Tensor
    """[batch], float32; decaying mean of the squared current, not bias-corrected."""
    num_steps: Tensor
    """[batch], int64; number of steps so far."""


class SMGGate(Gate[SMGState]):
    """Fires while the average current, normalised by Adam's moments, is at or above the threshold.

    Source: NGSD (arXiv 2602.02027), gate ablation; moments as in Adam (arXiv 1412.6980).
    """

    kind = "smg"

    def _start(self, potential: Tensor) -> SMGState:
        zeros = torch.zeros_like(potential)
        return SMGState(potential, potential, zeros, zeros, zeros.to(torch.int64))

    def _integrate(self, state: SMGState, current: Tensor) -> tuple[SMGState, Tensor]:
        beta1, beta2 = _SMG_BETAS
        first = beta1 * state.first_moment + (1 - beta1) * current
        second = beta2 * state.second_moment + (1 - beta2) * current.square()
        num_steps = state.num_steps + 1
        # -expm1(n log beta) is 1 - beta^n without its loss of precision in float32 for small n.
        m_hat = first / -torch.expm1(num_steps * math.log(beta1))
        s_hat = second / -torch.expm1(num_steps * math.log(beta2))
        normalised = m_hat / (s_hat.sqrt() + _SMG_EPSILON)  # [batch]
        potential = _average(state.membrane_potential, normalised, self.config.decay)
        new_state = SMGState(potential, potential, first, second, num_steps)
        return new_state, self._reaches_threshold(potential)


@dataclass(frozen=True, slots=True)
class StreakState(GateState):
    """State of a gate that requires several consecutive steps."""

    streak: Tensor
    """[batch], int64; consecutive steps at or above the threshold, including the last one."""


class _StreakGate(Gate[StreakState]):
    def _start(self, potential: Tensor) -> StreakState:
        streak = torch.zeros_like(potential, dtype=torch.int64)
        return StreakState(potential, potential, streak)

    def _fire_when_persistent(
        self, state: StreakState, potential: Tensor
    ) -> tuple[StreakState, Tensor]:
        streak = torch.where(self._reaches_threshold(potential), state.streak + 1, 0)
        return StreakState(potential, potential, streak), streak >= self.config.persistence


class DebounceGate(_StreakGate):
    """Fires once the current has reached the threshold in `persistence` consecutive steps."""

    kind = "debounce"

    def _integrate(self, state: StreakState, current: Tensor) -> tuple[StreakState, Tensor]:
        return self._fire_when_persistent(state, current)


class EWMAGate(_StreakGate):
    """Fires once a moving average has reached the threshold in `persistence` consecutive steps."""

    kind = "ewma"

    def _integrate(self, state: StreakState, current: Tensor) -> tuple[StreakState, Tensor]:
        potential = _average(state.membrane_potential, current, self.config.decay)
        return self._fire_when_persistent(state, potential)


def _average(old: Tensor, new: Tensor, decay: float) -> Tensor:
    return decay * old + (1 - decay) * new
