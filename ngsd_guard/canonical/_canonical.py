"""The canonical form of a text."""

import re
from typing import Final

from ngsd_guard.canonical._characters import plain_characters, plain_spaces
from ngsd_guard.canonical._decoding import decoded
from ngsd_guard.canonical._form import Form
from ngsd_guard.canonical._look_alikes import latin_letters
from ngsd_guard.canonical._spacing import plain_case, plain_spacing

_WORD: Final = re.compile(r"\w+")
_CONTROLS: Final = re.compile("[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f]")
"""Invisible characters that no emoji and no script needs."""


def canonical_form(text: str) -> Form | None:
    """Return a text without its disguises; None where it says the same without them.

    Encodings that are certain are undone (percent signs, entities, escapes, numbers of characters,
    base64, base32 and hexadecimal of readable text), invisible characters and tags removed,
    compatibility characters and look-alike letters replaced, spread-out letters and words gathered,
    and shouting lowered.
    Whatever may be meant as it is stays: ROT13, reversed text, and digits for letters do too.
    """
    form = decoded(Form.of(text))
    parted = plain_spaces(form)
    letters = latin_letters(plain_characters(parted))
    gathered = plain_spacing(letters)
    canonical = plain_case(gathered)
    is_spread = parted is not form or gathered is not letters or _CONTROLS.search(text) is not None
    return canonical if is_spread or _words(canonical.text) != _words(text) else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text)
