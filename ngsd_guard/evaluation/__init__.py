"""Measuring a guarded pair: judges of its answers, and honest rates."""

from ngsd_guard.evaluation._intervals import Rate, rate
from ngsd_guard.evaluation._refusals import REFUSAL_PATTERNS, is_refusal

__all__ = ["REFUSAL_PATTERNS", "Rate", "is_refusal", "rate"]
