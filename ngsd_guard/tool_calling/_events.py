"""Events of a streamed answer, and the result of parsing a complete one."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of the answer itself."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More text of the reasoning before the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The start of a call; its name is known."""

    index: int
    """Position among the answer's calls, including broken ones, from 0."""
    name: str


@dataclass(frozen=True, slots=True)
class ArgumentsDelta:
    """More of a call's arguments.

    If the call ends with `CallEnded`, its joined deltas are a JSON object.
    """

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The end of a complete, valid call."""

    index: int
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenCall:
    """Markup that is not a valid call; retracts all earlier events with this index."""

    index: int
    text: str
    """The markup as written."""
    reason: str
    """Short description of the error, without any text of the answer."""


ParserEvent = TextDelta | CallStarted | ArgumentsDelta | CallEnded | BrokenCall


class ToolCallParser(Protocol):
    """Finds the calls in one streamed answer."""

    def feed(self, text: str) -> list[ParserEvent]:
        """Read more of the answer; return the events that are certain now."""

    def finish(self) -> list[ParserEvent]:
        """End the answer; return the remaining events. Do not call `feed` afterwards."""


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """A valid tool call."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """A parsed answer."""

    text: str
    """The answer without its calls."""
    calls: tuple[ParsedCall, ...]
    broken: tuple[BrokenCall, ...]
