"""Canonical JSON (RFC 8785) of a record, and the hash over it."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final

import rfc8785

_LARGEST_INTEGER: Final = 2**53 - 1
"""The last one that every reader of JSON keeps exact."""
_UNKNOWN: Final = "?" * 64


def canonical(fields: Mapping[str, Any]) -> bytes:
    """Return the one spelling of a record; what JSON has no number for is spelt as a string."""
    return rfc8785.dumps(_plain(fields))


def sealed(fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return a record with its `hash`, as it is written, and that hash.

    The hash is SHA-256 over the record without it, so that a reader takes the member out of the
    line and has what was hashed, byte for byte.
    """
    line = canonical({**fields, "hash": _UNKNOWN})
    digest = hashlib.sha256(without(line, "hash", _UNKNOWN)).hexdigest()
    return line.replace(f'"hash":"{_UNKNOWN}"'.encode(), f'"hash":"{digest}"'.encode(), 1), digest


def without(line: bytes, name: str, value: str) -> bytes:
    """Return a canonical line without one of its members.

    A quotation mark inside a string is escaped, so that the member cannot be found in a value.
    """
    member = f'"{name}":"{value}"'.encode()
    rest = line.replace(member + b",", b"", 1)
    return rest if rest != line else line.replace(b"," + member, b"", 1)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # half a surrogate pair has no UTF-8
    return value
