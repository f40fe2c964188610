"""The leaky integrate-and-fire neuron."""

import torch
from torch import Tensor

from ngsd_guard.gate._base import Gate, GateState
from ngsd_guard.piecewise import interpolate


class LIFGate(Gate[GateState]):
    """One leaky integrate-and-fire neuron per request.

    The potential leaks by `1 / tau` a step and gains the current. At the threshold it fires and
    falls back to `v_reset`, keeping the share `reset_retention` of what it had above rest: zero is
    the paper's hard reset, 0.6 the released code's.

    Source: NGSD (arXiv 2602.02027), Algorithm 1 and its released code.
    """

    kind = "lif"

    def initial_potential(self, risk: float) -> float:
        """Return the potential at which a request of this risk, 0 to 10, starts."""
        knots = self.config.initial_potential_knots
        return interpolate(risk, knots) if knots else self._rest

    @property
    def _rest(self) -> float:
        return self.config.v_reset

    def _start(self, potential: Tensor) -> GateState:
        return GateState(membrane_potential=potential, charged_potential=potential)

    def _integrate(self, state: GateState, current: Tensor) -> tuple[GateState, Tensor]:
        tau, v_reset = self.config.tau, self.config.v_reset
        charged = (1.0 - 1.0 / tau) * state.membrane_potential + current  # [batch]
        spiked = self._reaches_threshold(charged)  # [batch], bool
        reset = v_reset + self.config.reset_retention * (charged - v_reset)
        return GateState(torch.where(spiked, reset, charged), charged), spiked
