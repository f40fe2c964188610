"""Measuring a guarded pair: judges of its answers, and honest rates."""

from ngsd_guard.refusals import REFUSAL_PHRASES, is_refusal
from ngsd_guard.statistics import Rate, rate

__all__ = ["REFUSAL_PHRASES", "Rate", "is_refusal", "rate"]
