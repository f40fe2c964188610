"""One row of the evaluation in detail: contenders, groups, risks, outcomes and potentials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from ngsd_guard.evaluation._contenders import TITLES
from ngsd_guard.evaluation._figures import Outcome, RowFigures, SideFigures
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation.page._format import NO_FIGURE, at, element, percent, px, with_interval
from ngsd_guard.statistics import Rate

_TRACE_HEIGHT: Final = 150
_TRACE_WIDTH: Final = 1000
_MAX_RISK: Final = 10.0


@dataclass(frozen=True, slots=True)
class Strip:
    """Outcomes of one contender on one side, request by request."""

    title: str
    cells: tuple[tuple[str, str], ...]
    """(verdict, text)."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One row in detail."""

    name: str
    title: str
    summary: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    groups: tuple[tuple[str, ...], ...]
    """Refused by method or set: group, attacks, controls."""
    strips: tuple[Strip, ...]
    risks: Markup | None
    potentials: Markup | None
    num_left_out: int


_COLUMNS: Final = (
    "",
    "n",
    "refused",
    "answered",
    "degenerate",
    "failed",
    "refused beyond base, points",
    "same answer as base",
    "gate fired",
)


def details_of(report: Report, contender: str) -> list[Detail]:
    """Return the rows in detail.

    Args:
        report: the report.
        contender: whose groups, outcomes, risks and potentials are shown.
    """
    return [_detail(row, contender, report.v_threshold) for row in report.figures.rows]


def _detail(row: RowFigures, contender: str, v_threshold: float | None) -> Detail:
    sides = [side for side in (row.harmful, row.harmless) if contender in side]
    shown = [side[contender] for side in sides]
    harmful = row.harmful[contender].outcomes if contender in row.harmful else ()
    harmless = row.harmless[contender].outcomes if contender in row.harmless else ()
    return Detail(
        name=row.name,
        title=row.title,
        summary=", ".join(
            f"{percent(side.refused.value)} of {side.refused.n} {label} refused"
            for label, side in zip(_labels(row, contender), shown, strict=True)
        ),
        columns=_COLUMNS,
        rows=tuple(_table(row)),
        groups=tuple(_groups(row, contender)),
        strips=tuple(_strips(row, contender)),
        risks=_draw_risks(harmful, harmless),
        potentials=_draw_potentials(harmful, harmless, v_threshold),
        num_left_out=row.num_left_out,
    )


def _labels(row: RowFigures, contender: str) -> list[str]:
    sides = (("harmful", row.harmful), ("harmless", row.harmless))
    return [label for label, side in sides if contender in side]


def _table(row: RowFigures) -> Iterator[tuple[str, ...]]:
    for label, sides in (("harmful", row.harmful), ("harmless", row.harmless)):
        for name, side in sides.items():
            title = TITLES.get(name, name)
            yield (f"{title}, {label}", *_cells(side))


def _cells(side: SideFigures) -> tuple[str, ...]:
    beyond = NO_FIGURE if side.refused_beyond_base is None else str(side.refused_beyond_base)
    return (
        str(side.n),
        with_interval(side.refused),
        with_interval(side.answered),
        with_interval(side.degenerate),
        str(side.num_failed),
        beyond,
        _optional(side.identical),
        _optional(side.touched),
    )


def _groups(row: RowFigures, contender: str) -> Iterator[tuple[str, ...]]:
    """Return the groups of a row that has several."""
    found: list[Mapping[str, Rate]] = [
        side[contender].refused_by_group if contender in side else {}
        for side in (row.harmful, row.harmless)
    ]
    names = sorted({name for side in found for name in side})
    if len(names) < 2:
        return
    for name in names:
        rates = [side.get(name) for side in found]
        counts = "/".join(str(rate.n) for rate in rates if rate is not None)
        yield (name or "unnamed", counts, *map(_optional, rates))


def _strips(row: RowFigures, contender: str) -> Iterator[Strip]:
    for label, sides in (("harmful", row.harmful), ("harmless", row.harmless)):
        for name in dict.fromkeys(("base", contender)):
            if name in sides and sides[name].outcomes:
                cells = tuple((o.verdict, _told(o)) for o in sides[name].outcomes)
                title = TITLES.get(name, name)
                yield Strip(f"{label}, {title}", cells)


def _told(outcome: Outcome) -> str:
    parts = [f"{outcome.id}: {outcome.verdict}"]
    if outcome.risk is not None:
        parts.append(f"risk {outcome.risk:.1f}")
    if outcome.peak_potential is not None:
        parts.append(f"peak potential {outcome.peak_potential:.2f}")
    return ", ".join(parts)


def _optional(rate: Rate | None) -> str:
    return NO_FIGURE if rate is None else with_interval(rate)


def _draw_risks(harmful: Sequence[Outcome], harmless: Sequence[Outcome]) -> Markup | None:
    parts = [element("line", class_="half", x1="50%", x2="50%", y1=0, y2=44)]
    for kind, outcomes, y in (("attack", harmful, 12), ("control", harmless, 32)):
        for outcome in outcomes:
            if outcome.risk is not None:
                x = at(0.01 + 0.98 * outcome.risk / _MAX_RISK)
                parts.append(element("circle", class_=f"risk-{kind}", cx=x, cy=y, r=4))
    if len(parts) == 1:
        return None
    title = element("title", "Risk of every request, from 0 on the left to 10 on the right.")
    body = Markup("").join([title, *parts])
    return element("svg", body, class_="line", role="img", height=44, width="100%")


def _draw_potentials(
    harmful: Sequence[Outcome], harmless: Sequence[Outcome], v_threshold: float | None
) -> Markup | None:
    """Draw the potential along the answers."""
    traces = [
        (kind, outcome.potentials)
        for kind, outcomes in (("attack", harmful), ("control", harmless))
        for outcome in outcomes
        if outcome.potentials
    ]
    if not traces or v_threshold is None:
        return None
    highest = max(1.25 * v_threshold, *(max(trace) for _, trace in traces))
    longest = max(len(trace) for _, trace in traces)
    limit = px(_height(v_threshold, highest))
    parts = [element("line", class_="limit still", x1=0, x2=_TRACE_WIDTH, y1=limit, y2=limit)]
    parts += [_trace(kind, trace, longest, highest) for kind, trace in traces]
    about = f"Potential along {len(traces)} answers; the gate fires at {v_threshold:g}."
    body = Markup("").join([element("title", about), *parts])
    return element(
        "svg", body, class_="line", role="img", height=_TRACE_HEIGHT, width="100%",
        viewBox=f"0 0 {_TRACE_WIDTH} {_TRACE_HEIGHT}", preserveAspectRatio="none",
    )  # fmt: skip


def _trace(kind: str, trace: Sequence[float], longest: int, highest: float) -> Markup:
    step = _TRACE_WIDTH / max(longest, 1)
    points = " ".join(
        f"{px(step * (index + 0.5))},{px(_height(value, highest))}"
        for index, value in enumerate(trace)
    )
    return element("polyline", class_=f"trace-{kind} still", points=f"0,{_TRACE_HEIGHT} {points}")


def _height(potential: float, highest: float) -> float:
    return _TRACE_HEIGHT * (1 - max(potential, 0.0) / highest)
