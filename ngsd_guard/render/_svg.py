"""The membrane potential along an answer, as a self-contained SVG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.render._labels import END_LABEL, figures_line, visible_label
from ngsd_guard.render._layout import Caption, lay_out
from ngsd_guard.render._marks import (
    PLOT_LEFT,
    PLOT_RIGHT,
    SPIKE_ROOM,
    draw_bars,
    draw_frame,
    draw_labels,
    draw_spikes,
    draw_trace,
    px,
    xml,
)
from ngsd_guard.render._scale import PotentialScale, trace_points
from ngsd_guard.render._style import STYLE
from ngsd_guard.types import DecodeStep, Generation

_WIDTH: Final = 960
_MARGIN: Final = 32.0
_HEADER: Final = 66.0
_HEAD: Final = 56.0
"""Height of a panel's titles."""
_PLOT: Final = 112.0
_MAX_LABEL_CELLS: Final = 14
_MAX_TITLE_CELLS: Final = 98


@dataclass(frozen=True, slots=True)
class Panel:
    """One request of the chart."""

    title: str
    """The request."""
    generation: Generation
    """The answer, generated with `trace=True`."""
    eyebrow: str = ""
    """Short text above the title, such as the kind of request."""
    decode: Callable[[Sequence[int]], str] | None = None
    """Returns the text of tokens, to show the base's overridden tokens; None omits them."""

    @property
    def steps(self) -> tuple[DecodeStep, ...]:
        """The decode steps of the answer.

        Raises:
            ConfigurationError: the answer was generated without a trace.
        """
        if self.generation.steps is None:
            raise ConfigurationError("the generation has no steps; generate it with trace=True")
        return self.generation.steps


def potential_svg(
    panels: Sequence[Panel],
    v_threshold: float,
    *,
    bias_current: float = 0.0,
    heading: str = "The membrane potential along the answer",
) -> str:
    """Draw the gate's decisions about several answers, one below the other, on the same scale.

    The potential rises towards each token. When it reaches the threshold, the neuron spikes, the
    expert is mixed in, and the potential drops. Bars show the input current; the part above the
    bias has the colour of the potential. An overridden token is coloured, and the base's token is
    struck through below it.

    Args:
        panels: requests with the steps of their answers; at least one.
        v_threshold: potential at which the gate fires.
        bias_current: current that the gate subtracts; in [0, 1).
        heading: title of the chart.

    Returns:
        An SVG document without scripts, fonts or links, which follows the page's colour scheme.

    Raises:
        ConfigurationError: there are no panels, or an answer was generated without a trace.
    """
    if not panels:
        raise ConfigurationError("there is nothing to draw; pass at least one panel")
    steps = [step for panel in panels for step in panel.steps]
    scale = PotentialScale.over(
        steps, v_threshold, top=_HEAD + SPIKE_ROOM, bottom=_HEAD + SPIKE_ROOM + _PLOT
    )
    body, y = [_header(heading)], _HEADER
    for panel in panels:
        drawing, height = _panel(panel, scale, v_threshold, bias_current)
        body.append(f'<g class="panel" transform="translate(0 {px(y)})">{drawing}</g>')
        y += height
    height = round(y + 8)
    about = f"{len(panels)} answers; the gate fires at a potential of {v_threshold:g}."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img" aria-labelledby="ngsd-title ngsd-about">'
        f'<title id="ngsd-title">{xml(heading)}</title><desc id="ngsd-about">{about} '
        f"{' '.join(_describe(panel) for panel in panels)}</desc><style>{STYLE}</style>"
        '<defs><linearGradient id="ngsd-potential" x1="0" y1="0" x2="0" y2="1">'
        '<stop class="fade-from" offset="0"/><stop class="fade-to" offset="1"/>'
        "</linearGradient></defs>"
        f'<rect class="card" x=".5" y=".5" width="{_WIDTH - 1}" height="{height - 1}" rx="12"/>'
        f"{''.join(body)}</svg>\n"
    )


def _header(heading: str) -> str:
    x, y = PLOT_RIGHT - 427, 31.0
    return (
        f'<text class="heading" x="{px(_MARGIN)}" y="37">{xml(heading)}</text>'
        f'<g transform="translate({px(x)} {px(y)})">'
        '<path class="trace" stroke-width="2" d="M0 5L9 -5V5L16 0"/>'
        '<text class="key" x="24" y="5">potential</text>'
        '<rect class="current" x="99" y="-2" width="7" height="8"/>'
        '<rect class="drive" x="99" y="-7" width="7" height="5"/>'
        '<text class="key" x="113" y="5">input current</text>'
        '<path class="spike" stroke-width="2.2" d="M208 -8V2"/>'
        '<circle class="peak" cx="208" cy="3" r="3.2"/>'
        '<text class="key" x="218" y="5">spike</text>'
        '<text class="token overridden" x="266" y="5" font-size="12">expert</text>'
        '<text class="discarded" x="316" y="5" font-size="11">base</text>'
        '<text class="key" x="352" y="5">overridden</text></g>'
    )


def _panel(
    panel: Panel, scale: PotentialScale, v_threshold: float, bias_current: float
) -> tuple[str, float]:
    steps = panel.steps
    captions = [_caption(panel, step) for step in steps]
    axis = lay_out(captions, PLOT_LEFT + 10, PLOT_RIGHT - PLOT_LEFT - 18)
    labels, label_height = draw_labels(captions, axis, scale.bottom)
    points = trace_points(steps, axis.centres, PLOT_LEFT, scale)
    drawing = (
        _titles(panel)
        + draw_frame(scale, v_threshold)
        + draw_bars(steps, axis, scale, bias_current)
        + draw_trace(points, axis, scale)
        + draw_spikes(steps, axis, scale)
        + labels
    )
    return drawing, scale.bottom + label_height


def _titles(panel: Panel) -> str:
    generation = panel.generation
    title = visible_label(panel.title, max_cells=_MAX_TITLE_CELLS)
    eyebrow = visible_label(panel.eyebrow, max_cells=_MAX_TITLE_CELLS).upper()
    return (
        f'<path class="rule" d="M{px(_MARGIN)} 0H{px(PLOT_RIGHT)}"/>'
        f'<text class="eyebrow" x="{px(_MARGIN)}" y="24">{xml(eyebrow)}</text>'
        f'<text class="request" x="{px(_MARGIN)}" y="43">{xml(title)}</text>'
        f'<text class="figures" x="{px(PLOT_RIGHT)}" y="24" text-anchor="end">'
        f"{xml(figures_line(generation))}</text>"
    )


def _describe(panel: Panel) -> str:
    generation = panel.generation
    return xml(
        f"{visible_label(panel.title, max_cells=_MAX_TITLE_CELLS)}: {figures_line(generation)}, "
        f"highest potential {generation.peak_potential:.2f}."
    )


def _caption(panel: Panel, step: DecodeStep) -> Caption:
    text = visible_label(step.text, max_cells=_MAX_LABEL_CELLS) or f" {END_LABEL}"
    discarded = ""
    if step.overridden and panel.decode is not None:
        wanted = panel.decode([step.base_token_id])
        discarded = visible_label(wanted, max_cells=_MAX_LABEL_CELLS) or END_LABEL
    return Caption(text if text.strip() else "␣", discarded, step.overridden)
