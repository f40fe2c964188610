"""The tables of an evaluation in a terminal."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ngsd_guard.evaluation._against import Comparison
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation._tables import TableText, notes_of, tables_of

_FAINT: Final = "bright_black"
_WIDE: Final = 4
"""Number of columns from which intervals are printed below their rates."""
_INDENTED: Final = "↳"
_OUTCOME_STYLES: Final = {"better": "green", "worse": "bold red", "same": _FAINT}


def print_report(report: Report, console: Console) -> None:
    """Print the tables and notes of a report."""
    for table in tables_of(report):
        console.print(_table(table))
        console.print()
    for note in notes_of(report):
        console.print(Text(note, _FAINT))


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print what changed since an earlier report."""
    worse = [change for change in comparison.changes if change.outcome == "worse"]
    changed = [c for c in comparison.changes if c.p_value is None or c.difference.value]
    table = Table(
        title="Against the earlier report, %",
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for index, name in enumerate(("", "measure", "n", "before", "after", "change", "p", "")):
        table.add_column(name, justify="right" if 1 < index < 7 else "left", no_wrap=index == 2)
    for change in changed:
        table.add_row(
            change.row,
            change.measure,
            str(change.after.n),
            f"{100 * change.before.value:.1f}",
            f"{100 * change.after.value:.1f}",
            _cell(str(change.difference), True),
            "" if change.p_value is None else f"{change.p_value:.3f}",
            Text(change.outcome, _OUTCOME_STYLES[change.outcome]),
        )
    console.print(table)
    num_same = len(comparison.changes) - len(changed)
    if num_same:
        console.print(Text(f"{num_same} measures of rows did not change.", _FAINT))
    for note in comparison.notes:
        console.print(Text(note, _FAINT))
    if worse:
        names = dict.fromkeys(f"{change.measure} ({change.row})" for change in worse)
        console.print(Text(f"Worse beyond chance: {', '.join(names)}.", "bold red"))
    else:
        console.print(Text("Nothing became worse beyond chance.", "bold"))


def _table(text: TableText) -> Table:
    table = Table(
        title=text.title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    num_figures = len(text.columns) - 2
    for index, name in enumerate(text.columns):
        is_label = index == 0
        table.add_column(name, justify="left" if is_label else "right", no_wrap=index == 1)
    for row in text.rows:
        is_below = row[0].startswith(_INDENTED)
        label = Text(row[0], _FAINT if is_below else "")
        table.add_row(label, *(_cell(cell, num_figures >= _WIDE) for cell in row[1:]))
    return table


def _cell(text: str, is_narrow: bool) -> Text:
    figure, bracket, interval = text.partition(" [")
    if not bracket:
        return Text(text)
    return Text.assemble(figure, "\n" if is_narrow else " ", (f"[{interval}", _FAINT))
