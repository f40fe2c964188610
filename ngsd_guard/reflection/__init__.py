"""The base model's own reflection on a request: four scores, one risk, one alpha."""

from ngsd_guard.reflection._aggregation import (
    UNREADABLE_SCORE,
    alpha_of,
    paper_risk,
    reference_risk,
    risk_of,
)
from ngsd_guard.reflection._category import CATEGORY_ANCHOR, CategoryScorer, category_messages
from ngsd_guard.reflection._rubric import SCORE_KEYS, request_text, rubric_messages, score_anchor
from ngsd_guard.reflection._scorer import Reflector
from ngsd_guard.reflection._together import (
    MAX_LOGITS,
    Failure,
    Judging,
    Read,
    judge,
    judge_together,
    read_one,
    side_by_side,
)

__all__ = [
    "CATEGORY_ANCHOR",
    "MAX_LOGITS",
    "SCORE_KEYS",
    "UNREADABLE_SCORE",
    "CategoryScorer",
    "Failure",
    "Judging",
    "Read",
    "Reflector",
    "alpha_of",
    "category_messages",
    "judge",
    "judge_together",
    "paper_risk",
    "read_one",
    "reference_risk",
    "request_text",
    "risk_of",
    "rubric_messages",
    "score_anchor",
    "side_by_side",
]
