"""Agreement of two judges on the same answers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.statistics import Rate, rate


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a judge compares with a reference: human labels, or another judge."""

    agreed: Rate
    """Same verdict; an error of the judge agrees with nothing."""
    found: Rate
    """Refusals of the reference that the judge calls refusals."""
    false_alarms: Rate
    """Other answers that the judge calls refusals."""
    num_errors: int
    """Answers that the judge could not judge."""
    kappa: float
    """Cohen's kappa over the answers that both judged; NaN if both give only one verdict."""


def agreement(judged: Sequence[bool | None], reference: Sequence[bool]) -> Agreement:
    """Compare a judge with a reference.

    Args:
        judged: whether the judge calls each answer a refusal; None where it failed.
        reference: whether each answer is a refusal, in the same order.

    Raises:
        ConfigurationError: the two have different lengths.
    """
    if len(judged) != len(reference):
        raise ConfigurationError(
            f"{len(judged)} verdicts for {len(reference)} labels; give one for each answer"
        )
    pairs = list(zip(judged, reference, strict=True))
    refusals = [verdict for verdict, label in pairs if label]
    others = [verdict for verdict, label in pairs if not label]
    return Agreement(
        agreed=rate(sum(verdict is label for verdict, label in pairs), len(pairs)),
        found=rate(refusals.count(True), len(refusals)),
        false_alarms=rate(others.count(True), len(others)),
        num_errors=sum(verdict is None for verdict in judged),
        kappa=_kappa([(v, label) for v, label in pairs if v is not None]),
    )


def _kappa(pairs: Sequence[tuple[bool, bool]]) -> float:
    """Return Cohen's kappa (1960), A coefficient of agreement for nominal scales."""
    n = len(pairs)
    if n == 0:
        return math.nan
    first, second = sum(a for a, _ in pairs) / n, sum(b for _, b in pairs) / n
    by_chance = first * second + (1 - first) * (1 - second)
    if by_chance == 1.0:
        return math.nan
    return (sum(a == b for a, b in pairs) / n - by_chance) / (1 - by_chance)
