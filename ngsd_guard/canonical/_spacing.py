"""Words that are spread out, run together, or written in odd case."""

import re
from typing import Final

from ngsd_guard.canonical._form import Form

_SPREAD: Final = re.compile(
    r"(?<![^\W_])[^\W\d_](?P<gap>(?P<blank>[ \t]{1,4})|\r?\n|[ \t]?[^\w\s]{1,3}[ \t]?)"
    r"(?:[^\W\d_](?:(?P=gap)"
    r"|(?(blank)(?:(?P=gap)[ \t]{1,8}|[ \t]?[/|][ \t]?)|[^\w\s]{0,3}[ \t]{1,8}[^\w\s]{0,3})"
    r"|[ \t]{0,4}(?:\r?\n[ \t]{0,4}){1,3})){2,}[^\W\d_](?![^\W_])(?:(?P=gap)(?=\s|\Z))?"
)
"""At least four single letters with the same signs between them; wider gaps part words."""
_PARTED: Final = re.compile(r"[^\w\s]*[ \t]+[^\w\s]*")
_COLUMN: Final = re.compile(
    r"(?:(?<=\n)|\A)[ \t]*+"
    r"(?:[^\s]{1,30}+(?:[ \t][^\s]{1,12}+)?(?:[ \t]\|)?[ \t]*+(?:\r?\n[ \t]*+)++){3,}+"
    r"[^\n]{0,45}"
)
"""At least four lines of one or two words."""
_BREAK: Final = re.compile(r"(?:[ \t]\|(?=\s))?\s+(?:(?:[-*+>#|\u2022]|\d{1,3}[.)])[ \t]+)?")
"""A line's end, with the mark of a list, a quotation or a table at the start of the next."""
_MARK: Final = re.compile(r"[ \t]*(?:[-*+>#|\u2022]|\d{1,3}[.)])[ \t]+")
_JOINED: Final = re.compile(r"(?<![^\W_])[^\W\d_]+(?:[_+~^|]{1,2}[^\W\d_]+){3,}(?![^\W_])")
_JOINT: Final = re.compile(r"[_+~^|]+")
_CHAINED: Final = re.compile(
    r"(?<![^\W_])[^\W\d_]+(?P<joint>(?!')[^\w\s]|[ \t][^\w\s][ \t])"
    r"[^\W\d_]+(?:(?P=joint)[^\W\d_]+){3,}(?![^\W_])"
)
"""At least five words with the same sign between them."""
_WRAPPED: Final = re.compile(
    r"(?P<open>[^\w\s]{1,3})[^\W\d_]+(?P<close>[^\w\s]{1,3})"
    r"(?:[ \t]+(?P=open)[^\W\d_]+(?P=close)){3,}"
)
"""At least four words, each in the same quotes, brackets or marks."""
_SIGNS: Final = re.compile(r"[^\w\s]+")
_TAG: Final = re.compile(r"<!--[^<>]{0,200}-->|</?[A-Za-z][^<>]{0,200}>")
_TAG_IN_WORD: Final = re.compile(rf"(?<=[^\W\d_])(?:{_TAG.pattern})(?=[^\W\d_])")
_PARTING_TAG: Final = re.compile(
    r"</?(?:p|br|li|ul|ol|td|th|tr|table|div|h\d|hr|section|article|option)\b", re.IGNORECASE
)
_LEAST_TAGS: Final = 3
_WITHIN_WORD: Final = re.compile(
    r"(?<=[^\W\d_])(?:\*{1,3}|_{2,3}|~~|`|-\r?\n[ \t]{0,8})(?=[^\W\d_])"
)
"""Marks of emphasis, or a hyphen at a line's end, within a word."""
_QUOTED_PLUS: Final = re.compile(r"([\"'])[ \t]*\+[ \t]*\1")
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
    form = _without_tags(form)
    form = form.substitute(_QUOTED_PLUS, lambda _: "")
    form = form.substitute(_SPREAD, _gathered)
    form = form.substitute(_COLUMN, lambda match: _in_one_line(match.group()))
    form = form.substitute(_WIDE_SPACING, lambda match: _GAP.sub(" ", match.group()))
    form = form.substitute(_JOINED, lambda match: _JOINT.sub(" ", match.group()))
    form = form.substitute(_WRAPPED, lambda match: _SIGNS.sub("", match.group()))
    form = form.substitute(
        _CHAINED, lambda match: " ".join(match.group().split(match.group("joint")))
    )
    return form.substitute(_WITHIN_WORD, lambda _: "")


def plain_case(form: Form) -> Form:
    """Return a form in lower case where it shouts or alternates; single names stay as they are."""
    form = form.substitute(_CAMEL, _camel)
    form = form.substitute(_ODD_RUN, _even)
    form = form.substitute(_ODD_WORD, lambda match: match.group().lower())
    return form.substitute(_SHOUT, _quiet)


def _without_tags(form: Form) -> Form:
    """Return a form without the tags of HTML, if it has some."""
    if "<" not in form.text:
        return form
    is_split = _TAG_IN_WORD.search(form.text) is not None
    if not is_split and len(_TAG.findall(form.text)) < _LEAST_TAGS:
        return form
    return form.substitute(_TAG, lambda match: " " if _PARTING_TAG.match(match.group()) else "")


def _in_one_line(lines: str) -> str:
    return _BREAK.sub(" ", _MARK.sub("", lines, count=1) if _MARK.match(lines) else lines)


def _gathered(match: re.Match[str]) -> str:
    gap, text = match.group("gap"), match.group()
    if gap.endswith("\n"):
        words = re.split(r"\n[ \t]*\r?\n\s*|[ \t]?[/|][ \t]?", text)
    elif not gap.strip():
        words = re.split(rf"[ \t]{{{len(gap) + 1},}}|[ \t]*\n\s*|[ \t]?[/|][ \t]?", text)
    elif gap != gap.strip():
        words = re.split(r"[ \t]{2,}", text)
    else:
        words = _PARTED.split(text)
    gathered = " ".join(filter(None, ("".join(filter(str.isalpha, word)) for word in words)))
    return gathered + (text[len(text.rstrip()) :] if not gap.strip() else "")


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
