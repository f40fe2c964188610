"""How often the test prompts have been looked at from one folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._store import key_of


@dataclass(frozen=True, slots=True)
class Look:
    """One pair, under one set of options, whose answers to the test prompts were looked at."""

    pair: str
    """Hash of digests and options."""
    seed: int
    suite: str
    first: str
    """When, UTC."""


def read_looks(folder: Path) -> list[Look]:
    """Return the looks taken so far.

    Raises:
        ConfigurationError: the file is damaged.
    """
    path = folder / "looks.json"
    if not path.exists():
        return []
    try:
        return [Look(**fields) for fields in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path} is damaged, so that it is not known how often the test prompts were looked "
            "at; restore it, or choose another --out"
        ) from error


def add_look(folder: Path, identity: Mapping[str, Any], *, seed: int, suite: str) -> Sequence[Look]:
    """Note that a pair is about to be looked at, and return all looks.

    A run that goes on where another was interrupted is not a look of its own, nor is another row
    for the same pair, options and seed.
    """
    looks, pair = read_looks(folder), key_of(dict(identity))[:16]
    if any(look.pair == pair and look.seed == seed for look in looks):
        return looks
    looks.append(Look(pair, seed, suite, datetime.now(UTC).isoformat(timespec="seconds")))
    text = json.dumps([asdict(look) for look in looks], indent=2) + "\n"
    (folder / "looks.json").write_text(text, encoding="utf-8")
    return looks
