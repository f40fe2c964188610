"""Reports: Markdown tables, figures with their targets, and the machine."""

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
"""Width without a terminal, enough for every table."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with a target."""

    name: str
    measured: str
    target: str


@dataclass(slots=True)
class Section:
    """The results of one part of a benchmark."""

    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    """Raw measurements for `--json`."""


def note(text: str) -> None:
    """Report progress on standard error."""
    Console(stderr=True, highlight=False).print(text)


def make_table(title: str, left: Sequence[str], right: Iterable[str]) -> Table:
    """Return an empty table, with text aligned left and figures aligned right."""
    table = Table(title=escape(title), title_justify="left", box=box.MARKDOWN)
    for name in left:
        table.add_column(name, no_wrap=True)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def show(value: object, form: str = "") -> str:
    """Return a figure as text, or a dash if it was not measured."""
    return "-" if value is None else format(value, form)


def print_sections(
    title: str, sections: Sequence[Section], device: torch.device | None = None
) -> None:
    """Print the machine, all tables and notes, and the figures with their targets."""
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
        table = make_table("Figures and targets", ["figure"], ["measured", "target"])
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
    """Write all measurements as JSON."""
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
    """Return the processor or GPU, the threads and the versions that the figures depend on."""
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
