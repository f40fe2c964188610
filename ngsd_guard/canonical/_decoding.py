"""Encodings that can be undone with certainty: escapes, entities, base64, hidden characters."""

import base64
import binascii
import html
import re
from functools import partial
from typing import Final
from urllib.parse import unquote_to_bytes

from ngsd_guard.canonical._form import Form

_MAX_ROUNDS: Final = 3
"""How often encodings may be nested."""
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY: Final = re.compile(r"&(?:#\d{2,12};?|#[xX][0-9A-Fa-f]{2,12};?|[A-Za-z][A-Za-z0-9]{1,30};)")
_ESCAPE: Final = re.compile(
    r"(?:\\{1,4}(?:u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2})"
    r"|%u[0-9A-Fa-f]{4})+"
)
_ONE_ESCAPE: Final = re.compile(r"[\\%][uUx]\{?([0-9A-Fa-f]+)\}?")
_QUOTED_BREAK: Final = re.compile(r'\\([nrt"])')
_BREAKS: Final = {"n": "\n", "r": "\n", "t": "\t", '"': '"'}
_HEX: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:0x)?(?:[0-9A-Fa-f]{2}[ :]?){11,}[0-9A-Fa-f]{2}(?![0-9A-Za-z])"
)
_NUMBERS: Final = tuple(
    (re.compile(pattern), re.compile(number), base)
    for pattern, number, base in (
        (r"(?:=[0-9A-F]{2}){4,}", r"[0-9A-F]{2}", 16),
        (r"(?:\\[0-3]?[0-7]{2}){4,}", r"[0-7]+", 8),
        (r"(?:\\[0-9A-Fa-f]{2,6}(?: |(?=\\|\Z|\W))){4,}", r"[0-9A-Fa-f]+", 16),
        (r"(?:\bU\+[0-9A-Fa-f]{4,6}[, ]{0,2}){4,}", r"(?<=\+)[0-9A-Fa-f]+", 16),
        (r"(?:0x[0-9A-Fa-f]{2,4}[, ]{1,2}){4,}0x[0-9A-Fa-f]{2,4}", r"(?<=x)[0-9A-Fa-f]+", 16),
        (r"\b(?:u[0-9A-Fa-f]{4}){4,}", r"(?<=u)[0-9A-Fa-f]{4}", 16),
        (r"\b(?:[0-9A-Fa-f]{2}-){9,}[0-9A-Fa-f]{2}\b", r"[0-9A-Fa-f]{2}", 16),
        (r"\b(?:[01]{8}[, ]{0,2}){6,}", r"[01]{8}", 2),
        (r"(?:\bchr\(\d{2,6}\)[ +,.&]{0,3}){4,}", r"\d+", 10),
        (r"\b(?:\d{2,3}[, ]{1,2}){9,}\d{2,3}\b", r"\d+", 10),
    )
)
"""Ways to write text as the numbers of its characters: one run, one number in it, the base."""
_BASE32: Final = re.compile(r"\b[A-Z2-7]{16,}={0,6}")
_BASE64_GROUPS: Final = re.compile(
    r"(?<!\S)(?:(?:[A-Za-z0-9+/]{4}[ \n]){4,}|(?:[A-Za-z0-9+/]{8}[ \n]){2,}"
    r"|(?:[A-Za-z0-9+/]{4,}\r?\n){2,})[A-Za-z0-9+/]{2,}={0,2}(?!\S)"
)
_BASE64_WORDS: Final = re.compile(r"(?<!\S)(?:[A-Za-z0-9+/]{2,}={0,2} ){2,}[A-Za-z0-9+/]{2,}={0,2}")
_BASE64: Final = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}")
_BASE64_LINE: Final = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}={0,2}")
_BASE64_WORD: Final = re.compile(r"[A-Za-z0-9+/]{2,}={0,2}")
_LEAST_WORDS: Final = 3
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_TAGS: Final = re.compile("[\U000e0020-\U000e007e]{4,}")
_LEAST_READABLE: Final = 0.6
"""Share of letters, digits and spaces in a text that somebody meant to be read."""


