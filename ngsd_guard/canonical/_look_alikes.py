"""Letters of other scripts that look like Latin ones."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

from ngsd_guard.canonical._characters import plain_letter, variant_of
from ngsd_guard.canonical._form import Form

_WORD: Final = re.compile(r"[^\W\d_]+")
_WRITTEN: Final = frozenset("\u00df\u00d8\u00f8\u0110\u0111\u0126\u0127\u0131\u0141\u0142")
"""Variants without accent that many languages have."""
_TWINS: Final = {"\u03b5": "e", "\u043f": "n", "\u044c": "b", "\u0185": "b", "\u0436": "x"}
"""Look-alikes that the table leaves out, or sees otherwise."""
_LEAST_MARKED: Final = 3


def latin_letters(form: Form) -> Form:
    """Return a form with look-alikes replaced in words that mix scripts, or have no other letters.

    A word with no other letters stays as it is beside a real word of its script, such as in Russian
    or Greek text. Accents are removed where a word has more of them than words have, and beside it.
    """
    if form.text.isascii():
        return form
    table = _table()
    words = [match.group() for match in _WORD.finditer(form.text)]
    certain = [_is_disguised(words, index, table) for index in range(len(words))]
    disguised = iter(
        [
            is_certain
            or (any(map(variant_of, word)) and any(certain[max(index - 1, 0) : index + 2]))
            for index, (word, is_certain) in enumerate(zip(words, certain, strict=True))
        ]
    )

    def replace(match: re.Match[str]) -> str:
        word = match.group()
        return "".join(_twin(c, table) or c for c in word) if next(disguised) else word

    return form.substitute(_WORD, replace)


def _is_disguised(words: list[str], index: int, table: Mapping[str, str]) -> bool:
    word = words[index]
    if word.isascii():
        return False
    if _is_decorated(word):
        return True
    foreign = [c for c in word if not _is_latin(c)]
    if not any(_twin(c, table) for c in foreign):
        return False
    if len(foreign) < len(word):  # it mixes Latin with another script
        return True
    if not all(_twin(c, table) for c in foreign):
        return False
    beside = words[max(index - 1, 0) : index] + words[index + 1 : index + 2]
    return not any(_is_foreign(other, table) for other in beside)


def _is_decorated(word: str) -> bool:
    """Return whether more letters have marks than in words of any language, or odd ones have."""
    num_marked = sum(variant_of(c) is not None for c in word)
    is_odd = any(c not in _WRITTEN and _is_odd(c) for c in word)
    return is_odd or (num_marked >= _LEAST_MARKED and 2 * num_marked > len(word))


def _is_odd(character: str) -> bool:
    """Return whether a letter is a variant of a Latin one, other than by an accent."""
    return variant_of(character) is not None and not unicodedata.decomposition(character)


def _twin(character: str, table: Mapping[str, str]) -> str | None:
    """Return the Latin letter that a letter looks like."""
    return variant_of(character) or table.get(character)


def _is_foreign(word: str, table: Mapping[str, str]) -> bool:
    """Return whether a word is of another script, and not made of look-alikes."""
    return not any(map(_is_latin, word)) and not all(_twin(c, table) for c in word)


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
    return table | _TWINS


def _letters(twin: str) -> list[str]:
    """Return the Latin letter that a twin is, or is a small capital of."""
    if len(twin) != 1:
        return []
    if twin.isascii():
        return [twin] if twin.isalpha() else []
    capital, variant = plain_letter(twin), variant_of(twin)
    return [capital.lower()] if capital else [variant] if variant else []
