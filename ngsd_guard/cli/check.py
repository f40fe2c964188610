"""`ngsd-guard check`: check one text."""

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console

from ngsd_guard.cli import _common
from ngsd_guard.cli._common import BackendName, Base, Expert, Preset, make_console, one_line
from ngsd_guard.errors import NGSDError

if TYPE_CHECKING:
    from ngsd_guard.guard import Stage


def check(
    text: Annotated[
        str | None, typer.Argument(help="Text to check; default: --file or standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="File with the text to check.")] = None,
    stage: Annotated[
        str, typer.Option(help="One of input, output, retrieval, tool_args, tool_result.")
    ] = "input",
    response: Annotated[
        str | None, typer.Option(help="Answer to check; the text is then the request.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file (YAML); default: the built-in policy.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
    base: Base = "ngsd-mini",
    expert: Expert = None,
    preset: Preset = None,
    backend: BackendName = None,
    audit: Annotated[Path | None, typer.Option(help="Audit log to append to.")] = None,
) -> None:
    """Check a text. Exit codes: 0 clean, 1 flagged, 2 usage error, 3 not checked."""
    from ngsd_guard.errors import ConfigurationError

    console = make_console()
    judged = _text_to_check(text, file)
    try:
        # Imported here, so that `--help` does not wait for torch.
        from ngsd_guard.guard import Guard
        from ngsd_guard.render import exit_status, print_verdict

        with _status(console, f"Loading {base}", as_json):
            guard = Guard(_common.open_engine(base, expert, preset, audit, backend), policy)
            verdict = guard.check(
                judged, response=response, stage=cast("Stage", stage), explain=True
            )
    except NGSDError as error:
        typer.echo(f"ngsd-guard: {one_line(error)}", err=True)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 3) from error
    except Exception as error:  # Python's exit status 1 would mean that the text was flagged
        typer.echo(f"ngsd-guard: {type(error).__name__}; the text was not checked", err=True)
        raise typer.Exit(3) from error
    if as_json:
        typer.echo(json.dumps(verdict.as_dict(), ensure_ascii=True))
    else:
        shown = judged if response is None else response
        v_threshold = guard.engine.config.gate.v_threshold
        print_verdict(verdict, shown, guard.policy.probe, v_threshold, console)
    raise typer.Exit(exit_status(verdict))


def _text_to_check(text: str | None, file: Path | None) -> str:
    if text is not None and file is not None:
        raise typer.BadParameter("pass a text or --file, not both")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise typer.BadParameter(f"cannot read {file}: {error.strerror}") from error
    if text is None and sys.stdin.isatty():
        raise typer.BadParameter("pass a text, --file, or standard input")
    return sys.stdin.read() if text is None else text


def _status(console: Console, message: str, is_quiet: bool) -> AbstractContextManager[object]:
    return nullcontext() if is_quiet else console.status(message)
