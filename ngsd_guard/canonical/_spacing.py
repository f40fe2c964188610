"""Words that are spread out, run together, or written in odd case."""

import re
from typing import Final

from ngsd_guard.canonical._form import Form

_SPREAD: Final = re.compile(
    r"(?<![^\W_])[^\W\d_](?P<gap>[ \t]|\r?\n|[-.*_|/\\,~+\u00b7])"
    r"(?:[^\W\d_](?:(?P=gap)|[ \t]{1,8}|[ \t]{0,4}(?:\r?\n[ \t]{0,4}){1,3}"
    r"|[ \t]?[/|][ \t]?)){2,}[^\W\d_](?![^\W_])"
)
"""At least four single letters with the same sign between them; wider gaps part words."""
_SPACED: Final = re.compile(r"[ \t]{2,}|[ \t]*\n\s*|[ \t]?[/|][ \t]?")
_COLUMN: Final = re.compile(
    r"(?:(?<=\n)|\A)[ \t]*+(?:[^\s]{1,30}+(?:[ \t][^\s]{1,12}+)?[ \t]*+(?:\r?\n[ \t]*+)++){3,}+"
    r"[^\n]{0,45}"
)
"""At least four lines of one or two words."""
_BREAK: Final = re.compile(r"\s+")
_JOINED: Final = re.compile(r"(?<![^\W_])[^\W\d_]+(?:[_+~^|]{1,2}[^\W\d_]+){3,}(?![^\W_])")
_JOINT: Final = re.compile(r"[_+~^|]+")
_CAMEL: Final = re.compile(r"\b[A-Za-z]?[a-z]+(?:[A-Z][a-z]*){3,}\b")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WIDE_SPACING: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_]{1,30}[ \t]{3,12}){3,}")
_GAP: Final = re.compile(r"[ \t]{3,}")
_SHOUT: Final = re.compile(
    r"\b[^\W_a-z\u0430-\u045f\u03b1-\u03c9]+(?:[^\w\n]{1,3}[^\W_a-z\u0430-\u045f\u03b1-\u03c9]+){2,}\b"
)
_ODD: Final = r"(?:[A-Za-z]*(?:[a-z][A-Z]|[A-Z]{2}[a-z])[A-Za-z]*|[A-Za-z]{1,2})"
_ODD_RUN: Final = re.compile(rf"\b{_ODD}(?:[^\w\n]{{1,3}}{_ODD}){{2,}}\b")
_ODD_WORD: Final = re.compile(r"\b[A-Za-z]?(?:[a-z][A-Z]){2,}[a-z]?\b")
_LEAST_LETTERS: Final = 8


def plain_spacing(form: Form) -> Form:
    """Return a form in which spread letters are words, and words are parted by one space."""
    form = form.substitute(_SPREAD, _gathered)
    form = form.substitute(_COLUMN, lambda match: _BREAK.sub(" ", match.group()))
    form = form.substitute(_WIDE_SPACING, lambda match: _GAP.sub(" ", match.group()))
    return form.substitute(_JOINED, lambda match: _JOINT.sub(" ", match.group()))


def plain_case(form: Form) -> Form:
    """Return a form in lower case where it shouts or alternates; single names stay as they are."""
    form = form.substitute(_CAMEL, _camel)
    form = form.substitute(_ODD_RUN, _even)
    form = form.substitute(_ODD_WORD, lambda match: match.group().lower())
    return form.substitute(_SHOUT, _quiet)


def _gathered(match: re.Match[str]) -> str:
    gap, text = match.group("gap"), match.group()
    if gap.endswith("\n"):
        words = re.split(r"\n[ \t]*\r?\n\s*|[ \t]?[/|][ \t]?", text)
    elif gap in " \t":
        words = _SPACED.split(text)
    else:
        words = text.split()
    return " ".join("".join(c for c in word if c.isalpha()) for word in words)


def _camel(match: re.Match[str]) -> str:
    words = _HUMP.split(match.group())
    num_words = sum(len(word) > 1 for word in words)
    return " ".join(words).lower() if 3 * num_words >= 2 * len(words) else match.group().lower()


def _even(match: re.Match[str]) -> str:
    """Return a run of words in lower case, if their case alternates."""
    text = match.group()
    is_odd = re.search(r"\b[a-z]+[A-Z]", text) is not None
    return text.lower() if is_odd and sum(map(str.isalpha, text)) >= _LEAST_LETTERS else text


def _quiet(match: re.Match[str]) -> str:
    text = match.group()
    return text.lower() if sum(map(str.isalpha, text)) >= _LEAST_LETTERS else text
