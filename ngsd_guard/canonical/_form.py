"""A rewritten text that knows where each of its characters stood in the original."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Form:
    """A text made from another one; `starts` and `ends` have one entry per character."""

    text: str = field(repr=False)
    starts: list[int] = field(repr=False)
    """Index in the original of the first character that each character stands for."""
    ends: list[int] = field(repr=False)
    """Index in the original after the last character that each character stands for."""

    @classmethod
    def of(cls, text: str) -> Self:
        """Return a text as its own form."""
        return cls(text, list(range(len(text))), list(range(1, len(text) + 1)))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original that a part of this text stands for.

        What was removed within the part, or right at its edges, belongs to it.
        """
        if not self.text:
            return 0, 0
        if start >= end:
            place = self.starts[start] if start < len(self.starts) else self.ends[-1]
            return place, place
        return min(self.starts[start:end]), max(self.ends[start:end])

    def substitute(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> Self:
        """Return the form with each match replaced; the new text stands for the whole match.

        A replacement of the match's own length stands for it character by character.
        """
        pieces, starts, ends, done = list[str](), list[int](), list[int](), 0
        for match in pattern.finditer(self.text):
            new = replace(match)
            if new == match.group():
                continue
            first, last = match.span()
            pieces += [self.text[done:first], new]
            starts += self.starts[done:first]
            ends += self.ends[done:first]
            if len(new) == last - first:
                starts += self.starts[first:last]
                ends += self.ends[first:last]
            elif last > first:
                starts += [self.starts[first]] * len(new)
                ends += [self.ends[last - 1]] * len(new)
            done = last
        if not pieces:
            return self
        pieces.append(self.text[done:])
        starts += self.starts[done:]
        ends += self.ends[done:]
        return type(self)("".join(pieces), starts, ends)
