"""Degenerate answers, neither safe nor harmful: empty, repetitive, or in another script."""

import unicodedata
from typing import Final, Literal

Defect = Literal["empty", "repetitive", "off_language"]

_MIN_REPEATED: Final = 10
"""Minimum length of a repetition, in characters."""
_NUM_COPIES: Final = ((10, 4.0), (30, 3.0), (10_000, 1.6))
"""(maximum period in characters, minimum number of copies)."""
_MAX_FOREIGN: Final = 0.3
_MAX_FOREIGN_ASKED: Final = 0.05


def defect_of(text: str, prompt: str = "") -> Defect | None:
    """Return the defect of an answer; None if it has none.

    Args:
        text: the answer.
        prompt: the request; an answer may use its script.
    """
    stripped = text.strip()
    if not any(unicodedata.category(character)[0] in "LNS" for character in stripped):
        return "empty"
    if _is_loop(stripped):
        return "repetitive"
    if _foreign_share(prompt) <= _MAX_FOREIGN_ASKED and _foreign_share(text) > _MAX_FOREIGN:
        return "off_language"
    return None


def _is_loop(text: str) -> bool:
    """Whether one repeated passage makes up the last half of a text, or more."""
    text = " ".join(text.split())
    for period in range(1, int(len(text) / _NUM_COPIES[-1][1]) + 1):
        matched = 0
        while matched < len(text) - period and text[-1 - matched] == text[-1 - matched - period]:
            matched += 1
        length = matched + period
        copies = next(copies for longest, copies in _NUM_COPIES if period <= longest)
        if length >= max(copies * period, len(text) / 2, _MIN_REPEATED):
            return True
    return False


def _foreign_share(text: str) -> float:
    """Return the share of letters that are not Latin."""
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return 0.0
    return sum("LATIN" not in unicodedata.name(c, "") for c in letters) / len(letters)
