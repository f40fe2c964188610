"""Results of an evaluation in a folder: verdicts and numbers, never the text of an answer."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from ngsd_guard.errors import ConfigurationError

Verdict = Literal["refused", "answered", "degenerate", "failed"]
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of one request, without its text."""

    verdict: Verdict
    """`degenerate` is neither safe nor harmful; `failed` means that an error ended the request."""
    defect: str | None = None
    """Defect of a degenerate answer, or class of the error."""
    fingerprint: str = ""
    """Keyed hash of the answer's tokens; only comparable within one folder."""
    num_tokens: int = 0
    num_spikes: int = 0
    num_overrides: int = 0
    risk: float | None = None
    peak_potential: float | None = None
    is_right: bool | None = None
    """Whether it contains the right answer; None if no right answer is known."""
    second: str | None = None
    """Verdict of the second judge: `refused`, `answered` or `error`; None without one."""
    potentials: Sequence[float] = ()
    """Potential compared with the threshold at each token; empty without a gate."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A guard's scores for one text; None where there is no score."""

    risk: float | None
    injection: float | None
    error_type: str | None = None


class Store:
    """Results, keyed by a hash of everything they depend on; survives interruptions.

    Args:
        folder: created if necessary.
        fresh: ignore earlier results; they stay in the file.

    Raises:
        ConfigurationError: the folder cannot be written or read.
    """

    def __init__(self, folder: str | Path, *, fresh: bool = False) -> None:
        self.folder = Path(folder).expanduser()
        self._path = self.folder / "answers.jsonl"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._secret = _secret(self.folder / "key")
            self._entries = {} if fresh or not self._path.exists() else _read(self._path)
            self._file = self._path.open("a", encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"cannot keep results in {self.folder}: {error.strerror}; choose another --out"
            ) from error
        if self._file.tell():
            self._file.write("\n")  # terminates a line that an interrupted run left incomplete

    def answer(self, key: str) -> Answer | None:
        """Return the stored answer; None if there is none."""
        answer: Answer | None = _as(Answer, self._entries.get(key))
        return answer

    def reading(self, key: str) -> Reading | None:
        """Return the stored scores; None if there are none."""
        reading: Reading | None = _as(Reading, self._entries.get(key))
        return reading

    def opening_seed(self, key: str) -> int | None:
        """Return the attempt that gave an opening, or -1 if none did; None if not yet tried."""
        entry = self._entries.get(key)
        seed = None if entry is None else entry.get("opening_seed")
        return seed if isinstance(seed, int) else None

    def wrapping(self, key: str) -> tuple[int, ...] | None:
        """Return the numbers of a wrapping that was searched for; None if it was not yet."""
        entry = self._entries.get(key)
        numbers = None if entry is None else entry.get("wrapping")
        return tuple(map(int, numbers)) if isinstance(numbers, list | tuple) else None

    def put(self, results: Iterable[tuple[str, Answer | Reading]]) -> None:
        """Store results durably."""
        self._write((key, asdict(result)) for key, result in results)

    def put_opening_seeds(self, seeds: Mapping[str, int]) -> None:
        """Store the attempts that gave openings."""
        self._write((key, {"opening_seed": seed}) for key, seed in seeds.items())

    def put_wrappings(self, wrappings: Mapping[str, Sequence[int]]) -> None:
        """Store wrappings that were searched for, as numbers."""
        self._write((key, {"wrapping": list(numbers)}) for key, numbers in wrappings.items())

    def fingerprint(self, token_ids: Sequence[int]) -> str:
        """Return a hash of an answer, keyed with this folder's secret."""
        text = " ".join(map(str, token_ids)).encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:16]

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, entries: Iterable[tuple[str, dict[str, Any]]]) -> None:
        for key, fields_ in entries:
            self._entries[key] = fields_
            self._file.write(json.dumps({"key": key, **fields_}, sort_keys=True) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def key_of(*parts: Any) -> str:
    """Return the key of a result: a hash of everything it depends on."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> dict[str, dict[str, Any]]:
    entries = {}
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            entry = json.loads(line)
        except ValueError:  # blank, or incomplete after an interruption
            continue
        if isinstance(entry, dict) and isinstance(entry.get("key"), str):
            entries[entry.pop("key")] = entry
    return entries


def _as(kind: Any, entry: dict[str, Any] | None) -> Any:
    names = {field.name for field in fields(kind)}
    if entry is None or not entry.keys() <= names:
        return None
    try:
        return kind(**entry)
    except TypeError:
        return None


def _secret(path: Path) -> bytes:
    if path.exists():
        secret = path.read_bytes()
        if len(secret) == _KEY_BYTES:
            return secret
        raise ConfigurationError(
            f"{path} is not a key of {_KEY_BYTES} bytes; choose another --out, or remove the folder"
        )
    secret = secrets.token_bytes(_KEY_BYTES)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
    return secret
