"""Confidence intervals of rates, and of the difference between two."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from ngsd_guard.errors import ConfigurationError

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


class Difference(NamedTuple):
    """A difference of two shares of the same cases, with its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if self.n == 0:
            return "-"
        return f"{100 * self.value:+.1f} [{100 * self.low:+.1f}, {100 * self.high:+.1f}]"


def rate(num_hits: int, n: int) -> Rate:
    """Return the proportion of hits with its 95 % confidence interval.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    return rate_of_share(num_hits / n if n else math.nan, n)


def rate_of_share(share: float, n: int) -> Rate:
    """Return a proportion with its 95 % confidence interval.

    Args:
        share: the proportion; not used if `n` is 0.
        n: number of independent cases, which may be fewer than were counted.
    """
    if n == 0:
        return Rate(math.nan, 0.0, 1.0, 0)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    centre, scale = share + _Z**2 / (2 * n), 1 + _Z**2 / n
    return Rate(share, max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0), n)


def paired_difference(first: Sequence[bool], second: Sequence[bool]) -> Difference:
    """Return the share of hits in `first` minus that in `second`, for the same cases.

    Args:
        first: whether each case is a hit.
        second: likewise, in the same order.

    Raises:
        ConfigurationError: the two have different lengths.

    Source: Newcombe (1998), Improved confidence intervals for the difference between binomial
        proportions based on paired data, method 10 (square-and-add).
    """
    if len(first) != len(second):
        raise ConfigurationError(
            f"paired cases have different numbers, {len(first)} and {len(second)}; give one each"
        )
    n = len(first)
    if n == 0:
        return Difference(math.nan, -1.0, 1.0, 0)
    both = sum(a and b for a, b in zip(first, second, strict=True))
    only_first, only_second = sum(first) - both, sum(second) - both
    neither = n - both - only_first - only_second
    p, q = rate(sum(first), n), rate(sum(second), n)
    margins = sum(first) * (n - sum(first)) * sum(second) * (n - sum(second))
    covariance: float = both * neither - only_first * only_second
    if covariance > 0:
        covariance = max(covariance - n / 2, 0.0)
    phi = 0.0 if margins == 0 else covariance / math.sqrt(margins)
    difference = (only_first - only_second) / n

    def reach(d1: float, d2: float) -> float:
        return math.sqrt(max(d1**2 - 2 * phi * d1 * d2 + d2**2, 0.0))

    low = difference - reach(p.value - p.low, q.high - q.value)
    high = difference + reach(p.high - p.value, q.value - q.low)
    return Difference(difference, max(low, -1.0), min(high, 1.0), n)


def unpaired_difference(first: Rate, second: Rate) -> Difference:
    """Return the proportion of `first` minus that of `second`, of different cases; `n` is both's.

    Source: Newcombe (1998), Interval estimation for the difference between independent proportions,
        method 10.
    """
    if first.n == 0 or second.n == 0:
        return Difference(math.nan, -1.0, 1.0, first.n + second.n)
    difference = first.value - second.value
    below = math.hypot(first.value - first.low, second.high - second.value)
    above = math.hypot(first.high - first.value, second.value - second.low)
    return Difference(
        difference, max(difference - below, -1.0), min(difference + above, 1.0), first.n + second.n
    )


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> float:
    """Return the two-sided p-value that two shares of the same cases are equal.

    Args:
        first: whether each case is a hit.
        second: likewise, in the same order.

    Source: McNemar (1947), Note on the sampling error of the difference between correlated
        proportions; exact binomial form.
    """
    only_first = sum(a and not b for a, b in zip(first, second, strict=True))
    only_second = sum(b and not a for a, b in zip(first, second, strict=True))
    n = only_first + only_second
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(2 * tail / (1 << n), 1.0)


def fisher_exact(num_first: int, n_first: int, num_second: int, n_second: int) -> float:
    """Return the two-sided p-value that two proportions of different cases are equal.

    Source: Fisher (1935), The logic of inductive inference; sums the tables that are no more
        probable than the one observed.
    """
    total, hits = n_first + n_second, num_first + num_second
    ways = [
        math.comb(n_first, k) * math.comb(n_second, hits - k)
        for k in range(max(0, hits - n_second), min(hits, n_first) + 1)
    ]
    observed = math.comb(n_first, num_first) * math.comb(n_second, num_second)
    return sum(way for way in ways if way <= observed) / math.comb(total, hits)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in the same order.

    Source: Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, largest = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min((len(p_values) - rank) * p_values[index], 1.0))
        adjusted[index] = largest
    return adjusted
