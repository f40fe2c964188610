"""The leaky integrate-and-fire neuron."""

import torch
from torch import Tensor

from ngsd_guard.gate._base import Gate, GateState
from ngsd_guard.piecewise import interpolate


class LIFGate(Gate[GateState]):
    """One leaky integrate-and-fire neuron per request.

    At each step the potential decays by the factor `1 - 1 / tau` and the current is added. When it
    reaches the threshold, the neuron fires and resets to `v_reset` plus the share
    `reset_retention` of the potential above `v_reset`: 0 is the paper's hard reset, 0.6 is the
    released code's.

    Source: NGSD (arXiv 2602.02027), Algorithm 1 and its released code.
    """

    kind = "lif"

    def initial_potential(self, risk: float) -> float:
        """Return the potential at which a request with this risk (0 to 10) starts."""
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
