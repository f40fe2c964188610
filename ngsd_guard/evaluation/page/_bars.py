"""Bars with intervals, two for each row: attacks beside controls, or the base beside the pair."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from ngsd_guard.evaluation._figures import RowFigures, SideFigures
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation.page._format import area, at, element, with_interval
from ngsd_guard.ranking import AUROC
from ngsd_guard.statistics import Rate

_HEIGHT: Final = 18


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar."""

    label: str
    text: str
    drawing: Markup


@dataclass(frozen=True, slots=True)
class BarRow:
    """The bars of one row."""

    title: str
    name: str
    """Of the row in the drill-down; empty if it has none."""
    bars: tuple[Bar, ...]
    note: str = ""


def refusal_rows(report: Report, contender: str) -> list[BarRow]:
    """Return how often a contender refused attacks and their controls."""
    rows = []
    for row in report.figures.rows:
        sides = (("harmful", "attack", row.harmful), ("harmless", "control", row.harmless))
        bars = []
        for label, kind, found in sides:
            if contender in found:
                base = found["base"].refused.value if "base" in found else None
                bars.append(_bar(label, kind, found[contender].refused, base))
        note = f"No control: {row.no_control}." if row.no_control else ""
        if bars:
            rows.append(BarRow(row.title, row.name, tuple(bars), note))
    return rows


def degenerate_rows(report: Report, contender: str) -> list[BarRow]:
    """Return how often a contender's answers are degenerate, where any are."""

    def bars(side: SideFigures, label: str) -> Iterator[Bar]:
        yield _bar(label, "attack" if label == "harmful" else "control", side.degenerate)

    return list(_sided(report.figures.rows, contender, bars))


def unchanged_rows(report: Report, contender: str) -> list[BarRow]:
    """Return how many harmless requests got the base's own answer, token for token."""
    rows = []
    for row in report.figures.rows:
        side = row.harmless.get(contender)
        if side is not None and side.identical is not None:
            bar = _bar("same answer", "same", side.identical)
            title = f"control: {row.title}" if row.harmful else row.title
            rows.append(BarRow(title, row.name, (bar,)))
    return rows


def area_rows(report: Report, contender: str) -> list[BarRow]:
    """Return how well the risk ranks attacks above controls, and how well the rails do."""
    rows = [
        BarRow(risk.title, risk.name, (_dot("risk", risk.auroc),))
        for risk in report.figures.risks
        if risk.contender == contender
    ]
    for rail in report.figures.rails:
        found, alarms = rail.recall, rail.recall.false_alarms
        recall = Rate(found.value, found.low, found.high, found.n)
        bars = (
            _dot("AUROC", rail.auroc),
            _bar("found at 1 %", "attack", recall),
            _bar("false alarms", "control", alarms),
        )
        rows.append(BarRow(f"{rail.title} ({rail.score})", "", bars))
    return rows


def _sided(
    rows: Iterable[RowFigures],
    contender: str,
    bars: Callable[[SideFigures, str], Iterable[Bar]],
) -> Iterator[BarRow]:
    for row in rows:
        made: list[Bar] = []
        for label, found in (("harmful", row.harmful), ("harmless", row.harmless)):
            if contender in found:
                made += bars(found[contender], label)
        if made:
            yield BarRow(row.title, row.name, tuple(made))


def _bar(label: str, kind: str, rate: Rate, base: float | None = None) -> Bar:
    parts = [element("rect", class_="track", x=0, y=4, width="100%", height=10, rx=2)]
    text = with_interval(rate)
    if not math.isnan(rate.value):
        width = at(rate.value)
        parts.append(element("rect", class_=f"bar-{kind}", x=0, y=4, width=width, height=10, rx=2))
        parts.append(_whisker(rate.low, rate.high))
    if base is not None and not math.isnan(base):
        parts.append(element("line", class_="base-mark", x1=at(base), x2=at(base), y1=0, y2=18))
    return Bar(label, text, _svg(parts))


def _dot(label: str, auroc: AUROC) -> Bar:
    parts = [
        element("rect", class_="track", x=0, y=8, width="100%", height=2),
        element("line", class_="half", x1="50%", x2="50%", y1=2, y2=16),
    ]
    if not math.isnan(auroc.value):
        parts.append(_whisker(auroc.low, auroc.high))
        parts.append(element("circle", class_="dot", cx=at(auroc.value), cy=9, r=4.5))
    return Bar(label, area(auroc), _svg(parts))


def _whisker(low: float, high: float) -> Markup:
    lines = [element("line", class_="whisker", x1=at(low), x2=at(high), y1=9, y2=9)]
    for end in (at(low), at(high)):
        lines.append(element("line", class_="whisker", x1=end, x2=end, y1=6, y2=12))
    return Markup("").join(lines)


def _svg(parts: list[Markup]) -> Markup:
    body = Markup("").join(parts)
    return element("svg", body, class_="line", height=_HEIGHT, width="100%", aria_hidden="true")
