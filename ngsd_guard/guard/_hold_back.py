"""What a stream waits for before a part of it is judged and leaves."""

import re
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any, Final, Generic, TypeVar

LONGEST_HELD: Final = 400
"""Maximum number of characters of a stream that are held back before they are judged."""
_SENTENCE_END: Final = re.compile(r"[.!?:;](?=\s|$)|[\n\u3002\uff01\uff1f]")
PartT = TypeVar("PartT", bound=Any)


class HeldBack(Generic[PartT]):
    """Holds a stream back until a sentence is complete or too long.

    Args:
        text_of: returns the text of a part; parts of a stream can be added to each other.
        longest: maximum number of characters held back.
    """

    def __init__(self, text_of: Callable[[PartT], str], longest: int = LONGEST_HELD) -> None:
        self.whole: Any = None
        """The last returned part and everything before it: the text to judge before release."""
        self._text_of = text_of
        self._longest = longest
        self._parts: list[PartT] = []
        self._held = ""

    def add(self, chunk: PartT) -> list[PartT]:
        """Add a chunk; return the parts to judge and release: one or none."""
        self._held += self._text_of(chunk)
        self._parts.append(chunk)
        is_whole = _SENTENCE_END.search(self._held) is not None or len(self._held) > self._longest
        return self.rest() if is_whole else []

    def rest(self) -> list[PartT]:
        """Return everything still held back: one part or none."""
        if not self._parts:
            return []
        parts, self._parts, self._held = self._parts, [], ""
        part = reduce(add, parts)
        self.whole = part if self.whole is None else self.whole + part
        return [part]
