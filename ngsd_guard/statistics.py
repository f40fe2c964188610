"""Confidence intervals of rates."""

import math
from typing import Final, NamedTuple

_Z: Final = 1.959963984540054  # two-sided 95 %


class Rate(NamedTuple):
    """A proportion with its 95 % Wilson score interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if self.n == 0:
            return "-"
        return f"{self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"


def rate(num_hits: int, n: int) -> Rate:
    """Return the proportion of hits with its 95 % confidence interval.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    if n == 0:
        return Rate(math.nan, 0.0, 1.0, 0)
    share = num_hits / n
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    centre, scale = share + _Z**2 / (2 * n), 1 + _Z**2 / n
    return Rate(share, max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0), n)
