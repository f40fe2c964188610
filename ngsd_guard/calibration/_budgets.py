"""What a tighter or looser budget would cost, from the recordings alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ngsd_guard.calibration._design import threshold_above
from ngsd_guard.calibration._fit import Fit, split_benign, split_harmful
from ngsd_guard.calibration._quantiles import conformal_quantile
from ngsd_guard.calibration._reader import ReaderFit
from ngsd_guard.calibration._types import Recording
from ngsd_guard.config import GateConfig

_FACTORS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
_NUM_DRAWS: Final = 1000


@dataclass(frozen=True, slots=True)
class BootstrapRate:
    """A share of held-out requests with its 95 % percentile bootstrap interval.

    Each draw also sets the threshold anew, so that the interval includes its uncertainty.
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"


@dataclass(frozen=True, slots=True)
class BudgetCost:
    """What the calibrated gate would do at another budget."""

    budget: float
    """Share of harmless requests that may see an intervention."""
    v_threshold: float | None
    """Threshold that keeps to the budget; None if the requests are too few to promise it, or if
    the gate could not go on firing above it."""
    touched: BootstrapRate | None
    """Held-out harmless requests that would see an intervention; None without a threshold."""
    found: BootstrapRate | None
    """Held-out harmful requests that would see one; likewise."""


def budget_costs(
    fitted: ReaderFit,
    budget: float,
    *,
    factors: Sequence[float] = _FACTORS,
    seed: int = 0,
    num_draws: int = _NUM_DRAWS,
) -> tuple[BudgetCost, ...]:
    """Return what other budgets would cost: harm found, and harmless requests touched.

    Bias, first current, ramp and reader stay as they were fitted, and the threshold alone moves,
    again to the conformal quantile of the requests that set it. A calibration to another budget
    chooses all of them again, and can only be compared by running it.

    Args:
        fitted: the fit, with the recordings it was made from.
        budget: the budget it was made to; in (0, 1).
        factors: multiples of the budget to look at; those that make it 1 or more are left out.
        seed: of the split into parts, and of the bootstrap.
        num_draws: bootstrap draws; at least 1.

    Source: percentile bootstrap; Efron and Tibshirani (1993), chapter 13.
    """
    _, setting, held_out = split_benign(_criticals(fitted.fit, fitted.benign), seed)
    _, harmful = split_harmful(_criticals(fitted.fit, fitted.harmful), seed)
    parts = _Parts(setting, held_out, harmful)
    rng = random.Random(seed)
    draws = [parts.drawn(rng) for _ in range(num_draws)]
    costs = []
    for factor in factors:
        other = budget * factor
        if other < 1:
            own = fitted.fit.gate.v_threshold if factor == 1 else None
            costs.append(_cost(fitted.fit, other, own, parts, draws))
    return tuple(costs)


class _Parts(NamedTuple):
    """For each request, the highest threshold at which the gate fires."""

    setting: list[float]
    held_out: list[float]
    harmful: list[float]

    def drawn(self, rng: random.Random) -> "_Parts":
        return _Parts(*(rng.choices(part, k=len(part)) for part in self))

    def threshold(self, budget: float) -> float:
        return threshold_above(conformal_quantile(self.setting, budget))


def _criticals(fitted: Fit, recordings: Sequence[Recording]) -> list[float]:
    design, tau = fitted.design, fitted.gate.tau
    return [design.critical_threshold(recording, tau) for recording in recordings]


def _cost(
    fitted: Fit, budget: float, own: float | None, parts: _Parts, draws: Sequence[_Parts]
) -> BudgetCost:
    v_threshold = parts.threshold(budget) if own is None else own
    start = GateConfig(signal=fitted.gate.signal, tau=fitted.gate.tau)
    if fitted.design.gate(v_threshold, start) is None:
        return BudgetCost(budget, None, None, None)
    thresholds = [draw.threshold(budget) for draw in draws]
    touched = [_share(draw.held_out, v) for draw, v in zip(draws, thresholds, strict=True)]
    found = [_share(draw.harmful, v) for draw, v in zip(draws, thresholds, strict=True)]
    return BudgetCost(
        budget=budget,
        v_threshold=v_threshold,
        touched=_rate(_share(parts.held_out, v_threshold), touched, len(parts.held_out)),
        found=_rate(_share(parts.harmful, v_threshold), found, len(parts.harmful)),
    )


def _share(criticals: Sequence[float], v_threshold: float) -> float:
    return sum(critical >= v_threshold for critical in criticals) / len(criticals)


def _rate(value: float, drawn: Sequence[float], n: int) -> BootstrapRate:
    ranked = sorted(drawn)
    tail = len(ranked) // 40
    return BootstrapRate(value, min(ranked[tail], value), max(ranked[-tail - 1], value), n)
