"""A record of how many pairs were measured on the test prompts."""

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
    """One pair, under one set of options, measured on the test prompts."""

    pair: str
    """Hash of digests and options."""
    seed: int
    suite: str
    first: str
    """When, UTC."""


def read_looks(folder: Path) -> list[Look]:
    """Return the looks so far.

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
            f"{path} is damaged, so the number of looks at the test prompts is unknown; restore "
            "it, or choose another --out"
        ) from error


def add_look(folder: Path, identity: Mapping[str, Any], *, seed: int, suite: str) -> Sequence[Look]:
    """Record a look, and return all looks.

    Resuming a run, or measuring more rows of the same pair with the same options and seed, does
    not count as another look.
    """
    looks, pair = read_looks(folder), key_of(dict(identity))[:16]
    if any(look.pair == pair and look.seed == seed for look in looks):
        return looks
    looks.append(Look(pair, seed, suite, datetime.now(UTC).isoformat(timespec="seconds")))
    text = json.dumps([asdict(look) for look in looks], indent=2) + "\n"
    (folder / "looks.json").write_text(text, encoding="utf-8")
    return looks
