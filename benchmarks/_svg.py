"""Line plots as self-contained SVG, for light and dark pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 960, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 92.0, 760.0, 76.0, 416.0
_LABEL_GAP = 17.0
_SANS: Final = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif'
)
_LIGHT: Final = ("#0072b2", "#d55e00", "#009e73", "#7a8494", "#cc79a7", "#8a6d00")
_DARK: Final = ("#56b4e9", "#ff8a3d", "#2fc79a", "#a4aebd", "#e79cc6", "#e6c229")
"""Colours by Okabe and Ito; the first is for the main line."""


def _colours(colours: Sequence[str]) -> str:
    return "".join(
        f".line{n}{{stroke:{c}}}.dot{n}{{fill:{c}}}.name{n}{{fill:{c}}}\n"
        for n, c in enumerate(colours)
    )


# Rules are repeated for dark pages, because not every renderer supports CSS variables.
_STYLE: Final = f"""
text{{font-family:{_SANS};fill:#1f2733}}
.card{{fill:#ffffff;stroke:#dde2ea}}
.heading{{font-size:17px;font-weight:600}}
.axis{{font-size:12px;fill:#5b6675}}
.scale{{font-size:11px;fill:#7a8494}}
.name{{font-size:13px;font-weight:600}}
.rule{{stroke:#e8ecf1;stroke-width:1}}
.reference{{stroke:#7a8494;stroke-width:1.2;stroke-dasharray:5 4}}
.line{{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}}
{_colours(_LIGHT)}@media (prefers-color-scheme:dark){{
text{{fill:#e6eaf0}}
.card{{fill:#11161d;stroke:#2b333f}}
.axis{{fill:#a4aebd}}
.scale{{fill:#8c97a8}}
.rule{{stroke:#222a34}}
{_colours(_DARK)}}}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A named line through points."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis."""

    name: str
    is_log: bool = False
    ticks: Sequence[float] = ()
    """Tick values; empty for round ones."""


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    """Position of the lowest value, in pixels."""
    end: float
    is_log: bool

    @classmethod
    def over(
        cls, values: Sequence[float], start: float, end: float, *, is_log: bool, room: float = 1.0
    ) -> "_Scale":
        low, high = min(values), max(values)
        if not is_log:
            low, high = min(low, 0.0), high * room
        if low == high:
            low, high = low * 0.5, high * 2.0
        return cls(low, high, start, end, is_log)

    def at(self, value: float) -> float:
        """Return the position of a value, in pixels."""
        value, low, high = (
            (math.log(v) if self.is_log else v) for v in (value, self.low, self.high)
        )
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def round_values(self) -> list[float]:
        """Return round tick values within the scale."""
        if self.is_log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            values = [step * 10.0**power for power in powers for step in (1, 2, 5)]
        else:
            rough = (self.high - self.low) / 6
            power = 10.0 ** math.floor(math.log10(rough))
            step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough)
            first = math.ceil(self.low / step)
            values = [step * n for n in range(first, math.floor(self.high / step) + 1)]
        return [value for value in values if self.low <= value <= self.high]


def line_plot(
    lines: Sequence[Line],
    *,
    heading: str,
    x: Axis,
    y: Axis,
    reference: float | None = None,
    has_dots: bool = True,
) -> str:
    """Draw lines, each labelled at its end.

    Args:
        lines: at least one point in all; the first line is what the plot is about.
        heading: title of the picture.
        x: the horizontal axis.
        y: the vertical axis.
        reference: a height that is drawn as a broken line.
        has_dots: whether every point is marked.

    Returns:
        An SVG document.

    Raises:
        ValueError: there are no points.
    """
    points = [point for line in lines for point in line.points]
    if not points:
        raise ValueError("there is nothing to draw; measure at least one point")
    heights = [point[1] for point in points] + ([] if reference is None else [reference])
    across = _Scale.over([p[0] for p in points], _LEFT, _RIGHT, is_log=x.is_log)
    up = _Scale.over(heights, _BOTTOM, _TOP, is_log=y.is_log, room=1.04)
    body = [_frame(across, up, x, y)]
    if reference is not None:
        height = _px(up.at(reference))
        body.append(f'<path class="reference" d="M{_px(_LEFT)} {height}H{_px(_RIGHT)}"/>')
    for number, line in enumerate(lines):
        body.append(_path(number, line, across, up))
        if has_dots:
            body.append(_dots(number, line, across, up))
    body.append(_names(lines, up))
    about = escape(f"{y.name} over {x.name}: {', '.join(line.name for line in lines)}.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-labelledby="plot-title plot-about">'
        f'<title id="plot-title">{escape(heading)}</title><desc id="plot-about">{about}</desc>'
        f"<style>{_STYLE}</style>"
        f'<rect class="card" x=".5" y=".5" width="{_WIDTH - 1}" height="{_HEIGHT - 1}" rx="12"/>'
        f'<text class="heading" x="32" y="37">{escape(heading)}</text>{"".join(body)}</svg>\n'
    )


def write_plot(path: Path, plot: str) -> None:
    """Write the SVG document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(plot, encoding="utf-8")


def _frame(across: _Scale, up: _Scale, x: Axis, y: Axis) -> str:
    parts = []
    for value in y.ticks or up.round_values():
        height = up.at(value)
        parts.append(
            f'<path class="rule" d="M{_px(_LEFT)} {_px(height)}H{_px(_RIGHT)}"/>'
            f'<text class="scale" x="{_px(_LEFT - 10)}" y="{_px(height + 4)}" text-anchor="end">'
            f"{value:g}</text>"
        )
    for value in x.ticks or across.round_values():
        parts.append(
            f'<text class="scale" x="{_px(across.at(value))}" y="{_px(_BOTTOM + 20)}" '
            f'text-anchor="middle">{value:g}</text>'
        )
    middle = (_LEFT + _RIGHT) / 2
    parts.append(
        f'<text class="axis" x="{_px(middle)}" y="{_px(_BOTTOM + 44)}" text-anchor="middle">'
        f"{escape(x.name)}</text>"
        f'<text class="axis" x="{_px(_LEFT - 10)}" y="{_px(_TOP - 16)}" text-anchor="end">'
        f"{escape(y.name)}</text>"
    )
    return "".join(parts)


def _path(number: int, line: Line, across: _Scale, up: _Scale) -> str:
    if not line.points:
        return ""
    path = "L".join(f"{_px(across.at(x))} {_px(up.at(y))}" for x, y in line.points)
    return f'<path class="line line{number % len(_LIGHT)}" d="M{path}"/>'


def _dots(number: int, line: Line, across: _Scale, up: _Scale) -> str:
    return "".join(
        f'<circle class="dot{number % len(_LIGHT)}" cx="{_px(across.at(x))}" '
        f'cy="{_px(up.at(y))}" r="3.2">'
        f"<title>{escape(line.name)}: {x:g}, {y:.3g}</title></circle>"
        for x, y in line.points
    )


def _names(lines: Sequence[Line], up: _Scale) -> str:
    """Label each line at its end; labels that would touch are moved apart."""
    ends = sorted(
        (up.at(line.points[-1][1]), number, line.name)
        for number, line in enumerate(lines)
        if line.points
    )
    labels, lowest = [], -math.inf
    for height, number, name in ends:
        lowest = max(height, lowest + _LABEL_GAP)
        labels.append(
            f'<text class="name name{number % len(_LIGHT)}" x="{_px(_RIGHT + 14)}" '
            f'y="{_px(lowest + 4)}">{escape(name)}</text>'
        )
    return "".join(labels)


def _px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
