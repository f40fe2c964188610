"""Measuring a guarded pair: judges of its answers."""

from ngsd_guard.evaluation._refusals import REFUSAL_PHRASES, is_refusal

__all__ = ["REFUSAL_PHRASES", "is_refusal"]
