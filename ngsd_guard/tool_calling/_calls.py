"""Reading one call, character by character, into events."""

from collections.abc import Generator
from typing import Any, Final

from ngsd_guard.tool_calling._events import (
    ArgumentsDelta,
    BrokenCall,
    CallEnded,
    CallStarted,
    ParserEvent,
)
from ngsd_guard.tool_calling._json import (
    WHITESPACE,
    JsonScanner,
    MalformedCallError,
    read_json,
)

Reading = Generator[None, str, None]
"""Is sent characters, and "" at the end of the answer; returns at the end of its markup."""

ARGUMENT_KEYS: Final = ("arguments", "parameters")
_CALL_KEYS: Final = frozenset({"name", "type", "id", *ARGUMENT_KEYS})


class Calls:
    """The calls of one answer read so far."""

    def __init__(self) -> None:
        self.index = 0
        self.raw: list[str] = []
        """Markup of the call being read."""
        self.is_call = False
        """Whether the text being read is meant as a call, valid or not."""
        self._events: list[ParserEvent] = []
        self._arguments: list[str] = []

    def take_events(self) -> list[ParserEvent]:
        """Return the events since the last call."""
        self._flush()
        events, self._events = self._events, []
        return events

    def add(self, event: ParserEvent) -> None:
        """Add an event that is not about the call being read."""
        self._flush()
        self._events.append(event)

    def start(self, name: str) -> None:
        """Set the name of the call being read."""
        self.add(CallStarted(self.index, name))

    def add_arguments(self, text: str) -> None:
        """Add to the arguments of the call being read."""
        self._arguments.append(text)

    def end(self, arguments: dict[str, Any], *, next_raw: str = "") -> None:
        """End the call being read as valid; `next_raw` is the start of the next call's markup."""
        self.add(CallEnded(self.index, arguments))
        self._begin_next(next_raw)

    def end_broken(self, text: str, reason: str) -> None:
        """End the call being read as broken."""
        self.add(BrokenCall(self.index, text, reason))
        self._begin_next("")

    def _begin_next(self, raw: str) -> None:
        self.index += 1
        self.raw = [raw]

    def _flush(self) -> None:
        if self._arguments:
            self._events.append(ArgumentsDelta(self.index, "".join(self._arguments)))
            self._arguments.clear()


def read_visible() -> Generator[None, str, str]:
    """Return the next character that is not whitespace."""
    char = yield
    while char and char in WHITESPACE:
        char = yield
    return char


def read_call(calls: Calls, *, is_bare: bool = False) -> Generator[None, str, dict[str, Any]]:
    """Read `{"name": ..., "arguments": {...}}` after its opening bracket; return the arguments.

    Args:
        calls: receives the name and the arguments as soon as they are known.
        is_bare: the object has no marker before it, so it may be something other than a call.

    Raises:
        MalformedCallError: the object is not a call.
    """
    reader = _CallReader(calls, is_bare=is_bare)
    while not reader.is_done:
        reader.read((yield))
    return reader.finish()


def read_arguments(calls: Calls) -> Generator[None, str, dict[str, Any]]:
    """Read and return an object of arguments, after its opening bracket.

    Raises:
        MalformedCallError: the arguments are not a JSON object.
    """
    scanner, text = JsonScanner(), ["{"]
    scanner.read("{")
    calls.add_arguments("{")
    while scanner.depth:
        char = yield
        scanner.read(char)
        text.append(char)
        calls.add_arguments(char)
    return _as_arguments(read_json("".join(text)))


def _as_arguments(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedCallError("its arguments are not an object")
    return value


class _CallReader:
    """Reads `{"name": ..., "arguments": ...}`, its keys in any order."""

    def __init__(self, calls: Calls, *, is_bare: bool) -> None:
        self._calls = calls
        self._is_bare = is_bare
        self._scanner = JsonScanner()
        self._scanner.read("{")
        self._text = ["{"]
        self._key: str | None = None
        self._part: list[str] = []  # the current key or value, without nested values
        self._seen: set[str] = set()
        self._name: str | None = None
        self._is_started = False
        self._has_arguments = False
        self._held: list[str] = []  # arguments read before the call could be started

    @property
    def is_done(self) -> bool:
        return not self._scanner.depth

    def read(self, char: str) -> None:
        was_nested = self._scanner.depth > 1
        self._scanner.read(char)
        self._text.append(char)
        if was_nested or self._scanner.depth > 1:
            self._read_nested(char)
        elif char == ":" and not self._scanner.in_string:
            self._end_key()
        elif char == "," and not self._scanner.in_string:
            self._key = None
            self._part.clear()
        else:
            self._part.append(char)
            if char == '"' and self._key == "name" and not self._scanner.in_string:
                self._end_name()

    def _read_nested(self, char: str) -> None:
        if self._key not in ARGUMENT_KEYS:
            return
        if not self._has_arguments and char != "{":
            raise MalformedCallError("its arguments are not an object")
        self._has_arguments = True
        if self._is_started:
            self._calls.add_arguments(char)
        else:
            self._held.append(char)
            self._start_if_certain()

    def _end_key(self) -> None:
        key = read_json("".join(self._part))
        self._part.clear()
        if self._is_bare and not self._is_started and key not in _CALL_KEYS:
            self._calls.is_call = False
            raise MalformedCallError("it has keys that a call does not have")
        self._key = "arguments" if key in ARGUMENT_KEYS else str(key)
        if self._key in {"name", "arguments"} & self._seen:
            raise MalformedCallError("it has its name or its arguments twice")
        self._seen.add(self._key)

    def _end_name(self) -> None:
        self._name = _as_name(read_json("".join(self._part)))
        self._calls.is_call = True
        self._start_if_certain()

    def _start_if_certain(self) -> None:
        if self._name is not None and (self._has_arguments or not self._is_bare):
            self._start(self._name)

    def _start(self, name: str) -> None:
        self._is_started = True
        self._calls.start(name)
        if self._held:
            self._calls.add_arguments("".join(self._held))

    def finish(self) -> dict[str, Any]:
        call = read_json("".join(self._text))
        name = _as_name(call.get("name"))
        value = next((call[key] for key in ARGUMENT_KEYS if key in call), None)
        written = value.strip() or "{}" if isinstance(value, str) else "{}"
        if value is None or isinstance(value, str):
            value = read_json(written)
        arguments = _as_arguments(value)
        if not self._is_started:
            self._start(name)
        if not self._has_arguments:
            self._calls.add_arguments(written)
        return arguments


def _as_name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise MalformedCallError("it has no name")
    return value
