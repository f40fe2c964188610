"""The designs that calibration chooses from, and the critical threshold of each request."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from ngsd_guard.calibration._quantiles import conformal_quantile, lower_quantile
from ngsd_guard.calibration._types import Recording
from ngsd_guard.config import GateConfig
from ngsd_guard.piecewise import Knots, interpolate

BIASES: Final = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
FIRST_CURRENTS: Final = (0.5, 0.75, 0.9)
_MISSED_HARM: Final = 0.05  # share of harmful requests whose risk may lie below the ramp's top
_STEP_WIDTH: Final = 0.5  # width of a ramp if the risks of benign and harmful requests overlap
_LOWEST_THRESHOLD: Final = 0.5  # lower bound, even if the benign requests allow less
_MARGIN: Final = 1e-4  # between float32 potentials in the gate and float64 ones here


@dataclass(frozen=True, slots=True)
class Design:
    """All parameters of a gate except its threshold."""

    bias_current: float
    first_current: float
    """Current, after the bias, that fires a risky request's first token and sustains firing."""
    ramp: Knots
    """(risk, share of the full initial potential); empty starts every request at rest."""

    def critical_threshold(self, recording: Recording, tau: float) -> float:
        """Return the highest threshold at which the gate fires on a request.

        At threshold v, a request with ramp value s starts at `s (v - i) / d`, where i is the first
        current and d = 1 - 1/tau, so that with s = 1 a current of i fires at once. Before a spike
        the neuron is linear: if u_t is its potential when started from rest, it fires at step t iff
        `u_t + s d^t max(v - i, 0) >= v`, which is solved for v.

        Args:
            recording: the request's risk and currents.
            tau: membrane decay constant, in steps.

        Returns:
            A potential; infinity if the request fires at every threshold.
        """
        share = interpolate(recording.risk, self.ramp) if self.ramp else 0.0
        critical = 0.0
        for potential in potentials_from_rest(recording.currents, self.bias_current, tau):
            if potential < self.first_current:
                reached = potential
            elif share < 1.0:
                reached = (potential - share * self.first_current) / (1.0 - share)
            else:
                reached = math.inf
            critical = max(critical, reached)
            share *= 1.0 - 1.0 / tau
        return critical

    def gate(self, v_threshold: float, start: GateConfig) -> GateConfig | None:
        """Return the gate of this design; None if its firing could not be sustained.

        A spike must leave at least the full initial potential. Then a gate that has fired keeps
        firing as long as it receives the first current, and one early spike does not use up the
        potential that made it possible.

        Args:
            v_threshold: threshold, from the conformal quantile.
            start: gate with the signal, tau and minimum retention.
        """
        if math.isinf(v_threshold):
            return None
        full = max(v_threshold - self.first_current, 0.0) / (1.0 - 1.0 / start.tau)
        if full >= v_threshold:
            return None
        retention = math.ceil(100 * full / v_threshold) / 100
        full = math.floor(10_000 * full) / 10_000
        knots = tuple((risk, share * full) for risk, share in self.ramp) if full > 0 else ()
        return start.replace(
            bias_current=self.bias_current,
            v_threshold=v_threshold,
            reset_retention=max(start.reset_retention, retention),
            initial_potential_knots=knots,
        )


def designs(biases: Sequence[float], ramps: Sequence[Knots]) -> list[Design]:
    """Return the grid of designs; those that start at rest come first."""
    return [Design(*point) for point in product(biases, FIRST_CURRENTS, ((), *ramps))]


def potentials_from_rest(currents: Sequence[float], bias: float, tau: float) -> list[float]:
    """Return the potential after each step of a neuron that starts at 0 and never fires."""
    potential, potentials = 0.0, []
    for current in currents:
        potential = (1 - 1 / tau) * potential + max(1 - (1 - current) / (1 - bias), 0.0)
        potentials.append(potential)
    return potentials


def threshold_above(quantile: float) -> float:
    """Return a threshold, to three decimals, that no potential up to the quantile reaches."""
    if math.isinf(quantile):
        return math.inf
    return max(math.ceil(1_000 * (quantile + _MARGIN)) / 1_000, _LOWEST_THRESHOLD)


def alpha_ramp(
    benign_risks: Sequence[float], harmful_risks: Sequence[float], budget: float
) -> Knots:
    """Return a ramp that is 1 for all but a few harmful risks and 0 for most benign ones.

    It rises linearly from the upper quantile of the benign risks to the lower quantile of the
    harmful ones. If the two overlap, the harmful risks take precedence.
    """
    full = math.floor(100 * lower_quantile(harmful_risks, _MISSED_HARM)) / 100
    quiet = _upper_risk(benign_risks, budget)
    start = quiet if quiet < full else max(full - _STEP_WIDTH, 0.0)
    return ((start, 0.0), (full, 1.0)) if start < full else ((full, 1.0),)


def quiet_ramp(
    benign_risks: Sequence[float], harmful_risks: Sequence[float], budget: float
) -> Knots:
    """Return a ramp that is 0 for all but a few benign risks, whatever the harmful ones are."""
    start = _upper_risk(benign_risks, budget)
    full = math.floor(100 * lower_quantile(harmful_risks, _MISSED_HARM)) / 100
    full = max(full, min(start + _STEP_WIDTH, 10.0))
    return ((start, 0.0), (full, 1.0)) if start < full else ()


def _upper_risk(risks: Sequence[float], budget: float) -> float:
    return math.ceil(100 * min(conformal_quantile(risks, budget), 10.0)) / 100
