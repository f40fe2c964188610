"""Order statistics that promise something about the next request."""

import math
from collections.abc import Sequence
from typing import Final

_ROUNDING: Final = 1e-9  # 50 * 0.02 is one request, whatever floating point makes of it


def conformal_quantile(scores: Sequence[float], budget: float) -> float:
    """Return the bound that the next score exceeds with a probability of at most `budget`.

    The promise is over the draw of all scores, the next one included, and needs only that they
    are exchangeable.

    Args:
        scores: one per request.
        budget: in (0, 1).

    Returns:
        The `ceil((n + 1) (1 - budget))`-th smallest score; infinity where there are fewer than
        `num_needed(budget)`.

    Source: Vovk, Gammerman and Shafer (2005), Algorithmic Learning in a Random World; split
    conformal prediction.
    """
    num_above = math.floor((len(scores) + 1) * budget + _ROUNDING)
    return sorted(scores)[-num_above] if num_above > 0 else math.inf


def lower_quantile(values: Sequence[float], share: float) -> float:
    """Return the bound that the next value is below with a probability of at most `share`.

    Where there are too few values for that promise, it is the least of them.

    Args:
        values: one per request; at least one.
        share: in (0, 1).
    """
    rank = math.floor((len(values) + 1) * share + _ROUNDING)
    return sorted(values)[max(rank, 1) - 1]


def num_needed(budget: float) -> int:
    """Return how many scores `conformal_quantile` needs to give a finite bound."""
    return math.ceil(1 / budget - _ROUNDING) - 1
