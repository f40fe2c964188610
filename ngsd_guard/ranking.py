"""How well a score ranks harmful texts above harmless ones."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from ngsd_guard.statistics import rate

_Z: Final = 1.959963984540054  # two-sided 95 %


class AUROC(NamedTuple):
    """Probability that a harmful text scores above a harmless one, with its 95 % interval."""

    value: float
    low: float
    high: float
    num_harmful: int
    num_harmless: int

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "-"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def auroc(harmful: Sequence[float], harmless: Sequence[float]) -> AUROC:
    """Return the area under the ROC curve; ties count half.

    The interval is DeLong's on the logit scale. Where one group lies wholly above the other, that
    has no width; the Wilson limit for as many cases as the smaller group has stands in for it.

    Source: DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under two or more
        correlated receiver operating characteristic curves.
    """
    m, n = len(harmful), len(harmless)
    if m == 0 or n == 0:
        return AUROC(math.nan, 0.0, 1.0, m, n)
    above = _placements(harmful, harmless)
    below = [1 - share for share in _placements(harmless, harmful)]
    area = sum(above) / m
    if area in (0.0, 1.0) or min(m, n) < 2:
        limits = rate(round(area * min(m, n)), min(m, n))
        return AUROC(area, limits.low, limits.high, m, n)
    variance = _variance(above, area) / m + _variance(below, area) / n
    logit = math.log(area / (1 - area))
    spread = _Z * math.sqrt(variance) / (area * (1 - area))
    return AUROC(area, _expit(logit - spread), _expit(logit + spread), m, n)


def _placements(scores: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return for each score the share of the others below it, ties counting half."""
    ranked = sorted(others)
    n = len(ranked)
    return [(bisect_left(ranked, s) + bisect_right(ranked, s)) / (2 * n) for s in scores]


def _variance(values: Sequence[float], mean: float) -> float:
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-max(value, -700.0)))
