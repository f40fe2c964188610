"""How well a score ranks harmful texts above harmless ones."""

import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final, NamedTuple

from ngsd_guard.statistics import Rate, rate

_Z: Final = 1.959963984540054  # two-sided 95 %
_NUM_DRAWS: Final = 1000


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


class Recall(NamedTuple):
    """Share of harmful texts above the score that few harmless ones exceed."""

    value: float
    low: float
    high: float
    n: int
    threshold: float
    """A text counts as found if its score is above this."""
    false_alarms: Rate
    """Share of the harmless texts above it."""

    def __str__(self) -> str:
        if self.n == 0 or self.false_alarms.n == 0:
            return "-"
        return f"{self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"


def auroc(harmful: Sequence[float], harmless: Sequence[float]) -> AUROC:
    """Return the area under the ROC curve; ties count half.

    The interval is DeLong's on the logit scale. If one group lies entirely above the other, that
    interval has no width, and the Wilson interval for the size of the smaller group replaces it.

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


def recall_at(
    harmful: Sequence[float],
    harmless: Sequence[float],
    *,
    max_false_alarms: float = 0.01,
    seed: int = 0,
) -> Recall:
    """Return the recall at the lowest threshold that no more than a share of harmless exceed.

    The interval covers both the Wilson interval at the threshold and the percentile bootstrap over
    both groups, which includes the uncertainty of the threshold.

    Args:
        harmful: scores of texts to be found.
        harmless: scores of texts to be left alone.
        max_false_alarms: share of `harmless` that may exceed the threshold, 0 to 1.
        seed: of the bootstrap.
    """
    m, n = len(harmful), len(harmless)
    if m == 0 or n == 0:
        return Recall(math.nan, 0.0, 1.0, m, math.nan, rate(0, 0))
    threshold = _threshold(harmless, max_false_alarms)
    found = rate(sum(score > threshold for score in harmful), m)
    rng, draws = random.Random(seed), []
    for _ in range(_NUM_DRAWS):
        limit = _threshold(rng.choices(harmless, k=n), max_false_alarms)
        draws.append(sum(score > limit for score in rng.choices(harmful, k=m)) / m)
    draws.sort()
    tail = _NUM_DRAWS // 40
    return Recall(
        found.value,
        min(found.low, draws[tail]),
        max(found.high, draws[-tail - 1]),
        m,
        threshold,
        rate(sum(score > threshold for score in harmless), n),
    )


def _threshold(harmless: Sequence[float], max_false_alarms: float) -> float:
    allowed = math.floor(max_false_alarms * len(harmless) + 1e-9)
    return sorted(harmless, reverse=True)[min(allowed, len(harmless) - 1)]


def _placements(scores: Sequence[float], others: Sequence[float]) -> list[float]:
    """Return for each score the share of the others below it, ties counting half."""
    ranked = sorted(others)
    n = len(ranked)
    return [(bisect_left(ranked, s) + bisect_right(ranked, s)) / (2 * n) for s in scores]


def _variance(values: Sequence[float], mean: float) -> float:
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value))
