"""Prompts that a pair was trained or calibrated on, which must not be measured on."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ngsd_guard.datasets import normalised, read_prompts
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._sources import Sources

_DIGITS: Final = 16
"""Hexadecimal digits of a hash that are compared."""
_KEY: Final = "prompt_hashes"


def prompt_hash(text: str) -> str:
    """Return the first 16 digits of the SHA-256 of a normalised text, as run cards list them."""
    return hashlib.sha256(normalised(text).encode()).hexdigest()[:_DIGITS]


def read_seen(path: str | Path) -> frozenset[str]:
    """Return the hashes of the prompts that a file names.

    Args:
        path: a prompt set (JSONL), or a run card: a JSON object with `prompt_hashes`, a list of
            `prompt_hash` values or of whole SHA-256 digests.

    Raises:
        ConfigurationError: it cannot be read, or is neither.
    """
    path = Path(path).expanduser()
    if path.suffix != ".json":
        return frozenset(prompt_hash(prompt.plain) for prompt in read_prompts(path))
    try:
        card: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not JSON"
        raise ConfigurationError(f"cannot read the run card {path}: {reason}") from error
    hashes = card.get(_KEY) if isinstance(card, dict) else None
    if not isinstance(hashes, list) or not all(
        isinstance(h, str) and len(h) >= _DIGITS for h in hashes
    ):
        raise ConfigurationError(
            f"{path} has no list {_KEY!r} of at least {_DIGITS} hexadecimal digits each; give the "
            "run card of a training or calibration, or its prompts as JSONL"
        )
    return frozenset(h[:_DIGITS].lower() for h in hashes)


def find_run_card(folder: str | Path | None) -> list[Path]:
    """Return the run card of an expert's folder, if it has one that names prompts."""
    path = None if folder is None else Path(folder).expanduser() / "run_card.json"
    if path is None or not path.is_file():
        return []
    return [path] if f'"{_KEY}"' in path.read_text(encoding="utf-8", errors="replace") else []


def require_unseen(sources: Sources, paths: Sequence[str | Path], *, force: bool = False) -> int:
    """Refuse prompts to measure on that were trained or calibrated on.

    Args:
        sources: what is measured on.
        paths: prompt sets and run cards of training and calibration.
        force: only count them.

    Returns:
        The number of seen prompts.

    Raises:
        ConfigurationError: there are any, and `force` is false; the message counts them by set.
    """
    seen = frozenset[str]().union(*map(read_seen, paths))
    counts = {
        name: sum(prompt_hash(prompt.plain) in seen for prompt in prompts)
        for name, prompts in sources.sets.items()
    }
    total = sum(counts.values())
    if total and not force:
        listed = ", ".join(f"{n} of {name}" for name, n in counts.items() if n)
        raise ConfigurationError(
            f"{total} prompts to measure on were trained or calibrated on: {listed}; take them out "
            "of the training or calibration sets, leave these sets out of --whole, or force it"
        )
    return total
