"""Order statistics with guarantees about the next request."""

import math
from collections.abc import Sequence
from typing import Final

_ROUNDING: Final = 1e-9  # 50 * 0.02 must count as one request despite rounding errors


def conformal_quantile(scores: Sequence[float], budget: float) -> float:
    """Return a bound that the next score exceeds with probability at most `budget`.

    The probability is over the draw of all scores, including the next one, which need only be
    exchangeable.

    Args:
        scores: one per request.
        budget: in (0, 1).

    Returns:
        The `ceil((n + 1) (1 - budget))`-th smallest score; infinity if there are fewer than
        `num_needed(budget)` scores.

    Source: Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World; split
    conformal prediction.
    """
    num_above = math.floor((len(scores) + 1) * budget + _ROUNDING)
    return sorted(scores)[-num_above] if num_above > 0 else math.inf


def lower_quantile(values: Sequence[float], share: float) -> float:
    """Return a bound that the next value is below with probability at most `share`.

    If there are too few values for this guarantee, return the smallest value.

    Args:
        values: one per request; at least one.
        share: in (0, 1).
    """
    rank = math.floor((len(values) + 1) * share + _ROUNDING)
    return sorted(values)[max(rank, 1) - 1]


def num_needed(budget: float) -> int:
    """Return how many scores `conformal_quantile` needs for a finite bound."""
    return math.ceil(1 / budget - _ROUNDING) - 1
