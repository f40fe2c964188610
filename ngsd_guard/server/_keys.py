"""API keys: only their hashes are kept, and compared in constant time."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ngsd_guard.errors import ConfigurationError

_PREFIX: Final = "sha256:"


def load_api_keys(path: str | Path) -> tuple[str, ...]:
    """Return the SHA-256 of each API key in a file, hexadecimal.

    Each line is a key, or `sha256:` and the hexadecimal SHA-256 of a key. Blank lines and lines
    that start with `#` are ignored.

    Raises:
        ConfigurationError: the file cannot be read, has no key, or a hash is not 64 digits.
    """
    keys = _keys_in(path, "the API keys")
    if not keys:
        raise ConfigurationError(f"there is no API key in {str(path)!r}; add one per line")
    return tuple(_hash(key, number) for number, key in enumerate(keys, 1))


def load_upstream_key(path: str | Path) -> str:
    """Return the API key in a file, which the upstream is sent.

    Raises:
        ConfigurationError: the file cannot be read, or does not have exactly one key.
    """
    keys = _keys_in(path, "the upstream's key")
    if len(keys) != 1:
        raise ConfigurationError(f"there are {len(keys)} keys in {str(path)!r}; keep one line")
    return keys[0]


def hash_key(key: str) -> str:
    """Return the SHA-256 of a key, hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def accepted_hash(authorization: bytes | None, hashes: Sequence[str]) -> str | None:
    """Return the hash of the key in an `Authorization` header if it is accepted, or None.

    All hashes are compared, so that the time does not depend on which one matches.
    """
    scheme, _, key = (authorization or b"").partition(b" ")
    if scheme.lower() != b"bearer":
        return None
    given = hashlib.sha256(key.strip()).hexdigest()
    matches = [known for known in hashes if hmac.compare_digest(given, known)]
    return matches[0] if matches else None


def _keys_in(path: str | Path, what: str) -> list[str]:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot read {what} in {str(path)!r}: {type(error).__name__}; pass a text file "
            "with one key per line"
        ) from error
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _hash(key: str, number: int) -> str:
    if not key.startswith(_PREFIX):
        return hash_key(key)
    digits = key.removeprefix(_PREFIX).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ConfigurationError(
            f"key {number} starts with {_PREFIX!r} but is not followed by 64 hexadecimal digits"
        )
    return digits