def decoded(form: Form) -> Form:
    """Return a form with its encodings undone, as far as what comes out is readable text."""
    for _ in range(_MAX_ROUNDS):
        before = form.text
        form = _without_numbers(_without_escapes(form))
        form = form.substitute(_BASE64, _from_base64)
        for pattern in (_BASE64_LINE, _BASE64_GROUPS) if form.text == before else ():
            form = form.substitute(pattern, _from_base64)
        if "=" in form.text:
            form = form.substitute(_BASE64_WORDS, _from_base64_words)
        form = form.substitute(_BASE32, _from_base32)
        if not form.text.isascii():
            form = form.substitute(_TAGS, _from_tags)
            form = form.substitute(_SELECTORS, _from_selectors)
        if form.text == before:
            break
    return form


def _without_escapes(form: Form) -> Form:
    if "%" in form.text:
        form = form.substitute(_PERCENT, _unquoted)
    if "&" in form.text:
        form = form.substitute(_ENTITY, lambda match: html.unescape(match.group()))
    if "\\" in form.text or "%u" in form.text:
        form = form.substitute(_ESCAPE, _unescaped)
        form = form.substitute(_QUOTED_BREAK, lambda match: _BREAKS[match.group(1)])
    return form


def _without_numbers(form: Form) -> Form:
    form = form.substitute(_HEX, _from_hex)
    for run, number, base in _NUMBERS:
        form = form.substitute(run, partial(_from_numbers, number=number, base=base))
    return form


def _unquoted(match: re.Match[str]) -> str:
    return _printable(unquote_to_bytes(match.group())) or match.group()


def _unescaped(match: re.Match[str]) -> str:
    codes = [int(digits, 16) for digits in _ONE_ESCAPE.findall(match.group())]
    if any(code > 0x10FFFF for code in codes):
        return match.group()
    text = "".join(map(chr, codes))
    try:  # characters beyond the first plane may be written as two surrogates
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return match.group()


def _from_hex(match: re.Match[str]) -> str:
    digits = re.sub(r"[ :]", "", match.group().removeprefix("0x"))
    return _readable(bytes.fromhex(digits)) or match.group()


def _from_numbers(match: re.Match[str], number: re.Pattern[str], base: int) -> str:
    codes = [int(digits, base) for digits in number.findall(match.group())]
    if any(not (chr(code).isprintable() or code == 10) for code in codes if code <= 0x10FFFF):
        return match.group()
    text = "".join(chr(code) for code in codes if code <= 0x10FFFF)
    return text if _reads_as_words(text) else match.group()


def _from_base32(match: re.Match[str]) -> str:
    digits = match.group().rstrip("=")
    try:
        data = base64.b32decode(digits + "=" * (-len(digits) % 8))
    except binascii.Error:
        return match.group()
    return _readable(data) or match.group()


def _from_base64_words(match: re.Match[str]) -> str:
    """Return words with those replaced that were encoded one by one, if these are several."""
    words = match.group().split(" ")
    plain = [_BASE64_WORD.sub(_from_base64, word) for word in words]
    num_changed = sum(old != new for old, new in zip(words, plain, strict=True))
    return " ".join(plain) if num_changed >= _LEAST_WORDS else match.group()


def _from_base64(match: re.Match[str]) -> str:
    digits = "".join(match.group().split()).rstrip("=").translate({45: "+", 95: "/"})
    try:
        data = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        return match.group()
    return _readable(data) or match.group()


def _from_tags(match: re.Match[str]) -> str:
    """Return the ASCII text that tag characters spell, which no reader sees and a model does."""
    return f" {''.join(chr(ord(character) - 0xE0000) for character in match.group())} "


def _from_selectors(match: re.Match[str]) -> str:
    """Return the text whose bytes are written as variation selectors."""
    codes = (ord(character) for character in match.group())
    data = bytes(code - 0xFE00 if code < 0xE0100 else code - 0xE0100 + 16 for code in codes)
    text = _printable(data)
    return f" {text} " if text else match.group()


def _printable(data: bytes) -> str | None:
    """Return bytes as text; None if they are not UTF-8 that can be shown."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if all(c.isprintable() or c in "\n\r\t" for c in text) else None


def _readable(data: bytes) -> str | None:
    """Return bytes as text, UTF-8 or UTF-16, if it consists of words; else None."""
    text = _printable(data)
    if not text and b"\0" in data[:4] and len(data) % 2 == 0:
        text = _printable(data.decode("utf-16", "replace").encode())
    return text if text and _reads_as_words(text) else None


def _reads_as_words(text: str) -> bool:
    num_plain = sum(character.isalnum() or character.isspace() for character in text)
    return num_plain >= _LEAST_READABLE * len(text)
