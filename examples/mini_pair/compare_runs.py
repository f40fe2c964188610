"""Report which figures of a second training run lie within the intervals of the first.

Example: `python compare_runs.py runs/eval.json runs/eval-seed-2.json`, both by `evaluate.py`.
"""

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from evaluate import Outcome, figures
from suites import Case

_INTERVAL: Final = re.compile(r"([\d.]+)%? \[([\d.]+)%?, ([\d.]+)%?\]")


def load(path: Path) -> tuple[list[Case], list[Outcome]]:
    """Read what `evaluate.py` wrote: the kind of each request, and its outcome."""
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    names = {field.name for field in fields(Outcome)}
    outcomes = [
        Outcome(**{name: value for name, value in row.items() if name in names} | {"index": index})
        for index, row in enumerate(rows)
    ]
    cases = [
        Case(row["group"], row["suite"], [], is_public="(public)" in row["suite"]) for row in rows
    ]
    return cases, outcomes


def lands_within(first: str, second: str) -> str:
    """Say whether a figure lies in the interval of another; "-" where there is none."""
    here, there = _INTERVAL.search(first), _INTERVAL.search(second)
    if here is None or there is None:
        return "-"
    return "yes" if float(here[2]) <= float(there[1]) <= float(here[3]) else "no"


def compare(first: Path, second: Path) -> Table:
    """Return a table of the figures of two runs side by side."""
    columns = [_cells(figures(*load(path))) for path in (first, second)]
    table = Table(title="Two training runs", title_justify="left", box=box.MARKDOWN)
    for name in ("figure", "first run", "second run", "within its interval"):
        table.add_column(name, no_wrap=True)
    for (name, here), (_, there) in zip(*columns, strict=True):
        table.add_row(name, here, there, lands_within(here, there))
    return table


def _cells(table: Table) -> Sequence[tuple[str, str]]:
    names, values, _ = (list(column.cells) for column in table.columns)
    return [(str(name), str(value)) for name, value in zip(names, values, strict=True)]


def main() -> None:
    """Parse the arguments and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path, help="outcomes of the first run")
    parser.add_argument("second", type=Path, help="outcomes of the second, of the same requests")
    args = parser.parse_args()
    Console(width=200).print(compare(args.first, args.second))


if __name__ == "__main__":
    main()
