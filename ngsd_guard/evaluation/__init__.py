"""Measuring a guarded pair: public prompts, attacks beside their controls, honest rates."""

from ngsd_guard.evaluation._against import Change, Comparison, Measure, compare
from ngsd_guard.evaluation._agreement import Agreement, agreement
from ngsd_guard.evaluation._cases import Case, Row
from ngsd_guard.evaluation._contenders import CONTENDER_NAMES, ContenderName
from ngsd_guard.evaluation._degenerate import Defect, defect_of
from ngsd_guard.evaluation._figures import (
    Outcome,
    RailFigures,
    RiskFigures,
    RowFigures,
    SideFigures,
)
from ngsd_guard.evaluation._looks import Look, add_look, read_looks
from ngsd_guard.evaluation._model_judge import RUBRIC, ChatModel, ModelJudge
from ngsd_guard.evaluation._ranking import Recall, recall_at
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation._run import Doing, Figures, evaluate
from ngsd_guard.evaluation._saved import read_report
from ngsd_guard.evaluation._seen import find_run_card, read_seen, require_unseen
from ngsd_guard.evaluation._sources import Sources, read_sources
from ngsd_guard.evaluation._store import Answer, Reading, Store
from ngsd_guard.evaluation._suites import SUITES, Suite, SuiteName
from ngsd_guard.evaluation._tables import as_markdown
from ngsd_guard.evaluation._terminal import print_comparison, print_report
from ngsd_guard.evaluation._writing import save_report
from ngsd_guard.evaluation.page import as_html
from ngsd_guard.ranking import AUROC, auroc
from ngsd_guard.refusals import REFUSAL_PATTERNS, is_refusal
from ngsd_guard.statistics import Difference, Rate, paired_difference, rate

__all__ = [
    "AUROC",
    "CONTENDER_NAMES",
    "REFUSAL_PATTERNS",
    "RUBRIC",
    "SUITES",
    "Agreement",
    "Answer",
    "Case",
    "Change",
    "ChatModel",
    "Comparison",
    "ContenderName",
    "Defect",
    "Difference",
    "Doing",
    "Figures",
    "Look",
    "Measure",
    "ModelJudge",
    "Outcome",
    "RailFigures",
    "Rate",
    "Reading",
    "Recall",
    "Report",
    "RiskFigures",
    "Row",
    "RowFigures",
    "SideFigures",
    "Sources",
    "Store",
    "Suite",
    "SuiteName",
    "add_look",
    "agreement",
    "as_html",
    "as_markdown",
    "auroc",
    "compare",
    "defect_of",
    "evaluate",
    "find_run_card",
    "is_refusal",
    "paired_difference",
    "print_comparison",
    "print_report",
    "rate",
    "read_looks",
    "read_report",
    "read_seen",
    "read_sources",
    "recall_at",
    "require_unseen",
    "save_report",
]
