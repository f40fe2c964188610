"""Measuring a guarded pair: public prompts, attacks beside their controls, honest rates."""

from ngsd_guard.evaluation._cases import Case, Row
from ngsd_guard.evaluation._contenders import CONTENDER_NAMES, ContenderName
from ngsd_guard.evaluation._degenerate import Defect, defect_of
from ngsd_guard.evaluation._figures import RailFigures, RiskFigures, RowFigures, SideFigures
from ngsd_guard.evaluation._ranking import AUROC, Recall, auroc, recall_at
from ngsd_guard.evaluation._run import Doing, Figures, evaluate
from ngsd_guard.evaluation._sources import Sources, read_sources
from ngsd_guard.evaluation._store import Answer, Reading, Store
from ngsd_guard.evaluation._suites import SUITES, Suite, SuiteName
from ngsd_guard.refusals import REFUSAL_PATTERNS, is_refusal
from ngsd_guard.statistics import Difference, Rate, paired_difference, rate

__all__ = [
    "AUROC",
    "CONTENDER_NAMES",
    "REFUSAL_PATTERNS",
    "SUITES",
    "Answer",
    "Case",
    "ContenderName",
    "Defect",
    "Difference",
    "Doing",
    "Figures",
    "RailFigures",
    "Rate",
    "Reading",
    "Recall",
    "RiskFigures",
    "Row",
    "RowFigures",
    "SideFigures",
    "Sources",
    "Store",
    "Suite",
    "SuiteName",
    "auroc",
    "defect_of",
    "evaluate",
    "is_refusal",
    "paired_difference",
    "rate",
    "read_sources",
    "recall_at",
]
