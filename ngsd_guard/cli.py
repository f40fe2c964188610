"""The command line: watch the guard at work, and talk to a guarded pair."""

import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from ngsd_guard import cli_audit
from ngsd_guard._version import __version__
from ngsd_guard.errors import AuditError, NGSDError

if TYPE_CHECKING:
    from ngsd_guard.config import PresetName
    from ngsd_guard.engine import Engine
    from ngsd_guard.guard import Stage
    from ngsd_guard.session import TokenStream
    from ngsd_guard.types import Generation, Message

_PIPED_WIDTH: Final = 100
_FAINT: Final = "bright_black"


class _Commands(TyperGroup):
    """The one place where this package's errors become a line on stderr and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except NGSDError as error:
            Console(stderr=True, soft_wrap=True, highlight=False).print(
                Text.assemble(("ngsd-guard: ", "bold red"), _one_line(error))
            )
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals hold prompts and answers
)
app.add_typer(cli_audit.app)

_Base = Annotated[
    str, typer.Option(help="Model to protect: a folder, a hub id, or the embedded pair.")
]
_Expert = Annotated[
    str | None, typer.Option(help="Its safety expert; the embedded pair brings its own.")
]
_Preset = Annotated[
    str | None,
    typer.Option(help="Options: default, paper or reference; else the pair's calibration."),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ngsd-guard {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version"),
    ] = False,
) -> None:
    """Guard a local language model's decoding with a small safety expert."""


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the audit log and the picture.")] = Path(
        "ngsd-demo"
    ),
    base: _Base = "ngsd-mini",
    expert: _Expert = None,
    preset: _Preset = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer, in tokens.")] = 64,
) -> None:
    """Answer a few harmless and a few hostile requests, without the guard and with it."""
    from ngsd_guard.demo import (
        REQUESTS,
        legend_line,
        results_table,
        run_demo,
        save_picture,
        summary_line,
    )

    console = _console()
    audit_path, picture_path = out / "audit.jsonl", out / "potential.svg"
    with console.status(f"Loading {base}") as status:
        engine = open_engine(base, expert, preset, audit_path)
        results = run_demo(
            engine,
            max_new_tokens=max_new_tokens,
            on_request=lambda index, request: status.update(
                f"Request {index + 1} of {len(REQUESTS)}: {request.kind}"
            ),
        )
    save_picture(results, engine, picture_path)
    console.print(results_table(results, engine.config.gate.v_threshold, console))
    console.print()
    console.print(legend_line())
    console.print(summary_line(results))
    for path, content in (
        (picture_path, "the membrane potential along every guarded answer"),
        (audit_path, "every decision, chained; see: ngsd-guard audit"),
    ):
        console.print(Text.assemble((str(path), "bold"), (f"  {content}", _FAINT)), soft_wrap=True)


@app.command()
def chat(
    base: _Base = "ngsd-mini",
    expert: _Expert = None,
    preset: _Preset = None,
    unguarded: Annotated[bool, typer.Option("--unguarded", help="Leave the gate off.")] = False,
    audit: Annotated[Path | None, typer.Option(help="Audit log to append to.")] = None,
    system: Annotated[str | None, typer.Option(help="System prompt.")] = None,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 is greedy.")] = 0.0,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the sampling.")] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option(min=1, help="Longest answer; the preset's if not given.")
    ] = None,
) -> None:
    """Talk to a guarded pair; the tokens the gate overrode stand out."""
    console = _console()
    with console.status(f"Loading {base}"):
        engine = open_engine(base, expert, preset, audit)
    options = {
        "guarded": not unguarded,
        "temperature": temperature,
        "seed": seed,
        "max_new_tokens": max_new_tokens,
    }
    _Chat(engine, console, options, system).run()


