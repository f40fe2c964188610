"""Prompts that a pair has seen, named by hash: what run cards and calibrations list."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from ngsd_guard.datasets._splits import normalised
from ngsd_guard.errors import ConfigurationError

_DIGITS: Final = 16
_KEY: Final = "prompt_hashes"


def prompt_hash(text: str) -> str:
    """Return what a run card names a prompt by: SHA-256 of its normalised text, 16 digits."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()[:_DIGITS]


def read_prompt_hashes(path: str | Path) -> frozenset[str] | None:
    """Return the hashes that a run card or a calibration lists.

    Args:
        path: a JSON object whose `prompt_hashes` lists what `prompt_hash` gives.

    Returns:
        None where the file lists none.

    Raises:
        ConfigurationError: the file cannot be read, or the list is malformed.
    """
    try:
        card: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not JSON"
        raise ConfigurationError(f"cannot read the run card {path}: {reason}") from error
    hashes = card.get(_KEY) if isinstance(card, dict) else None
    if hashes is None:
        return None
    if not isinstance(hashes, list) or not all(
        isinstance(item, str) and len(item) >= _DIGITS for item in hashes
    ):
        raise ConfigurationError(
            f"{path}: {_KEY!r} must list at least {_DIGITS} hexadecimal digits a prompt; write the "
            "run card again"
        )
    return frozenset(item[:_DIGITS].lower() for item in hashes)
