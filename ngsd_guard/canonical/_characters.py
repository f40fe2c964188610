"""Characters that are invisible, or another way to write a plain one."""

import re
import unicodedata
from functools import cache
from typing import Final

from ngsd_guard.canonical._form import Form

_IGNORABLE: Final = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls other than line breaks and tabs
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]+"
)
"""Characters with the property Default_Ignorable_Code_Point, and control characters."""
_JOINERS: Final = re.compile(
    "(?<![\u0600-\u1cff])[\u200c\u200d]+|[\u200c\u200d]+(?![\u0600-\u1cff\u200c\u200d])"
)
"""Joiners outside words of the scripts that need them."""
_ODD_SPACE: Final = re.compile(
    r"(?<![^\W\d_])(?:[^\W\d_]++[\x0b\x0c\x1c-\x1f\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f"
    r"\u2800\u3000]+){3,}[^\W\d_]+"
)
"""At least four words with other signs than a space between them."""
_SPACES: Final = re.compile(r"[\s\u2800]+")
_SEEN: Final = r"[^\W\d_\u115f\u1160\u3164\uffa0]++"
_PIECES: Final = re.compile(rf"(?<![^\W\d_]){_SEEN}(?:{_IGNORABLE.pattern}{_SEEN}){{3,}}")
_LEAST_WORD: Final = 2.5
"""Letters of a piece, on average, from which pieces between invisible characters are words."""
_DECORATED: Final = re.compile(r"(?:[A-Za-z][\u0300-\u036f]+){2,}")
"""Letters in a row with marks that follow them."""
_ACCENT: Final = re.compile(r"[\u0300-\u036f]+")
_CLUSTER: Final = re.compile(r"[^\x00-\x7f][\u0300-\u036f]*|[A-Za-z][\u0300-\u036f]+")
_MARKS: Final = re.compile(
    r"(?<=[\x00-\x7f])[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)
_LETTER_NAME: Final = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|(?:NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER"
    r"|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])"
)
_VARIANT_NAME: Final = re.compile(
    r"LATIN (SMALL|CAPITAL) LETTER (?:(?:TURNED|REVERSED|OPEN|SCRIPT|DOTLESS|SMALL|LONG) )*"
    r"([A-Z]|ALPHA|IOTA|UPSILON|SHARP S)(?: WITH .*)?"
)
_NAMED: Final = {"ALPHA": "A", "IOTA": "I", "UPSILON": "U", "SHARP S": "B"}


def plain_spaces(form: Form) -> Form:
    """Return a form in which words are parted by spaces, not by another sign that looks empty."""
    if form.text.isascii() and form.text.isprintable():
        return form
    form = form.substitute(_ODD_SPACE, lambda match: _SPACES.sub(" ", match.group()))
    return form.substitute(_PIECES, _in_words)


def plain_characters(form: Form) -> Form:
    """Return a form without invisible characters, and in Unicode's compatibility form (NFKC)."""
    form = form.substitute(_IGNORABLE, lambda _: "").substitute(_JOINERS, lambda _: "")
    if form.text.isascii():
        return form
    form = form.substitute(_DECORATED, lambda match: _ACCENT.sub("", match.group()))
    form = form.substitute(_CLUSTER, lambda match: _plain(match.group()))
    return form.substitute(_MARKS, lambda _: "")


@cache
def plain_letter(character: str) -> str | None:
    """Return the capital that a letter-like symbol is named after; None for any other character."""
    match = _LETTER_NAME.fullmatch(_name(character))
    return match.group(1) if match else None


@cache
def variant_of(character: str) -> str | None:
    """Return the letter that a Latin one is a variant of, with a mark, turned or of another hand.

    Returns:
        None for a plain letter, and for any other character.
    """
    match = None if character.isascii() else _VARIANT_NAME.fullmatch(_name(character))
    if match is None:
        return None
    letter = _NAMED.get(match.group(2), match.group(2))
    return letter if match.group(1) == "CAPITAL" else letter.lower()


def _name(character: str) -> str:
    return unicodedata.name(character, "")


def _in_words(match: re.Match[str]) -> str:
    pieces = _IGNORABLE.split(match.group())
    is_words = sum(map(len, pieces)) >= _LEAST_WORD * len(pieces)
    return " ".join(pieces) if is_words else match.group()


def _plain(cluster: str) -> str:
    letter = plain_letter(cluster[0])
    return letter if letter else unicodedata.normalize("NFKC", cluster)
