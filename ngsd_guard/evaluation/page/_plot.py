"""The plot of safety, utility and cost: one point for each contender."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from ngsd_guard.evaluation._contenders import TITLES
from ngsd_guard.evaluation._figures import RowFigures, SideFigures
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation.page._format import at, element, percent, px, with_interval
from ngsd_guard.statistics import Rate, rate_of_share

_TOP: Final = 16.0
_HEIGHT: Final = 360.0
_BOTTOM: Final = 36.0
_LABEL_GAP: Final = 17.0
_LEFT: Final = 0.08
_RIGHT: Final = 0.97
_STEPS: Final = (0.1, 0.2, 0.3, 0.5, 1.0)
"""Lengths of the x axis to choose from, as shares of harmless requests."""


@dataclass(frozen=True, slots=True)
class Point:
    """A contender on the plot."""

    name: str
    title: str
    refused_harmful: Rate
    refused_harmless: Rate
    changed: float
    """Share of harmless requests that do not get the base's answer."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The row of the table below the plot."""
        return (
            self.title,
            with_interval(self.refused_harmful),
            with_interval(self.refused_harmless),
            percent(self.changed),
            f"{self.refused_harmful.n} + {self.refused_harmless.n}",
        )


def shared_rows(report: Report) -> list[RowFigures]:
    """Return the rows with a control that all contenders of the run answered."""
    rows = report.figures.rows
    names = {name for row in rows for name in row.harmful} | {"base"}
    return [r for r in rows if names <= r.harmful.keys() and names <= r.harmless.keys()]


def points_of(report: Report) -> list[Point]:
    """Return a point for each contender, over the rows that all of them answered.

    The requests recur from row to row in other wrappings, so that an interval counts each of them
    once.
    """
    rows = shared_rows(report)
    if not rows:
        return []
    order = dict.fromkeys(("base", *report.suite.contenders))
    names = [name for name in order if name in rows[0].harmful]
    return [_point(name, rows) for name in names]


def _point(name: str, rows: Sequence[RowFigures]) -> Point:
    harmful = [row.harmful[name] for row in rows]
    harmless = [row.harmless[name] for row in rows]
    changed = 0.0
    if name != "base":
        changed = 1 - _pooled(harmless, lambda side: side.identical).value
    return Point(
        name=name,
        title=TITLES.get(name, name),
        refused_harmful=_pooled(harmful, lambda side: side.refused),
        refused_harmless=_pooled(harmless, lambda side: side.refused),
        changed=changed,
    )


def _pooled(sides: Sequence[SideFigures], of: Callable[[SideFigures], Rate | None]) -> Rate:
    rates = [found for side in sides if (found := of(side)) is not None and found.n]
    n = sum(found.n for found in rates)
    if n == 0:
        return rate_of_share(math.nan, 0)
    share = sum(found.value * found.n for found in rates) / n
    return rate_of_share(share, max(found.n for found in rates))


def draw_plot(points: Sequence[Point]) -> Markup:
    """Draw the points: harmful requests refused against harmless ones refused."""
    longest = max((point.refused_harmless.value for point in points), default=0.0)
    x_max = next(step for step in _STEPS if longest * 1.15 <= step or step == 1.0)

    def x(share: float) -> str:
        return at(_LEFT + (_RIGHT - _LEFT) * min(share / x_max, 1.0))

    parts = [_axes(x, x_max)]
    labels = _label_heights(points)
    parts += [_draw_point(point, x) for point in sorted(points, key=lambda p: -p.changed)]
    parts += [_label(point, x, labels[point.name], x_max) for point in points]
    told = "; ".join(
        f"{p.title}: {percent(p.refused_harmful.value)} of harmful and "
        f"{percent(p.refused_harmless.value)} of harmless requests refused"
        for p in points
    )
    title = element("title", f"Safety against over-refusal. {told}.")
    body = Markup("").join([title, *parts])
    return element("svg", body, class_="plot", role="img", height=px(_HEIGHT), width="100%")


def _y(share: float) -> float:
    return _TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(x: Callable[[float], str], x_max: float) -> Markup:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = px(_y(share))
        parts.append(element("line", class_="grid", x1=x(0), x2=x(x_max), y1=y, y2=y))
        parts.append(
            element("text", f"{100 * share:.0f}", x=x(0), dx=-8, y=y, dy=4, text_anchor="end")
        )
        tick = share * x_max
        number = f"{100 * tick:.1f}".removesuffix(".0")
        y_label = px(_HEIGHT - _BOTTOM + 18)
        parts.append(element("text", number, x=x(tick), y=y_label, text_anchor="middle"))
    return Markup("").join(parts)


def _draw_point(point: Point, x: Callable[[float], str]) -> Markup:
    harmful, harmless = point.refused_harmful, point.refused_harmless
    cx, cy = x(harmless.value), px(_y(harmful.value))
    kind = "ours" if point.name == "ours" else "other"
    radius = 5 + 8 * math.sqrt(max(point.changed, 0.0))
    return Markup("").join(
        [
            element("line", class_=f"reach {kind}", x1=x(harmless.low), x2=x(harmless.high),
                    y1=cy, y2=cy),
            element("line", class_=f"reach {kind}", x1=cx, x2=cx,
                    y1=px(_y(harmful.low)), y2=px(_y(harmful.high))),
            element("circle", class_=f"point {kind}", cx=cx, cy=cy, r=px(radius)),
        ]
    )  # fmt: skip


def _label(point: Point, x: Callable[[float], str], y: float, x_max: float) -> Markup:
    radius = 5 + 8 * math.sqrt(max(point.changed, 0.0))
    is_far = point.refused_harmless.value > 0.6 * x_max
    kind = "ours" if point.name == "ours" else "other"
    return element(
        "text",
        point.title,
        class_=f"point-label {kind}",
        x=x(point.refused_harmless.value),
        dx=px(-radius - 6) if is_far else px(radius + 6),
        y=px(y + 4.5),
        text_anchor="end" if is_far else "start",
    )


def _label_heights(points: Sequence[Point]) -> Mapping[str, float]:
    """Return the heights of the labels, moved apart where they would overlap."""
    ranked = sorted(points, key=lambda p: (p.refused_harmful.value, p.refused_harmless.value))
    heights: dict[str, float] = {}
    above = math.inf
    for point in ranked:  # from the lowest point upwards
        above = min(_y(point.refused_harmful.value), above - _LABEL_GAP)
        heights[point.name] = above
    below = -math.inf
    for point in reversed(ranked):  # and back down, below the top edge
        below = max(heights[point.name], below + _LABEL_GAP, _TOP)
        heights[point.name] = below
    return heights
