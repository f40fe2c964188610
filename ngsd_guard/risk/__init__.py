"""From a request to its risk and alpha: the base's own rating, or the expert's reading."""

from ngsd_guard.risk._aggregation import (
    UNREADABLE_SCORE,
    alpha_of,
    paper_risk,
    reference_risk,
    risk_of,
)
from ngsd_guard.risk._answers import binned, confidence, mean, normalised, shares
from ngsd_guard.risk._category import CATEGORY_ANCHOR, CategoryScorer, category_messages
from ngsd_guard.risk._expert import ExpertFeatures, ExpertReader
from ngsd_guard.risk._probe import (
    GENERAL_FACET,
    INJECTION_FACET,
    ProbeReader,
    chat_states,
    pooled,
)
from ngsd_guard.risk._readers import RiskReader, make_reader
from ngsd_guard.risk._rubric import SCORE_KEYS, request_text, rubric_messages, score_anchor
from ngsd_guard.risk._scorer import Reflector

__all__ = [
    "CATEGORY_ANCHOR",
    "GENERAL_FACET",
    "INJECTION_FACET",
    "SCORE_KEYS",
    "UNREADABLE_SCORE",
    "CategoryScorer",
    "ExpertFeatures",
    "ExpertReader",
    "ProbeReader",
    "Reflector",
    "RiskReader",
    "alpha_of",
    "binned",
    "category_messages",
    "chat_states",
    "confidence",
    "make_reader",
    "mean",
    "normalised",
    "paper_risk",
    "pooled",
    "reference_risk",
    "request_text",
    "risk_of",
    "rubric_messages",
    "score_anchor",
    "shares",
]
