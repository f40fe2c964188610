"""What people look at: the membrane potential along an answer, tables, reports."""

from ngsd_guard.render._calibration import calibration_summary, calibration_table
from ngsd_guard.render._comparison import DemoRequest, DemoResult
from ngsd_guard.render._comparison_table import legend_line, results_table, summary_line
from ngsd_guard.render._labels import figures_line, visible_label, visible_text
from ngsd_guard.render._plot import potential_plot
from ngsd_guard.render._stats import print_stats
from ngsd_guard.render._story import print_story
from ngsd_guard.render._svg import Panel, potential_svg
from ngsd_guard.render._terminal import (
    OVERRIDDEN_STYLE,
    SPIKE_STYLE,
    TRACE_STYLE,
    answer_text,
    potential_line,
)
from ngsd_guard.render._verdict import exit_status, print_verdict

__all__ = [
    "OVERRIDDEN_STYLE",
    "SPIKE_STYLE",
    "TRACE_STYLE",
    "DemoRequest",
    "DemoResult",
    "Panel",
    "answer_text",
    "calibration_summary",
    "calibration_table",
    "exit_status",
    "figures_line",
    "legend_line",
    "potential_line",
    "potential_plot",
    "potential_svg",
    "print_stats",
    "print_story",
    "print_verdict",
    "results_table",
    "summary_line",
    "visible_label",
    "visible_text",
]
