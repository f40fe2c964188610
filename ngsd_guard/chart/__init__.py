"""Pictures of the gate at work: the membrane potential along an answer."""

from ngsd_guard.chart._labels import figures_line, visible_label, visible_text
from ngsd_guard.chart._plot import potential_plot
from ngsd_guard.chart._stats import print_stats
from ngsd_guard.chart._story import print_story
from ngsd_guard.chart._svg import Panel, potential_svg
from ngsd_guard.chart._terminal import (
    OVERRIDDEN_STYLE,
    SPIKE_STYLE,
    TRACE_STYLE,
    answer_text,
    potential_line,
)

__all__ = [
    "OVERRIDDEN_STYLE",
    "SPIKE_STYLE",
    "TRACE_STYLE",
    "Panel",
    "answer_text",
    "figures_line",
    "potential_line",
    "potential_plot",
    "potential_svg",
    "print_stats",
    "print_story",
    "visible_label",
    "visible_text",
]
