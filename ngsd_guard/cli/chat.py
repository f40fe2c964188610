"""`ngsd-guard chat`: talk to a guarded pair in the terminal."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from ngsd_guard.cli import _common
from ngsd_guard.cli._common import FAINT, BackendName, Base, Expert, Preset, make_console, one_line
from ngsd_guard.errors import AuditError, NGSDError

if TYPE_CHECKING:
    from ngsd_guard.engine import Engine, TokenStream
    from ngsd_guard.types import Generation, Message


def chat(
    base: Base = "ngsd-mini",
    expert: Expert = None,
    preset: Preset = None,
    backend: BackendName = None,
    unguarded: Annotated[bool, typer.Option("--unguarded", help="Turn the gate off.")] = False,
    audit: Annotated[Path | None, typer.Option(help="Audit log to append to.")] = None,
    system: Annotated[str | None, typer.Option(help="System prompt.")] = None,
    temperature: Annotated[float, typer.Option(min=0.0, help="0 is greedy.")] = 0.0,
    seed: Annotated[int | None, typer.Option(min=0, help="Sampling seed.")] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option(min=1, help="Maximum answer length; default: the preset's.")
    ] = None,
) -> None:
    """Talk to a guarded pair; tokens overridden by the gate are highlighted."""
    console = make_console()
    with console.status(f"Loading {base}"):
        engine = _common.open_engine(base, expert, preset, audit, backend)
    options = {
        "guarded": not unguarded,
        "temperature": temperature,
        "seed": seed,
        "max_new_tokens": max_new_tokens,
    }
    _Chat(engine, console, options, system).run()


@dataclass(slots=True)
class _Chat:
    """A conversation in the terminal."""

    engine: "Engine"
    console: Console
    options: dict[str, Any]
    system: str | None
    turns: "list[Message]" = field(default_factory=list)

    def run(self) -> None:
        self._say("/reset clears the conversation, /exit quits")
        while (line := self._read()) is not None and line != "/exit":
            if line == "/reset":
                self.turns.clear()
                self._say("conversation cleared")
            elif line.startswith("/"):
                self._say("unknown command; use /reset or /exit")
            elif line:
                self._take_turn(line)

    def _read(self) -> str | None:
        try:
            line = self.console.input(Text("> ", "bold"))
        except (EOFError, KeyboardInterrupt):
            self.console.print()
            return None
        line = line.strip()
        if not sys.stdin.isatty():  # piped input is not echoed by a terminal
            self.console.print(Text(line), soft_wrap=True)
        return line

    def _take_turn(self, line: str) -> None:
        question: Message = {"role": "user", "content": line}
        try:
            generation = self._answer([*self.turns, question])
        except AuditError:
            raise
        except NGSDError as error:
            self._say(f"{one_line(error)}. Turn discarded; /reset clears the earlier ones")
            return
        if generation.finish_reason == "cancelled":
            self._say("cancelled; turn discarded")
            return
        self.turns += [question, {"role": "assistant", "content": generation.text}]
        if generation.finish_reason == "length":
            self._say("the answer reached its maximum length; raise it with --max-new-tokens")

    def _answer(self, turns: "list[Message]") -> "Generation":
        from ngsd_guard.render import answer_text, figures_line, potential_line

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
        self.console.print(Text(text, FAINT))


@contextmanager
def _cancelled_by_interrupt(stream: "TokenStream") -> Iterator[None]:
    """Make the first Ctrl-C end the answer after the current step, and the second interrupt it."""

    def cancel(_signal: int, _frame: FrameType | None) -> None:
        stream.cancel()
        signal.signal(signal.SIGINT, previous)

    previous = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
