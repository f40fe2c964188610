"""Piecewise linear functions: from a risk to an alpha or an initial potential."""

from collections.abc import Sequence
from itertools import pairwise

Knots = tuple[tuple[float, float], ...]
"""(risk, value) points: risks in 0..10 that increase, values that do not decrease."""


def interpolate(risk: float, knots: Sequence[tuple[float, float]]) -> float:
    """Return the value at `risk`: linear between the knots, constant outside them."""
    left_risk, left_value = knots[0]
    for right_risk, right_value in knots[1:]:
        if risk < right_risk:
            share = max(risk - left_risk, 0.0) / (right_risk - left_risk)
            return left_value + share * (right_value - left_value)
        left_risk, left_value = right_risk, right_value
    return left_value


def check_knots(option: str, knots: Sequence[tuple[float, float]]) -> None:
    """Check that the knots are usable.

    Raises:
        ValueError: there are no knots, a risk is outside 0..10, the risks do not increase, or a
            value decreases.
    """
    risks = [risk for risk, _ in knots]
    values = [value for _, value in knots]
    if not risks or min(risks) < 0 or max(risks) > 10:
        raise ValueError(f"{option} needs at least one point, each with a risk in 0..10")
    if any(right <= left for left, right in pairwise(risks)):
        raise ValueError(f"the risks of {option} must increase, not {risks}")
    if values != sorted(values):
        raise ValueError(f"the values of {option} must not decrease: {values}")
