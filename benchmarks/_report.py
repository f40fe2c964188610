"""Tables in Markdown, figures against their targets, and the machine they were measured on."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import transformers
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDTH = 170
"""Wide enough for every table, so that none is cut where there is no terminal."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that the package is held to."""

    name: str
    measured: str
    target: str


@dataclass(slots=True)
class Section:
    """What one part of a benchmark found."""

    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    """For `--json`."""


def note(text: str) -> None:
    """Say on the standard error stream what is being done."""
    Console(stderr=True, highlight=False).print(text)


def make_table(title: str, left: Sequence[str], right: Iterable[str]) -> Table:
    """Return an empty table: words to the left, figures to the right."""
    table = Table(title=escape(title), title_justify="left", box=box.MARKDOWN)
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def show(value: object, form: str = "") -> str:
    """Return a figure as text, and a dash for one that was not measured."""
    return "-" if value is None else format(value, form)


def print_sections(
    title: str, sections: Sequence[Section], device: torch.device | None = None
) -> None:
    """Print the machine, all tables and notes, and the figures against their targets."""
    console = Console(width=_WIDTH, highlight=False)
    console.print(f"{title}: {machine_line(device)}\n", markup=False)
    for section in sections:
        for table in section.tables:
            console.print(table)
        for text in section.notes:
            console.print(text, markup=False)
        console.print()
    figures = [figure for section in sections for figure in section.figures]
    if figures:
        table = make_table("Figures against their targets", ["figure"], ["measured", "target"])
        for figure in figures:
            table.add_row(figure.name, figure.measured, figure.target)
        console.print(table)


def write_json(
    path: Path,
    title: str,
    options: Any,
    sections: dict[str, Section],
    device: torch.device | None = None,
) -> None:
    """Write every measurement."""
    content = {
        "title": title,
        "machine": machine_line(device),
        "options": {key: str(value) for key, value in vars(options).items()},
        "sections": {name: section.data for name, section in sections.items()},
        "figures": [
            {"name": f.name, "measured": f.measured, "target": f.target}
            for section in sections.values()
            for f in section.figures
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def machine_line(device: torch.device | None = None) -> str:
    """Return what the figures depend on: processor or card, threads, versions."""
    is_card = device is not None and device.type == "cuda"
    processor = torch.cuda.get_device_name(device) if is_card else _processor()
    return (
        f"{processor}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"torch {torch.__version__}, transformers {transformers.__version__}, "
        f"Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
