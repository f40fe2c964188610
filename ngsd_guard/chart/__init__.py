"""Pictures of the gate at work: the membrane potential along an answer."""

from ngsd_guard.chart._labels import figures_line, visible_label, visible_text
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
    "potential_svg",
    "visible_label",
    "visible_text",
]
