"""Encodings that can be undone with certainty: escapes, entities, base64, hidden characters."""

import base64
import binascii
import html
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from ngsd_guard.canonical._form import Form

_MAX_ROUNDS: Final = 3
"""How often encodings may be nested."""
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_ESCAPE: Final = re.compile(
    r"(?:\\{1,4}(?:u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}))+"
)
_ONE_ESCAPE: Final = re.compile(r"\\[uUx]\{?([0-9A-Fa-f]+)\}?")
_QUOTED_BREAK: Final = re.compile(r'\\([nrt"])')
_BREAKS: Final = {"n": "\n", "r": "\n", "t": "\t", '"': '"'}
_HEX: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:0x)?(?:[0-9A-Fa-f]{2}[ :]?){11,}[0-9A-Fa-f]{2}(?![0-9A-Za-z])"
)
_BASE64: Final = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*={0,2}")
_BASE64_LINE: Final = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}={0,2}")
_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
_TAGS: Final = re.compile("[\U000e0020-\U000e007e]{4,}")
_LEAST_READABLE: Final = 0.6
"""Share of letters, digits and spaces in a text that somebody meant to be read."""


def decoded(form: Form) -> Form:
    """Return a form with its encodings undone, as far as what comes out is readable text."""
    for _ in range(_MAX_ROUNDS):
        before = form.text
        if "%" in form.text:
            form = form.substitute(_PERCENT, _unquoted)
        if "&" in form.text:
            form = form.substitute(_ENTITY, lambda match: html.unescape(match.group()))
        if "\\" in form.text:
            form = form.substitute(_ESCAPE, _unescaped)
            form = form.substitute(_QUOTED_BREAK, lambda match: _BREAKS[match.group(1)])
        form = form.substitute(_HEX, _from_hex)
        form = form.substitute(_BASE64, _from_base64)
        if form.text == before:
            form = form.substitute(_BASE64_LINE, _from_base64)
        if not form.text.isascii():
            form = form.substitute(_TAGS, _from_tags)
            form = form.substitute(_SELECTORS, _from_selectors)
        if form.text == before:
            break
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
    """Return bytes as text if it consists of words; else None."""
    text = _printable(data)
    if not text:
        return None
    num_plain = sum(character.isalnum() or character.isspace() for character in text)
    return text if num_plain >= _LEAST_READABLE * len(text) else None
