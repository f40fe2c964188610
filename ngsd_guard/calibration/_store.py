"""Recordings kept in a file, so that an interrupted calibration goes on where it stopped."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ngsd_guard.calibration._types import Recording
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.risk import ExpertFeatures


def recording_key(*parts: object) -> str:
    """Return what a recording is filed under: a hash of all it depends on, the prompt included."""
    canonical = json.dumps(parts, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


class RecordingStore:
    """Recordings by key, one JSON object a line; holds hashes and numbers, and no text.

    Args:
        path: the file; None keeps recordings in memory alone.

    Raises:
        ConfigurationError: the file cannot be read.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._found: dict[str, Recording] = {}
        if path is None or not path.exists():
            return
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"cannot read the recordings {path}; remove the file to record again"
            ) from error
        for line in lines:
            row = _parsed(line)
            if row is not None:
                self._found[row[0]] = row[1]

    def get(self, key: str) -> Recording | None:
        """Return a recording; None where there is none."""
        return self._found.get(key)

    def add(self, recordings: Mapping[str, Recording]) -> None:
        """Keep recordings.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        self._found.update(recordings)
        if self._path is None:
            return
        lines = [
            json.dumps({"key": key, **asdict(recording)}) + "\n"
            for key, recording in recordings.items()
        ]
        try:
            with self._path.open("a", encoding="utf-8") as file:
                # An interrupted line is left as it is: it does not parse, and is recorded again.
                file.write("\n" + "".join(lines))
        except OSError as error:
            raise ConfigurationError(
                f"cannot write the recordings {self._path}: {error.strerror}; choose another folder"
            ) from error


def _parsed(line: str) -> tuple[str, Recording] | None:
    try:
        row: Any = json.loads(line)
        features = row["features"]
        return str(row["key"]), Recording(
            risk=float(row["risk"]),
            currents=_floats(row["currents"]),
            features=None if features is None else ExpertFeatures(**features),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _floats(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
