"""Letters of other scripts that look like Latin ones."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from ngsd_guard.canonical._characters import plain_letter
from ngsd_guard.canonical._form import Form

_WORD: Final = re.compile(r"[^\W\d_]+")


def latin_letters(form: Form) -> Form:
    """Return a form with look-alikes replaced in words that mix scripts, or have no other letters.

    A word with no other letters stays as it is beside a real word of its script, such as in Russian
    or Greek text.
    """
    if form.text.isascii():
        return form
    table = _table()
    words = [match.group() for match in _WORD.finditer(form.text)]
    disguised = iter([_is_disguised(words, index, table) for index in range(len(words))])

    def replace(match: re.Match[str]) -> str:
        word = match.group()
        return "".join(table.get(c, c) for c in word) if next(disguised) else word

    return form.substitute(_WORD, replace)


def _is_disguised(words: list[str], index: int, table: Mapping[str, str]) -> bool:
    word = words[index]
    if word.isascii():
        return False
    foreign = [c for c in word if not _is_latin(c)]
    if not foreign or not any(c in table for c in foreign):
        return False
    if len(foreign) < len(word):  # it mixes Latin with another script
        return True
    if not all(c in table for c in foreign):
        return False
    beside = words[max(index - 1, 0) : index] + words[index + 1 : index + 2]
    return not any(_is_foreign(other, table) for other in beside)


def _is_foreign(word: str, table: Mapping[str, str]) -> bool:
    """Return whether a word is of another script, and not made of look-alikes."""
    return not any(map(_is_latin, word)) and not all(c in table for c in word)


def _is_latin(character: str) -> bool:
    return (
        character.isascii()
        or "\u00c0" <= character <= "\u024f"
        or "\u1e00" <= character <= "\u1eff"
    )


@cache
def _table() -> Mapping[str, str]:
    """Return the Latin letter that each other letter looks like."""
    # Imported here, because the import reads the table's files.
    from confusable_homoglyphs.confusables import confusables_data

    table: dict[str, str] = {}
    for character, twins in confusables_data.items():
        if len(character) != 1 or not character.isalpha() or _is_latin(character):
            continue
        letters = [letter for twin in twins for letter in _letters(twin["c"])]
        if letters:
            same_case = [each for each in letters if each.isupper() == character.isupper()]
            table[character] = (same_case or letters)[0]
    return table


def _letters(twin: str) -> list[str]:
    """Return the Latin letter that a twin is, or is a small capital of."""
    if len(twin) != 1:
        return []
    if twin.isascii():
        return [twin] if twin.isalpha() else []
    capital = plain_letter(twin)
    return [capital.lower()] if capital else []
