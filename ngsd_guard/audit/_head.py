"""The head of a chain: how far it has come, in a small file beside the log.

A chain of hashes does not show that its end was cut off; the head does. It tells twice where the
chain is, before a record is written (`pending`) and after (`committed`), so that a crash between
the two is told from a record that was taken away. Its lock makes the chain one writer's own.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ngsd_guard.audit._canonical import canonical
from ngsd_guard.audit._signing import SigningKey, VerifyingKey

GENESIS: Final = "0" * 64
"""`prev_hash` of a chain's first record."""
_SLOT_BYTES: Final = 384


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a chain."""

    chain_id: str
    sequence: int
    """Of the record the chain has come to; -1 before the first."""
    hash: str
    """That record's."""
    signature: str | None = None

    def signed(self, key: SigningKey | None) -> "Position":
        """Return the position with a signature."""
        if key is None:
            return self
        return Position(self.chain_id, self.sequence, self.hash, key.sign(self._signed_bytes))

    def is_signed_by(self, key: VerifyingKey) -> bool:
        """Say whether the signature is that key's."""
        return self.signature is not None and key.is_signature(self.signature, self._signed_bytes)

    @property
    def slot(self) -> bytes:
        """The position as the head's file has it."""
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
    """What the file says; None where it says nothing readable."""

    pending: Position | None
    committed: Position | None

    @property
    def positions(self) -> list[Position]:
        """What is readable."""
        return [position for position in (self.committed, self.pending) if position is not None]

    @property
    def last_written(self) -> int:
        """Sequence of the last record that must be there, whichever half is readable; -1 if none.

        A record is announced only once the one before it is committed.
        """
        committed = -1 if self.committed is None else self.committed.sequence
        announced = -1 if self.pending is None else self.pending.sequence
        return max(committed, announced - 1)


def head_path(log: Path) -> Path:
    """Return where the head of a log is."""
    return log.with_name(f"{log.name}.head")


def read_head(log: Path) -> Head | None:
    """Return the head of a log, or None if there is none."""
    try:
        data = head_path(log).read_bytes()
    except FileNotFoundError:
        return None
    return Head(_parse(data[:_SLOT_BYTES]), _parse(data[_SLOT_BYTES:]))


class HeadFile:
    """The open, locked head of a log.

    Raises:
        BlockingIOError: another writer has it.
        OSError: it cannot be opened.
    """

    def __init__(self, log: Path) -> None:
        import fcntl  # here, so that systems without it can import the package

        self._fd = os.open(head_path(log), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise

    def announce(self, slot: bytes) -> None:
        """Say that a record is about to be written; `slot` is that of its position."""
        self._put(slot, 0)

    def commit(self, slot: bytes) -> None:
        """Say that it is there."""
        self._put(slot, _SLOT_BYTES)

    def sync(self) -> None:
        """Wait for the disk."""
        os.fsync(self._fd)

    def close(self) -> None:
        """Let go of the lock."""
        with contextlib.suppress(OSError):
            os.close(self._fd)

    def _put(self, slot: bytes, offset: int) -> None:
        if os.pwrite(self._fd, slot, offset) != _SLOT_BYTES:
            raise OSError("the disk took only part of the log's head")


def _parse(slot: bytes) -> Position | None:
    try:
        fields = json.loads(slot)
        return Position(
            str(fields["chain_id"]),
            int(fields["sequence"]),
            str(fields["head_hash"]),
            fields.get("signature"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
