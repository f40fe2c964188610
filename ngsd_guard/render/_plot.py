"""A plot of the membrane potential along an answer, several terminal lines high."""

import math
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from rich.text import Text

from ngsd_guard.render._terminal import OVERRIDDEN_STYLE, SPIKE_STYLE, TRACE_STYLE

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_FAINT: Final = "bright_black"
_LABEL_CELLS: Final = 7
_MAX_COLUMN: Final = 3
"""Maximum width of a token's bar, in cells."""


def potential_plot(
    potentials: Sequence[float],
    v_threshold: float,
    *,
    spike_indices: Collection[int] = (),
    override_indices: Collection[int] = (),
    width: int = 80,
    height: int = 8,
) -> Text:
    """Draw the potential compared with the threshold, and the gate's interventions.

    Args:
        potentials: potentials, at least one, one per token; NaN and infinity are drawn at the top.
        v_threshold: potential at which the gate fires, drawn as a line.
        spike_indices: tokens at which the gate fired.
        override_indices: tokens that differ from the base's.
        width: available terminal cells; tokens share a column if they do not fit.
        height: lines of the plot, without the axis and the marks below it.
    """
    num_columns = min(len(potentials), max(1, width - _LABEL_CELLS - 2))
    column = min(_MAX_COLUMN, max(1, (width - _LABEL_CELLS - 2) // num_columns))
    edges = [index * len(potentials) // num_columns for index in range(num_columns + 1)]
    spans = [range(start, end) for start, end in pairwise(edges)]
    spikes, overrides = set(spike_indices), set(override_indices)
    finite = [value for value in potentials if math.isfinite(value)]
    top = max([1.2 * v_threshold, *finite])
    heights = [max(_height(potentials[i], top) for i in span) * height for span in spans]
    is_spike = [any(i in spikes for i in span) for span in spans]
    threshold_row = height - 1 - min(height - 1, int(v_threshold / top * height))

    plot = Text(no_wrap=True, overflow="crop")
    for row in range(height):
        level = height - 1 - row
        label = f"{v_threshold:.2f}" if row == threshold_row else ""
        plot.append(f"{label:>{_LABEL_CELLS}} ", SPIKE_STYLE)
        plot.append("┤" if label else "│", _FAINT)
        for value, spiked in zip(heights, is_spike, strict=True):
            block = _EIGHTHS[round(8 * min(1.0, max(0.0, value - level)))]
            if block == " " and row == threshold_row:
                plot.append("╌" * column, SPIKE_STYLE)
            else:
                plot.append(block * column, SPIKE_STYLE if spiked else TRACE_STYLE)
        plot.append("\n")
    plot.append(f"{'0':>{_LABEL_CELLS}} └{'─' * column * num_columns}", _FAINT)
    for name, style, marked in (
        ("spike", SPIKE_STYLE, spikes), ("changed", OVERRIDDEN_STYLE, overrides)
    ):  # fmt: skip
        if marked:
            marks = ["▲" if any(i in marked for i in span) else " " for span in spans]
            plot.append(f"\n{name:>{_LABEL_CELLS}}  ", _FAINT)
            plot.append("".join(mark.center(column) for mark in marks), style)
    return plot


def _height(potential: float, top: float) -> float:
    return min(1.0, max(0.0, potential / top)) if math.isfinite(potential) else 1.0
