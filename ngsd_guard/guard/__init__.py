"""The standalone guard: checks every text of a pipeline against a policy."""

from ngsd_guard.guard._guard import Guard
from ngsd_guard.guard._injection import document_windows
from ngsd_guard.guard._intent import IntentGuard
from ngsd_guard.guard._policy import Category, Policy, RegexRule, StagePolicy, Stages
from ngsd_guard.guard._subject import is_speech
from ngsd_guard.guard._verdict import (
    ACTIONS,
    STAGES,
    Action,
    CategoryScore,
    CheckRequest,
    Evaluation,
    Span,
    SpanKind,
    Stage,
    TokenChance,
    TokenTrace,
    Verdict,
)

__all__ = [
    "ACTIONS",
    "STAGES",
    "Action",
    "Category",
    "CategoryScore",
    "CheckRequest",
    "Evaluation",
    "Guard",
    "IntentGuard",
    "Policy",
    "RegexRule",
    "Span",
    "SpanKind",
    "Stage",
    "StagePolicy",
    "Stages",
    "TokenChance",
    "TokenTrace",
    "Verdict",
    "document_windows",
    "is_speech",
]
