"""The encrypted store of request and answer texts, separate from the log.

Each day has a data key, which is encrypted with the master key. Without the file of the data key,
no copy of that day's texts can be decrypted.
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
    """Return the HMAC-SHA-256 of a text, hexadecimal."""
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class ContentStore:
    """The encrypted texts of a log.

    Args:
        log: the log's file; the store is a folder next to it.
        key: master key, at least 16 random bytes.

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
        """Store the texts of a record; return the day they are stored under.

        Raises:
            OSError: the texts could not be written.
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
        """Return the texts of a record, or None if they or their data key were deleted.

        Raises:
            AuditError: the master key is wrong, or the text was changed.
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
        """Delete the data keys and texts of all days before a date; return those days."""
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
                f"cannot decrypt the stored text of {line['event_id']}: the key is wrong, or the "
                "text was changed; use the master key it was stored with"
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
                    f"the content store {self.folder} has another master key; open it with that key"
                ) from error
        return self._keys[day]


def _create(path: Path, data: bytes) -> None:
    """Create a file atomically: write a temporary file, then link it to its path."""
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
            raise OSError("only part of the text was written")
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
