"""How well a score ranks harmful texts above harmless ones."""

import math
import random
from collections.abc import Sequence
from typing import Final, NamedTuple

from ngsd_guard.statistics import Rate, rate

_Z: Final = 1.959963984540054  # two-sided 95 %
_NUM_DRAWS: Final = 1000


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
