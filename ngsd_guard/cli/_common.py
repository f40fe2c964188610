"""Shared parts of the commands: common options, the console, and loading a pair."""

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
    from ngsd_guard.pairs import Backend

_PIPED_WIDTH: Final = 100
FAINT: Final = "bright_black"

Base = Annotated[
    str,
    typer.Option(
        "--base",
        "--pair",
        help="Model to protect: a known pair (see `pairs`), a folder, a GGUF file or a hub id.",
    ),
]
Expert = Annotated[
    str | None,
    typer.Option(help="Safety expert: a folder or a hub id; a known pair brings its own."),
]
Preset = Annotated[
    str | None,
    typer.Option(
        help="Preset: default, paper or reference. Without it: the pair's calibration, if any."
    ),
]

BackendName = Annotated[
    str | None,
    typer.Option("--backend", help="What runs the weights: transformers (default) or llama.cpp."),
]


def open_engine(
    base: str,
    expert: str | None,
    preset: str | None,
    audit: Path | None,
    backend: str | None = None,
) -> "Engine":
    """Load the pair for a command; tests replace this function with a scripted pair.

    Args:
        base: a known pair, a folder, a GGUF file or a hub id.
        expert: a folder or a hub id; None only with a known pair.
        preset: name of an option preset; None for the pair's calibration, or the default.
        audit: path of the audit log; None records nothing.
        backend: `transformers` or `llama.cpp`; None for transformers.

    Raises:
        NGSDError: an option is wrong, or a model cannot be loaded.
    """
    # Imported here, so that `--help` does not wait for torch.
    from ngsd_guard.audit import AuditLog
    from ngsd_guard.config import NGSDConfig
    from ngsd_guard.engine import load_engine

    log = None if audit is None else AuditLog(audit, trace_rate=1.0)
    config = None if preset is None else NGSDConfig.preset(cast("PresetName", preset))
    return load_engine(base, expert, config, audit=log, backend=cast("Backend | None", backend))


def make_console() -> Console:
    """Return a console that replaces invalid bytes and has a fixed width in a pipe."""
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):  # invalid bytes must not end the program
            stream.reconfigure(errors="replace")
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPED_WIDTH
    return console


def one_line(error: Exception) -> str:
    """Return an error's message on one line."""
    return " ".join(str(error).split())
