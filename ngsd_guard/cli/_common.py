"""What the commands share: their options, the console, and how a pair is opened."""

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, cast

import typer
from rich.console import Console

if TYPE_CHECKING:
    from ngsd_guard.config import PresetName
    from ngsd_guard.engine import Engine

_PIPED_WIDTH: Final = 100
FAINT: Final = "bright_black"

Base = Annotated[
    str, typer.Option(help="Model to protect: a folder, a hub id, or the embedded pair.")
]
Expert = Annotated[
    str | None, typer.Option(help="Its safety expert; the embedded pair brings its own.")
]
Preset = Annotated[
    str | None,
    typer.Option(help="Options: default, paper or reference; else the pair's calibration."),
]


def open_engine(base: str, expert: str | None, preset: str | None, audit: Path | None) -> "Engine":
    """Load what a command works with; the seam at which tests put in a scripted pair.

    Args:
        base: a folder, a hub id, or `ngsd-mini`.
        expert: likewise; None only with the embedded pair.
        preset: name of an option preset; None for the pair's calibration, or the default.
        audit: path of the audit log; None records nothing.

    Raises:
        NGSDError: an option is wrong, or a model cannot be loaded.
    """
    # Here, not above: `--help` should not wait for torch.
    from ngsd_guard.audit import AuditLog
    from ngsd_guard.config import NGSDConfig
    from ngsd_guard.engine import load_engine

    log = None if audit is None else AuditLog(audit, trace_rate=1.0)
    config = None if preset is None else NGSDConfig.preset(cast("PresetName", preset))
    return load_engine(base, expert, config, audit=log)


def make_console() -> Console:
    """Return a console that survives bytes that are not text, wide enough in a pipe."""
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):  # bytes that are no text must not end the program
            stream.reconfigure(errors="replace")
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPED_WIDTH
    return console


def one_line(error: Exception) -> str:
    """Return an error's message on one line."""
    return " ".join(str(error).split())
