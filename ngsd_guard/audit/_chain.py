"""One writer's chain of records: its file, its head, and its position."""

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ngsd_guard.audit._canonical import canonical, parse_object, sealed
from ngsd_guard.audit._files import next_segment, open_own
from ngsd_guard.audit._head import HeadFile, Position
from ngsd_guard.audit._recovery import recover
from ngsd_guard.audit._signing import SigningKey
from ngsd_guard.errors import AuditError


@dataclass(frozen=True, slots=True)
class Link:
    """A record that is ready to write."""

    fields: Mapping[str, Any]
    line: bytes
    position: Position


class Chain:
    """Appends records to a file, each with the hash of the previous one.

    Args:
        log: the file.
        key: key that signs the chain; None for an unsigned chain.
        indexed: position of this file's chain in the log's index; None if it is not there.

    Raises:
        BlockingIOError: another writer has the chain open.
        OSError: a file cannot be opened.
        AuditError: the chain cannot be continued.
    """

    def __init__(self, log: Path, key: SigningKey | None, indexed: Position | None = None) -> None:
        self.log = log
        self.key = key
        self._head = HeadFile(log)
        try:
            self.recovery = recover(log, key, indexed)
            self.position = self.recovery.position.signed(key)
            self._head.begin(self.position.slot)
            self._open()
        except BaseException:
            self._head.close()
            raise

    @property
    def size(self) -> int:
        """Size of the current file, in bytes."""
        return self._size

    @property
    def age_s(self) -> float:
        """Age of the current file, in seconds."""
        return time.time() - self._created

    def link(self, fields: Mapping[str, Any]) -> Link:
        """Return a record as the next one of the chain, without changing the chain."""
        here = self.position
        fields = {
            **fields,
            "chain_id": here.chain_id,
            "sequence": here.sequence + 1,
            "prev_hash": here.hash,
        }
        fields.pop("signature", None)
        if self.key is not None:
            fields["key_id"] = self.key.id
            if fields["kind"] == "checkpoint":
                fields["signature"] = self.key.sign(canonical(fields))
        line, digest = sealed(fields)
        position = Position(here.chain_id, here.sequence + 1, digest).signed(self.key)
        return Link({**fields, "hash": digest}, line, position)

    def append(self, link: Link) -> None:
        """Write a complete record, or leave the file unchanged.

        Raises:
            OSError: the record could not be written.
            AuditError: another program wrote to the file or moved it.
        """
        self._check_untouched()
        data, slot = link.line + b"\n", link.position.slot
        try:
            self._head.announce(slot)
            if os.write(self._fd, data) != len(data):
                raise OSError("only part of the record was written")
            self._head.commit(slot)
        except BaseException:
            os.ftruncate(self._fd, self._size)  # a partial line would corrupt the next one
            raise
        self._size += len(data)
        self.position = link.position

    def sync(self) -> None:
        """Flush all records to disk."""
        os.fsync(self._fd)
        self._head.sync()

    def rotate(self) -> None:
        """Start a new file and continue the chain there."""
        self.sync()
        full = next_segment(self.log)
        self.log.rename(full)
        old = self._fd
        try:
            self._open()
        except OSError:
            full.rename(self.log)
            raise
        os.close(old)
        _sync_folder(self.log.parent)

    def close(self) -> None:
        """Close the files and release the lock."""
        with contextlib.suppress(OSError):
            os.close(self._fd)
        self._head.close()

    def _open(self) -> None:
        self._fd = open_own(self.log, os.O_RDWR | os.O_APPEND)
        self._size = os.fstat(self._fd).st_size
        self._created = _first_time(self.log) if self._size else time.time()

    def _check_untouched(self) -> None:
        try:
            here, mine = os.stat(self.log), os.fstat(self._fd)
        except FileNotFoundError:
            raise AuditError(
                f"the audit log {self.log} was moved or deleted while it was open; restore it, or "
                "open a new one"
            ) from None
        if (here.st_ino, here.st_dev) != (mine.st_ino, mine.st_dev) or mine.st_size != self._size:
            raise AuditError(
                f"another program wrote to the audit log {self.log}; open it again, and rotate it "
                "with max_bytes and max_age_s instead of an external tool"
            )


def _first_time(path: Path) -> float:
    with path.open("rb") as file:
        fields = parse_object(file.readline())
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return datetime.fromisoformat((fields or {})["time_utc"]).timestamp()
    return time.time()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
