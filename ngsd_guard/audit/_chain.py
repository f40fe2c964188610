"""One writer's chain of records: its file, its head, and its position."""

import contextlib
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from ngsd_guard.audit._canonical import canonical, sealed
from ngsd_guard.audit._files import ChainFiles, next_segment
from ngsd_guard.audit._head import GENESIS, HeadFile, Position, read_head
from ngsd_guard.audit._signing import SigningKey
from ngsd_guard.errors import AuditError

_READ_BACK: Final = 64 * 1024


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

    Raises:
        BlockingIOError: another writer has the chain open.
        OSError: a file cannot be opened.
        AuditError: the chain is signed with another key, or signed while no key is given.
    """

    def __init__(self, log: Path, key: SigningKey | None) -> None:
        self.log = log
        self.key = key
        self.gaps: list[dict[str, Any]] = []
        """Gaps found by recovery, to be written as the first records."""
        self.set_aside: str | None = None
        self.previous_end: Literal["closed", "unclosed"] | None = None
        self._head = HeadFile(log)
        try:
            self.position = self._recover()
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
        self._fd = os.open(self.log, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
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

    def _recover(self) -> Position:
        """Return the chain's position; repair an incomplete end, and note missing records."""
        self._cut_torn_tail()
        last, cause = self._last()
        head = read_head(self.log)
        known = head.positions if head else []
        self._check_key(last, known)
        if last is not None:
            is_closed = cause == "close"
            self.previous_end = "closed" if is_closed else "unclosed"
            if not known and not is_closed:
                self.gaps.append({"reason": "head_lost"})
            if not known or any(_same(last, position) for position in known):
                return last
        if head is None or (last is None and head.last_written < 0):
            return Position(secrets.token_hex(8), -1, GENESIS)
        expected = known[0]
        self.previous_end = self.previous_end or "unclosed"
        num_left = last.sequence if last and last.chain_id == expected.chain_id else -1
        self.gaps.append(
            {"reason": "records_lost", "num_records": max(0, expected.sequence - num_left)}
        )
        return expected

    def _check_key(self, last: Position | None, known: list[Position]) -> None:
        """Refuse to continue a chain that another writer may have changed."""
        if self.key is None:
            if any(position.signature for position in known):
                raise AuditError(
                    f"the audit log {self.log} is signed; open it with its signing_key"
                )
            return
        if (known or last) and not any(
            position.is_signed_by(self.key.public) for position in known
        ):
            raise AuditError(
                f"the head of the audit log {self.log} is not signed with this key: it was written "
                "without a key or with another one, or it was changed; check the log with "
                "`ngsd-guard audit verify`, then move it elsewhere"
            )

    def _cut_torn_tail(self) -> None:
        if not self.log.exists():
            return
        with self.log.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            end = _after_last_newline(file, size)
            if end < size:
                file.truncate(end)
                self.gaps.append({"reason": "torn_tail", "num_bytes": size - end})

    def _last(self) -> tuple[Position | None, str | None]:
        """Return the position of the last record, and its cause if it is a checkpoint."""
        for path in reversed(ChainFiles(self.log).in_order):
            line = _last_line(path)
            if line is None:
                continue
            try:
                fields = json.loads(line)
                position = Position(
                    str(fields["chain_id"]), int(fields["sequence"]), str(fields["hash"])
                )
            except (ValueError, KeyError, TypeError):
                head = read_head(self.log)
                if head and head.positions:  # this was a chain, and its file is damaged
                    return None, None
                self._set_aside(path)
                continue
            return position, fields.get("cause")
        return None, None

    def _set_aside(self, path: Path) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        aside = path.with_name(f"{path.name}.unchained-{stamp}")
        path.rename(aside)
        self.set_aside = aside.name


def _same(one: Position, other: Position) -> bool:
    return (one.chain_id, one.sequence, one.hash) == (
        other.chain_id, other.sequence, other.hash
    )  # fmt: skip


def _after_last_newline(file: Any, size: int) -> int:
    """Return the offset after the last complete line."""
    end = size
    while end > 0:
        start = max(0, end - _READ_BACK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return int(start + found + 1)
        end = start
    return 0


def _last_line(path: Path) -> bytes | None:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return None
        start = _after_last_newline(file, size - 1)
        file.seek(start)
        return file.read(size - start)


def _first_time(path: Path) -> float:
    with contextlib.suppress(ValueError, KeyError, TypeError), path.open("rb") as file:
        return datetime.fromisoformat(json.loads(file.readline())["time_utc"]).timestamp()
    return time.time()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
