"""The standalone guard: checks every text of a pipeline against a policy."""

from ngsd_guard.guard._enforcement import areplacement, cuts, is_refused, replacement, stops
from ngsd_guard.guard._guard import Guard
from ngsd_guard.guard._hold_back import LONGEST_HELD, HeldBack
from ngsd_guard.guard._injection import document_windows
from ngsd_guard.guard._intent import IntentGuard
from ngsd_guard.guard._policy import Category, Policy, RegexRule, StagePolicy, Stages
from ngsd_guard.guard._settled import WITHHELD, JudgedTexts
from ngsd_guard.guard._speech import speech_of
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
    "LONGEST_HELD",
    "STAGES",
    "WITHHELD",
    "Action",
    "Category",
    "CategoryScore",
    "CheckRequest",
    "Evaluation",
    "Guard",
    "HeldBack",
    "IntentGuard",
    "JudgedTexts",
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
    "areplacement",
    "cuts",
    "document_windows",
    "is_refused",
    "replacement",
    "speech_of",
    "stops",
]
