"""The texts of requests and answers, encrypted, apart from the log and with a life of their own.

Each day has a data key, wrapped by the master key; without its file the texts of that day are
noise, whatever copies of them there are.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from ngsd_guard.audit._signing import need_cryptography
from ngsd_guard.errors import AuditError

_NONCE_BYTES: Final = 12


def fingerprint(key: bytes, text: str) -> str:
    """Return HMAC-SHA-256 of a text, hexadecimal."""
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class ContentStore:
    """The encrypted texts beside a log.

    Args:
        log: the log's file; the store is a folder beside it.
        key: the master key, at least 16 random bytes.

    Raises:
        MissingDependencyError: the extra `audit` is not installed.
    """

    def __init__(self, log: Path, key: bytes) -> None:
        self._cipher: Any = need_cryptography("hazmat.primitives.ciphers.aead").AESGCM
        self.folder = log.with_name(f"{log.stem}.content")
        self._master = hashlib.sha256(b"ngsd-guard content store\n" + key).digest()
        self._keys: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put(self, event_id: str, texts: dict[str, str], *, sync: bool = False) -> str:
        """Store the texts of a record; return the day they are filed under.

        Raises:
            OSError: they could not be written.
        """
        day = datetime.now(UTC).date().isoformat()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        with self._lock:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            data = json.dumps(texts).encode()
            sealed = self._cipher(self._data_key(day)).encrypt(nonce, data, event_id.encode())
            entry = {"event_id": event_id, "data": base64.b64encode(nonce + sealed).decode()}
            line = json.dumps(entry).encode() + b"\n"
            _append(self.folder / f"{day}.{os.getpid()}.jsonl", line, sync=sync)
        return day

    def get(self, event_id: str) -> dict[str, str] | None:
        """Return the texts of a record, or None if they or their key are gone.

        Raises:
            AuditError: the master key is another one, or the text was changed.
        """
        for day in self.days():
            for line in self._lines(day):
                if line["event_id"] == event_id:
                    return self._open(day, line)
        return None

    def days(self) -> list[str]:
        """Return the days whose texts can still be read, oldest first."""
        return sorted(path.stem for path in self.folder.glob("*.key"))

    def delete(self, *, before: date) -> list[str]:
        """Destroy the data keys and texts of all days before one; return those days."""
        gone = [day for day in self.days() if day < before.isoformat()]
        for day in gone:
            key = self.folder / f"{day}.key"
            key.write_bytes(secrets.token_bytes(key.stat().st_size))
            key.unlink()
            self._keys.pop(day, None)
            for file in self.folder.glob(f"{day}.*.jsonl"):
                file.unlink()
        return gone

    def _open(self, day: str, line: dict[str, str]) -> dict[str, str]:
        data, cipher = base64.b64decode(line["data"]), self._cipher(self._data_key(day))
        try:
            text = cipher.decrypt(
                data[:_NONCE_BYTES], data[_NONCE_BYTES:], line["event_id"].encode()
            )
        except Exception as error:
            raise AuditError(
                f"the stored text of {line['event_id']} does not open: the key is another one, or "
                "the text was changed"
            ) from error
        texts: dict[str, str] = json.loads(text)
        return texts

    def _lines(self, day: str) -> Iterator[dict[str, str]]:
        for file in sorted(self.folder.glob(f"{day}.*.jsonl")):
            with file.open("rb") as lines:
                for line in lines:
                    if line.endswith(b"\n"):
                        yield json.loads(line)

    def _data_key(self, day: str) -> bytes:
        if day not in self._keys:
            path, wrapper = self.folder / f"{day}.key", self._cipher(self._master)
            try:
                fresh, nonce = secrets.token_bytes(32), secrets.token_bytes(_NONCE_BYTES)
                wrapped = nonce + wrapper.encrypt(nonce, fresh, day.encode())
                _create(path, wrapped)
            except FileExistsError:
                wrapped = path.read_bytes()
            try:
                self._keys[day] = wrapper.decrypt(
                    wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], day.encode()
                )
            except Exception as error:
                raise AuditError(
                    f"the content store {self.folder} has another master key; open it with that"
                ) from error
        return self._keys[day]


def _create(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, whole: written apart, then linked into its place."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    finally:
        partial.unlink()


def _append(path: Path, line: bytes, *, sync: bool) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if os.write(descriptor, line) != len(line):
            os.ftruncate(descriptor, size)
            raise OSError("the disk took only part of the text")
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
