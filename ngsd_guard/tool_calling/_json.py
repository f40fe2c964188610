"""JSON in answers: finding its end, and parsing it."""

import json
from typing import Any, Final, NoReturn

WHITESPACE: Final = " \t\r\n"
ENDED: Final = "the answer ended inside a call"

_NOT_JSON: Final = "not valid JSON"
_CLOSERS: Final = {"{": "}", "[": "]"}
_OUTSIDE_STRINGS: Final = frozenset(WHITESPACE + ":,+-.0123456789eE" + "truefalsn")


class MalformedCallError(Exception):
    """The markup being read is not a call; never raised out of this package."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class JsonScanner:
    """Follows JSON character by character; refuses most invalid JSON early."""

    def __init__(self) -> None:
        self.in_string = False
        self._is_escaped = False
        self._closers: list[str] = []

    @property
    def depth(self) -> int:
        """Number of open brackets."""
        return len(self._closers)

    def read(self, char: str) -> None:
        """Read a character; "" is the end of the answer.

        Raises:
            MalformedCallError: the text is not JSON.
        """
        if not char:
            raise MalformedCallError(ENDED)
        if self.in_string:
            self._read_in_string(char)
        elif char == '"':
            self.in_string = True
        elif char in _CLOSERS:
            self._closers.append(_CLOSERS[char])
        elif self._closers and char == self._closers[-1]:
            self._closers.pop()
        elif char not in _OUTSIDE_STRINGS:
            raise MalformedCallError(_NOT_JSON)

    def _read_in_string(self, char: str) -> None:
        if char < " ":
            raise MalformedCallError(_NOT_JSON)
        if self._is_escaped:
            self._is_escaped = False
        elif char == "\\":
            self._is_escaped = True
        elif char == '"':
            self.in_string = False


def read_json(text: str) -> Any:
    """Parse JSON.

    Raises:
        MalformedCallError: the text is not JSON, or its value cannot be written as JSON in UTF-8:
            a number outside the range of a float, or a lone surrogate.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedCallError(_NOT_JSON) from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