@app.command()
def check(
    text: Annotated[
        str | None, typer.Argument(help="What to judge; else --file, else standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="File that holds what to judge.")] = None,
    stage: Annotated[
        str, typer.Option(help="input, output, retrieval, tool_args or tool_result.")
    ] = "input",
    response: Annotated[
        str | None, typer.Option(help="Answer to judge; the text is then what was asked.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy in YAML; else the default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
    base: _Base = "ngsd-mini",
    expert: _Expert = None,
    preset: _Preset = None,
    audit: Annotated[Path | None, typer.Option(help="Audit log to append to.")] = None,
) -> None:
    """Judge a text: exit 0 if it is clean, 1 if flagged, 2 on wrong usage, 3 if not judged."""
    from ngsd_guard.errors import ConfigurationError

    console = _console()
    judged = _text_to_check(text, file)
    try:
        # Here, not above: `--help` should not wait for torch.
        from ngsd_guard.guard import Guard
        from ngsd_guard.guard._report import exit_status, print_verdict

        with _status(console, f"Loading {base}", as_json):
            guard = Guard(open_engine(base, expert, preset, audit), policy)
            verdict = guard.check(
                judged, response=response, stage=cast("Stage", stage), explain=True
            )
    except NGSDError as error:
        typer.echo(f"ngsd-guard: {_one_line(error)}", err=True)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 3) from error
    except Exception as error:  # Python's own exit status would say that the text was flagged
        typer.echo(f"ngsd-guard: {type(error).__name__}; nothing was judged", err=True)
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
        raise typer.BadParameter("give a text or --file, not both")
    if file is not None:
        try:
            return file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise typer.BadParameter(f"cannot read {file}: {error.strerror}") from error
    if text is None and sys.stdin.isatty():
        raise typer.BadParameter("give a text, --file, or something on standard input")
    return sys.stdin.read() if text is None else text


def _status(console: Console, message: str, is_quiet: bool) -> AbstractContextManager[object]:
    return nullcontext() if is_quiet else console.status(message)


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


@dataclass(slots=True)
class _Chat:
    """A conversation at the terminal."""

    engine: "Engine"
    console: Console
    options: dict[str, Any]
    system: str | None
    turns: "list[Message]" = field(default_factory=list)

    def run(self) -> None:
        self._say("/reset forgets the conversation, /exit leaves")
        while (line := self._read()) is not None and line != "/exit":
            if line == "/reset":
                self.turns.clear()
                self._say("the conversation is forgotten")
            elif line.startswith("/"):
                self._say("there are two commands, /reset and /exit")
            elif line:
                self._take_turn(line)

    def _read(self) -> str | None:
        try:
            line = self.console.input(Text("> ", "bold"))
        except (EOFError, KeyboardInterrupt):
            self.console.print()
            return None
        line = line.strip()
        if not sys.stdin.isatty():  # nobody saw it being typed
            self.console.print(Text(line), soft_wrap=True)
        return line

    def _take_turn(self, line: str) -> None:
        question: Message = {"role": "user", "content": line}
        try:
            generation = self._answer([*self.turns, question])
        except AuditError:
            raise
        except NGSDError as error:
            self._say(f"{_one_line(error)}. This turn is dropped; /reset forgets the earlier ones")
            return
        if generation.finish_reason == "cancelled":
            self._say("cancelled; this turn is dropped")
            return
        self.turns += [question, {"role": "assistant", "content": generation.text}]
        if generation.finish_reason == "length":
            self._say("the answer reached its longest length; --max-new-tokens sets it")

    def _answer(self, turns: "list[Message]") -> "Generation":
        from ngsd_guard.chart import answer_text, figures_line, potential_line

        preamble: list[Message] = []
        if self.system:
            preamble = [{"role": "system", "content": self.system}]
        stream = self.engine.stream([*preamble, *turns], trace=True, **self.options)
        status = self.console.status("Reading")
        try:
            with stream, _cancelled_by_interrupt(stream), status:
                for step in stream:
                    status.stop()
                    self.console.print(answer_text([step]), end="", soft_wrap=True)
        finally:
            self.console.print()
        generation = stream.generation
        if generation.guarded:
            v_threshold = self.engine.config.gate.v_threshold
            self.console.print(potential_line(generation, v_threshold, self.console.width))
            self._say(figures_line(generation))
        return generation

    def _say(self, text: str) -> None:
        self.console.print(Text(text, _FAINT))


@contextmanager
def _cancelled_by_interrupt(stream: "TokenStream") -> Iterator[None]:
    """Let the first Ctrl-C end the answer after its current step, and the second one break in."""

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        stream.cancel()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _console() -> Console:
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):  # bytes that are no text must not end the program
            stream.reconfigure(errors="replace")
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _PIPED_WIDTH
    return console


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
