"""The head of a chain: its current position, in a small file next to the log.

A hash chain alone does not reveal that its end was removed; the head does. It stores the position
twice, before a record is written (`pending`) and after (`committed`), which distinguishes a crash
between the two from a removed record. Both are there from the moment a chain exists, so a position
that is missing was removed. A lock on the head gives the chain a single writer.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ngsd_guard.audit._canonical import canonical, parse_object
from ngsd_guard.audit._files import open_own, read_small
from ngsd_guard.audit._signing import SigningKey, VerifyingKey

GENESIS: Final = "0" * 64
"""`prev_hash` of a chain's first record."""
_SLOT_BYTES: Final = 384


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a chain."""

    chain_id: str
    sequence: int
    """Sequence of the last record; -1 before the first."""
    hash: str
    """Hash of the last record."""
    signature: str | None = None

    def signed(self, key: SigningKey | None) -> "Position":
        """Return the position with a signature, or without one if there is no key."""
        signature = None if key is None else key.sign(self._signed_bytes)
        return Position(self.chain_id, self.sequence, self.hash, signature)

    def is_signed_by(self, key: VerifyingKey) -> bool:
        """Return whether the position is signed with a key."""
        return self.signature is not None and key.is_signature(self.signature, self._signed_bytes)

    def is_at(self, other: "Position") -> bool:
        """Return whether both are the same place in the same chain."""
        return (self.chain_id, self.sequence, self.hash) == (
            other.chain_id, other.sequence, other.hash
        )  # fmt: skip

    @property
    def slot(self) -> bytes:
        """The position as stored in the head's file."""
        fields: dict[str, str | int] = {
            "chain_id": self.chain_id, "sequence": self.sequence, "head_hash": self.hash
        }  # fmt: skip
        if self.signature is not None:
            fields["signature"] = self.signature
        return canonical(fields).ljust(_SLOT_BYTES - 1) + b"\n"

    @property
    def _signed_bytes(self) -> bytes:
        return canonical(
            {"chain_id": self.chain_id, "sequence": self.sequence, "head_hash": self.hash}
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The content of a head's file; None for an unreadable position."""

    pending: Position | None
    committed: Position | None
    is_empty: bool = False
    """Whether the file has no content: its writer was stopped before the chain existed."""

    @property
    def positions(self) -> list[Position]:
        """The readable positions."""
        return [position for position in (self.committed, self.pending) if position is not None]

    def signed_by(self, key: VerifyingKey) -> "Head":
        """Return the head with only those positions that are signed with a key."""
        pending, committed = (
            position if position is not None and position.is_signed_by(key) else None
            for position in (self.pending, self.committed)
        )
        return Head(pending, committed, self.is_empty)

    @property
    def last_written(self) -> int:
        """Sequence of the last record that must exist, from either position; -1 if none.

        A record is announced only after the previous one was committed.
        """
        committed = -1 if self.committed is None else self.committed.sequence
        announced = -1 if self.pending is None else self.pending.sequence
        return max(committed, announced - 1)


def head_path(log: Path) -> Path:
    """Return the path of a log's head."""
    return log.with_name(f"{log.name}.head")


def read_head(log: Path) -> Head | None:
    """Return the head of a log, or None if there is none.

    Raises:
        AuditError: the path is a symbolic link or cannot be read.
    """
    data = read_small(head_path(log), 2 * _SLOT_BYTES + 1)
    if data is None:
        return None
    return Head(_parse(data[:_SLOT_BYTES]), _parse(data[_SLOT_BYTES:]), is_empty=not data)


class HeadFile:
    """The open and locked head of a log.

    Raises:
        AuditError: the path is a symbolic link, or not a regular file.
        BlockingIOError: another writer has the lock.
        OSError: the file cannot be opened.
    """

    def __init__(self, log: Path) -> None:
        import fcntl  # imported here, so that systems without it can import the package

        self._fd = open_own(head_path(log), os.O_RDWR)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise

    def begin(self, slot: bytes) -> None:
        """Store one position twice, in a single write."""
        self._put(slot * 2, 0)
        os.ftruncate(self._fd, 2 * _SLOT_BYTES)

    def announce(self, slot: bytes) -> None:
        """Store the position of a record that is about to be written."""
        self._put(slot, 0)

    def commit(self, slot: bytes) -> None:
        """Store the position of a record that was written."""
        self._put(slot, _SLOT_BYTES)

    def sync(self) -> None:
        """Flush the head to disk."""
        os.fsync(self._fd)

    def close(self) -> None:
        """Close the file and release the lock."""
        with contextlib.suppress(OSError):
            os.close(self._fd)

    def _put(self, slot: bytes, offset: int) -> None:
        if os.pwrite(self._fd, slot, offset) != len(slot):
            raise OSError("only part of the log's head was written")


def parse_position(fields: object) -> Position | None:
    """Return a position from its JSON members, or None if they are not one."""
    if not isinstance(fields, dict):
        return None
    chain_id, sequence = fields.get("chain_id"), fields.get("sequence")
    digest, signature = fields.get("head_hash"), fields.get("signature")
    if not (isinstance(chain_id, str) and isinstance(digest, str)):
        return None
    if not isinstance(sequence, int) or isinstance(sequence, bool):
        return None
    if signature is not None and not isinstance(signature, str):
        return None
    return Position(chain_id, sequence, digest, signature)


def _parse(slot: bytes) -> Position | None:
    """Return the position in a slot that is exactly as a writer wrote it."""
    position = parse_position(parse_object(slot))
    return position if position is not None and position.slot == slot else None
