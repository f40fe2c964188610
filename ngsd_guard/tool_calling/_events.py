"""What is found in an answer, piece by piece and as a whole."""

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
    """A call whose name is known."""

    index: int
    """Position among the answer's calls, broken ones included, from 0."""
    name: str


@dataclass(frozen=True, slots=True)
class ArgumentsDelta:
    """More of a call's arguments.

    Those of one call, joined, are JSON of an object if the call ends with `CallEnded`.
    """

    index: int
    text: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call that is complete and valid."""

    index: int
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenCall:
    """Markup that is not a valid call; takes back what was told of the call of this index."""

    index: int
    text: str
    """The markup as it was written."""
    reason: str
    """What is wrong with it, in a few words and without any of the answer's."""


ParserEvent = TextDelta | CallStarted | ArgumentsDelta | CallEnded | BrokenCall


class ToolCallParser(Protocol):
    """Finds the calls in one answer while it is written; belongs to one answer."""

    def feed(self, text: str) -> list[ParserEvent]:
        """Read more of the answer and return what is certain now."""

    def finish(self) -> list[ParserEvent]:
        """Return the rest, once the answer has ended; nothing is fed afterwards."""


@dataclass(frozen=True, slots=True)
class ParsedCall:
    """A call of a tool."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """An answer taken apart."""

    text: str
    """The answer without its calls."""
    calls: tuple[ParsedCall, ...]
    broken: tuple[BrokenCall, ...]
