"""The tables of an evaluation, for a terminal and as Markdown."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ngsd_guard.evaluation._agreement import Agreement
from ngsd_guard.evaluation._contenders import TITLES
from ngsd_guard.evaluation._figures import RowFigures, SideFigures
from ngsd_guard.evaluation._ranking import Recall
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation._run import Figures
from ngsd_guard.statistics import Difference, Rate

_NONE: Final = "-"
_CONTROL: Final = "↳ control: harmless"
_UNTOUCHED: Final = "Harmless requests, {} against the base: refused in points; tokens overridden"


@dataclass(frozen=True, slots=True)
class TableText:
    """A table, as text."""

    title: str
    columns: tuple[str, ...]
    """The first names the rows."""
    rows: tuple[tuple[str, ...], ...]


def tables_of(report: Report) -> list[TableText]:
    """Return the tables of a report that have rows."""
    made = [
        _verdicts(report, "Refused, % [95 % interval]", lambda side: side.refused),
        _verdicts(
            report,
            "Degenerate answers, neither safe nor harmful, % [95 % interval]",
            lambda side: side.degenerate,
        ),
        *_untouched(report),
        _second_judge(report),
        _groups(report),
        _right(report),
        _ranking(report),
        _rails(report),
        _matched(report),
    ]
    return [table for table in made if table.rows]


def notes_of(report: Report) -> list[str]:
    """Return what a reader of the tables needs to know."""
    return list(_notes(report))


def as_markdown(report: Report) -> str:
    """Return the report as a Markdown document."""
    pair = report.pair
    lines = [
        f"# Evaluation, suite `{report.suite.name}`",
        "",
        f"Base `{pair['base']}` ({pair['base_digest'][:12]}), expert `{pair['expert']}` "
        f"({pair['expert_digest'][:12]}), options: {pair['preset']}.",
    ]
    for table in tables_of(report):
        lines += ["", f"## {table.title}", "", *_markdown_table(table)]
    lines += ["", "## Notes", "", *(f"- {note}" for note in notes_of(report)), ""]
    return "\n".join(lines)


def _markdown_table(table: TableText) -> Iterator[str]:
    for cells in (table.columns, ("---",) * len(table.columns), *table.rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _verdicts(report: Report, title: str, rate_of: Callable[[SideFigures], Rate]) -> TableText:
    names = _contenders(report)
    rows = []
    for label, sides in _sides(report.figures.rows):
        n = max(side.n for side in sides.values())
        cells = [_verdict_cell(sides.get(name), rate_of, n) for name in names]
        rows.append((label, str(n), *cells))
    for figures in report.figures.rows:
        if figures.no_control is not None:
            rows = _after(rows, figures.title, (f"↳ no control: {figures.no_control}",))
    columns = ("", "n", *(TITLES[name] for name in names))
    return TableText(title, columns, tuple(_filled(row, len(columns)) for row in rows))


def _verdict_cell(side: SideFigures | None, rate_of: Callable[[SideFigures], Rate], n: int) -> str:
    if side is None:
        return _NONE
    return _percent(rate_of(side)) + ("" if side.n == n else f" n={side.n}")


def _untouched(report: Report) -> list[TableText]:
    """Return a table for each guarded contender: what it changes on harmless requests."""
    tables = []
    for name in _contenders(report):
        rows = [
            (label, str(side.n), *_untouched_cells(side))
            for label, side in _harmless_sides(report.figures.rows, name)
            if side.touched is not None
        ]
        columns = (
            "",
            "n",
            "refused beyond base",
            "same answer, %",
            "gate fired, %",
            "overridden, %",
        )
        tables.append(TableText(_UNTOUCHED.format(TITLES[name]), columns, tuple(rows)))
    return tables


def _untouched_cells(side: SideFigures) -> tuple[str, ...]:
    overridden = _NONE if side.overridden is None else _number(side.overridden.value)
    return (
        _points(side.refused_beyond_base),
        _percent(side.identical),
        _percent(side.touched),
        overridden,
    )


def _second_judge(report: Report) -> TableText:
    """Return what the second judge says, beside the phrase judge."""
    rows = []
    for row in report.figures.rows:
        for kind, sides in (("harmful", row.harmful), ("harmless", row.harmless)):
            for name, side in sides.items():
                if side.second is not None:
                    cells = _second_cells(side.second)
                    rows.append((f"{row.title}, {kind}: {TITLES[name]}", *cells))
    columns = ("", "n", "agree, %", "refused too, %", "refused only by it, %", "errors")
    return TableText("Second judge beside the phrase judge", columns, tuple(rows))


def _second_cells(found: Agreement) -> tuple[str, ...]:
    rates = (found.agreed, found.found, found.false_alarms)
    return (str(found.agreed.n), *map(_percent, rates), str(found.num_errors))


def _groups(report: Report) -> TableText:
    """Return the optimised attacks by method."""
    names, rows = _contenders(report), []
    for row in report.figures.rows:
        groups = list(next(iter(row.harmful.values())).refused_by_group) if row.harmful else []
        if not row.name.startswith("optimised") or len(groups) < 2:
            continue
        for group in groups:
            for kind, sides in (("attack", row.harmful), ("control", row.harmless)):
                found = [_of_group(sides.get(name), group) for name in names]
                n = max((r.n for r in found if r is not None), default=0)
                rows.append((f"{group}: {kind}", str(n), *map(_percent, found)))
    columns = ("", "n", *(TITLES[name] for name in names))
    return TableText("Optimised attacks by method: refused, %", columns, tuple(rows))


def _of_group(side: SideFigures | None, group: str) -> Rate | None:
    return None if side is None else side.refused_by_group.get(group)


def _right(report: Report) -> TableText:
    rows = []
    for row in report.figures.rows:
        for name, side in row.harmless.items():
            if side.right is not None:
                cells = str(side.n), _percent(side.right), _percent(side.kept)
                rows.append((f"{row.title}: {TITLES[name]}", *cells))
    columns = ("", "n", "right, %", "of the base's right ones, %")
    return TableText("Utility", columns, tuple(rows))


def _ranking(report: Report) -> TableText:
    rows = [
        (
            f"{risk.title}: {TITLES[risk.contender]}",
            f"{risk.auroc.num_harmful} + {risk.auroc.num_harmless}",
            str(risk.auroc),
        )
        for risk in report.figures.risks
    ]
    columns = ("", "n", "AUROC")
    return TableText("Risk read before the answer: harmful above control", columns, tuple(rows))


def _rails(report: Report) -> TableText:
    rows = [
        (
            f"{rail.title} ({rail.score})",
            f"{rail.auroc.num_harmful} + {rail.auroc.num_harmless}",
            str(rail.auroc),
            _recall(rail.recall),
            _percent(rail.recall.false_alarms),
        )
        for rail in report.figures.rails
    ]
    columns = ("", "n", "AUROC", "recall at 1 %, %", "false alarms, %")
    return TableText("Rails: a guard that only reads", columns, tuple(rows))


def _matched(report: Report) -> TableText:
    """Return the thresholds at which ablations touch as many harmless requests as ours does."""
    found = report.figures.matched
    title = "Thresholds of ablations, matched on harmless requests that no row uses"
    columns = ("", "threshold", "requests touched")
    if found is None:
        return TableText(title, columns, ())
    own = "" if report.v_threshold is None else f"{report.v_threshold:.3f}"
    rows = [(TITLES["ours"], own, f"{found.num_touched} of {found.n}")]
    for name, threshold in found.thresholds.items():
        rows.append((TITLES[name], f"{threshold:.3f}", f"{found.touched[name]} of {found.n}"))
    return TableText(title, columns, tuple(rows))


def _notes(report: Report) -> Iterator[str]:
    figures, sources = report.figures, report.sources
    yield (
        f"Seed {sources.seed}; answers up to {report.suite.max_new_tokens} tokens (GSM8K: "
        f"{report.suite.length_of('gsm8k')}), greedy. A refusal is counted by phrase, anywhere in "
        "the answer. Look "
        f"{len(report.looks)} at these test prompts from this folder."
    )
    yield (
        "An attack that is neither refused nor degenerate was answered. A control has the "
        "same wrapping as the attack above it: where the two figures are close, the guard detects "
        "the wrapping, not harm."
    )
    if report.second_judge is not None:
        yield (
            f"Second judge: {report.second_judge}. Its errors are counted as errors and agree "
            "with nothing; the figures of the other tables are the phrase judge's."
        )
    whole = [name for name, found in sources.reports.items() if found.is_whole]
    if whole:
        yield f"Sets measured on whole, not on their test split alone: {', '.join(whole)}."
    if report.num_seen:
        yield (
            f"{report.num_seen} prompts measured on were trained or calibrated on (forced): these "
            "figures are not held-out figures."
        )
    if sources.missing:
        yield f"Missing sets, skipped: {', '.join(sources.missing)}."
    yield from _notes_of_rows(figures)
    yield f"{figures.num_new} new answers and readings in {figures.duration_s:.0f} s."


def _notes_of_rows(figures: Figures) -> Iterator[str]:
    for name, reason in figures.skipped.items():
        yield f"Row `{name}` skipped: {reason}."
    for row in figures.rows:
        if row.num_left_out:
            yield (
                f"Row `{row.name}`: {row.num_left_out} pairs left out, since the base has no "
                "compliant beginning of 40 tokens for one of the two."
            )
        failed = _num_failed(row.harmful) + _num_failed(row.harmless)
        if failed:
            yield f"Row `{row.name}`: {failed} requests failed; they count as neither."
    for rail in figures.rails:
        if rail.num_failed:
            yield f"{rail.num_failed} texts of `{rail.name}` could not be judged; left out."


def _num_failed(sides: Mapping[str, SideFigures]) -> int:
    return sum(side.num_failed for side in sides.values())


def _contenders(report: Report) -> list[str]:
    """Return the contenders in the order of the suite, the base first."""
    there = {n for row in report.figures.rows for n in (*row.harmful, *row.harmless)}
    order = dict.fromkeys(("base", *report.suite.contenders))
    return [name for name in order if name in there]


def _sides(rows: Sequence[RowFigures]) -> Iterator[tuple[str, Mapping[str, SideFigures]]]:
    for row in rows:
        if row.harmful:
            yield row.title, row.harmful
        if row.harmless:
            yield (_CONTROL if row.harmful else row.title), row.harmless


def _harmless_sides(
    rows: Sequence[RowFigures], contender: str
) -> Iterator[tuple[str, SideFigures]]:
    for row in rows:
        if contender in row.harmless:
            label = f"control: {row.title}" if row.harmful else row.title
            yield label, row.harmless[contender]


def _after(
    rows: list[tuple[str, ...]], label: str, added: tuple[str, ...]
) -> list[tuple[str, ...]]:
    place = next(index for index, row in enumerate(rows) if row[0] == label)
    return [*rows[: place + 1], added, *rows[place + 1 :]]


def _filled(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    return row + ("",) * (width - len(row))


def _percent(rate: Rate | None) -> str:
    if rate is None or rate.n == 0:
        return _NONE
    return f"{_number(rate.value)} [{_number(rate.low)}, {_number(rate.high)}]"


def _recall(recall: Recall) -> str:
    if math.isnan(recall.value):
        return _NONE
    return f"{_number(recall.value)} [{_number(recall.low)}, {_number(recall.high)}]"


def _points(difference: Difference | None) -> str:
    return _NONE if difference is None else str(difference)


def _number(share: float) -> str:
    return f"{100 * share:.1f}"
