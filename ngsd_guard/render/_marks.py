"""Parts of a panel as SVG elements."""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from ngsd_guard.render._labels import END_LABEL, visible_label
from ngsd_guard.render._layout import Caption, TokenAxis
from ngsd_guard.render._scale import PotentialScale
from ngsd_guard.types import DecodeStep

PLOT_LEFT: Final = 104.0
PLOT_RIGHT: Final = 928.0
SPIKE_ROOM: Final = 14.0
"""Height above the highest potential, reserved for the spikes."""
_DENSE: Final = 7.0
"""Tokens closer together than this, in pixels, are drawn with finer strokes."""


def draw_frame(scale: PotentialScale, v_threshold: float) -> str:
    y, ground, label_x = scale.y(v_threshold), scale.y(0.0), px(PLOT_LEFT - 10)
    top, width = scale.top - SPIKE_ROOM, PLOT_RIGHT - PLOT_LEFT
    return (
        f'<rect class="zone" x="{px(PLOT_LEFT)}" y="{px(top)}" width="{px(width)}" '
        f'height="{px(y - top)}"/>'
        f'<path class="baseline" d="M{px(PLOT_LEFT)} {px(ground)}H{px(PLOT_RIGHT)}"/>'
        f'<path class="threshold" d="M{px(PLOT_LEFT)} {px(y)}H{px(PLOT_RIGHT)}"/>'
        f'<text class="scale at-threshold" x="{label_x}" y="{px(y + 4)}" text-anchor="end">'
        f"threshold {v_threshold:g}</text>"
        f'<text class="scale" x="{label_x}" y="{px(ground + 4)}" text-anchor="end">0</text>'
    )


def draw_bars(
    steps: Sequence[DecodeStep], axis: TokenAxis, scale: PotentialScale, bias_current: float
) -> str:
    bars, ground = [], scale.y(0.0)
    for step, x, column in zip(steps, axis.centres, axis.widths, strict=True):
        width = min(9.0, max(0.8, 0.5 * column))
        top, floor = scale.y(step.current), scale.y(min(step.current, bias_current))
        bars.append(f'<g class="step"><title>{xml(_tooltip(step))}</title>')
        for name, high, low in (("current", floor, ground), ("drive", top, floor)):
            if low - high > 0.05:
                bars.append(
                    f'<rect class="{name}" x="{px(x - width / 2)}" y="{px(high)}" '
                    f'width="{px(width)}" height="{px(low - high)}"/>'
                )
        bars.append("</g>")
    return "".join(bars)


def draw_trace(
    points: Sequence[tuple[float, float]], axis: TokenAxis, scale: PotentialScale
) -> str:
    line = "L".join(f"{px(x)} {px(y)}" for x, y in points)
    ground, left, right = scale.y(0.0), points[0][0], points[-1][0]
    fine = ' stroke-width="1.1"' if axis.spacing < _DENSE else ' stroke-width="2"'
    return (
        f'<path class="area" d="M{px(left)} {px(ground)}L{line}L{px(right)} {px(ground)}Z"/>'
        f'<path class="trace"{fine} d="M{line}"/>'
    )


def draw_spikes(steps: Sequence[DecodeStep], axis: TokenAxis, scale: PotentialScale) -> str:
    is_dense, top = axis.spacing < _DENSE, scale.top - SPIKE_ROOM + 3
    width, radius = (1.1, 1.5) if is_dense else (2.2, 3.3)
    marks = []
    for step, x in zip(steps, axis.centres, strict=True):
        if step.spiked:
            y = scale.y(step.charged_potential)
            foot = top + 8 if is_dense else y
            marks.append(
                f'<path class="spike" stroke-width="{width}" d="M{px(x)} {px(foot)}V{px(top)}"/>'
                f'<circle class="peak" cx="{px(x)}" cy="{px(y)}" r="{radius}"/>'
            )
    return "".join(marks)


def draw_labels(captions: Sequence[Caption], axis: TokenAxis, bottom: float) -> tuple[str, float]:
    draw = _inline_label if axis.is_inline else _slanted_label
    labels = [draw(captions[i], axis.centres[i], bottom, axis) for i in sorted(axis.shown)]
    if axis.is_inline:
        has_discarded = any(caption.discarded for caption in captions)
        return "".join(labels), 54.0 if has_discarded else 38.0
    longest = max((len(_slanted_text(captions[i])) for i in axis.shown), default=0)
    return "".join(labels), 28.0 + 0.52 * axis.font_size * longest


def _inline_label(caption: Caption, x: float, bottom: float, axis: TokenAxis) -> str:
    label = (
        f'<text class="{_label_class(caption)}" x="{px(x)}" y="{px(bottom + 19)}" '
        f'text-anchor="middle" font-size="{px(axis.font_size)}">{xml(caption.text.strip())}</text>'
    )
    if caption.discarded:
        label += (
            f'<text class="discarded" x="{px(x)}" y="{px(bottom + 35)}" text-anchor="middle" '
            f'font-size="{px(axis.font_size - 2)}">{xml(caption.discarded.strip())}</text>'
        )
    return label


def _slanted_label(caption: Caption, x: float, bottom: float, axis: TokenAxis) -> str:
    discarded = caption.discarded.strip()
    struck = f'<tspan class="discarded">{xml(discarded)}</tspan> ' if discarded else ""
    return (
        f'<text class="{_label_class(caption)}" font-size="{px(axis.font_size)}" '
        f'text-anchor="end" transform="translate({px(x + 4)} {px(bottom + 13)}) rotate(-58)">'
        f"{struck}{xml(caption.text.strip())}</text>"
    )


def _slanted_text(caption: Caption) -> str:
    return f"{caption.text.strip()} {caption.discarded.strip()}".strip()


def _label_class(caption: Caption) -> str:
    if caption.is_urgent:
        return "token overridden"
    return "token end" if caption.text.strip() == END_LABEL else "token"


def _tooltip(step: DecodeStep) -> str:
    fate = " · overridden" if step.overridden else " · spike" if step.spiked else ""
    return (
        f"{step.index}: {visible_label(step.text) or END_LABEL} · current {step.current:.2f} · "
        f"potential {step.charged_potential:.2f}{fate}"
    )


def xml(text: str) -> str:
    return escape(visible_label(text))


def px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
