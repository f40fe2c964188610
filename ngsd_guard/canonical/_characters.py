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
_CLUSTER: Final = re.compile(r"[^\x00-\x7f][\u0300-\u036f]*|[A-Za-z][\u0300-\u036f]+")
_MARKS: Final = re.compile(
    r"(?<=[\x00-\x7f])[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)
_LETTER_NAME: Final = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|(?:NEGATIVE )?(?:CIRCLED|SQUARED) LATIN CAPITAL LETTER"
    r"|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])"
)


def plain_characters(form: Form) -> Form:
    """Return a form without invisible characters, and in Unicode's compatibility form (NFKC)."""
    form = form.substitute(_IGNORABLE, lambda _: "").substitute(_JOINERS, lambda _: "")
    if form.text.isascii():
        return form
    form = form.substitute(_CLUSTER, lambda match: _plain(match.group()))
    return form.substitute(_MARKS, lambda _: "")


@cache
def plain_letter(character: str) -> str | None:
    """Return the capital that a letter-like symbol is named after; None for any other character."""
    match = _LETTER_NAME.fullmatch(unicodedata.name(character, ""))
    return match.group(1) if match else None


def _plain(cluster: str) -> str:
    letter = plain_letter(cluster[0])
    return letter if letter else unicodedata.normalize("NFKC", cluster)
