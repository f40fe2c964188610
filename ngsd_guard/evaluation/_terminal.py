"""The tables of an evaluation in a terminal."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation._tables import TableText, notes_of, tables_of

_FAINT: Final = "bright_black"
_WIDE: Final = 4
"""Number of columns from which intervals are printed below their rates."""
_INDENTED: Final = "↳"


def print_report(report: Report, console: Console) -> None:
    """Print the tables and notes of a report."""
    for table in tables_of(report):
        console.print(_table(table))
        console.print()
    for note in notes_of(report):
        console.print(Text(note, _FAINT))


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
