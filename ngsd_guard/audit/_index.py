"""The index of a log: its key and its chains, in one signed file next to the log.

A chain shows that none of its records is missing; the index shows that no chain is. A chain is
entered before its first record, and every writer that opens or closes the log brings the positions
of all chains up to date. The file is replaced as a whole, under a lock, so that a log gets exactly
one key even if two writers open it at once.
"""

import contextlib
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ngsd_guard.audit._canonical import canonical, parse_object
from ngsd_guard.audit._files import index_path, open_own, read_small
from ngsd_guard.audit._head import Position, parse_position
from ngsd_guard.audit._signing import SigningKey, VerifyingKey
from ngsd_guard.errors import AuditError

_MAX_BYTES: Final = 16 * 2**20
_PATIENCE_S: Final = 30.0
_POLL_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Entry:
    """A chain in the index."""

    slot: int
    """Number of the chain's file, from 1."""
    position: Position
    """A position that the chain had reached."""


@dataclass(frozen=True, slots=True)
class Index:
    """The chains of a log, and the key that signs them."""

    key_id: str | None
    """Id of the log's only key; None for an unsigned log."""
    revision: int
    """Number of earlier versions of the index."""
    entries: tuple[Entry, ...]
    signature: str | None = None

    def of_slot(self, slot: int) -> Position | None:
        """Return the position of the newest chain in a file."""
        found = [entry.position for entry in self.entries if entry.slot == slot]
        return found[-1] if found else None

    def with_entries(self, entries: Iterable[Entry]) -> "Index":
        """Return the next version, with new chains and later positions."""
        merged = {entry.position.chain_id: entry for entry in self.entries}
        for entry in entries:
            known = merged.get(entry.position.chain_id)
            if known is None or known.position.sequence < entry.position.sequence:
                merged[entry.position.chain_id] = entry
        return Index(self.key_id, self.revision + 1, tuple(merged.values()))

    def signed(self, key: SigningKey | None) -> "Index":
        """Return the index with a signature."""
        signature = None if key is None else key.sign(canonical(self._fields))
        return Index(self.key_id, self.revision, self.entries, signature)

    def is_signed_by(self, key: VerifyingKey) -> bool:
        """Return whether the index is signed with a key."""
        return self.signature is not None and key.is_signature(
            self.signature, canonical(self._fields)
        )

    @property
    def line(self) -> bytes:
        """The content of the index's file."""
        fields = self._fields
        if self.signature is not None:
            fields["signature"] = self.signature
        return canonical(fields) + b"\n"

    @property
    def _fields(self) -> dict[str, Any]:
        chains = [
            {
                "slot": entry.slot,
                "chain_id": entry.position.chain_id,
                "sequence": entry.position.sequence,
                "head_hash": entry.position.hash,
            }
            for entry in self.entries
        ]
        return {
            "kind": "index", "key_id": self.key_id, "revision": self.revision, "chains": chains
        }  # fmt: skip


def read_index(log: Path) -> Index | None:
    """Return the index of a log, or None if there is none.

    Raises:
        AuditError: the file is not an index, or cannot be read.
    """
    data = read_small(index_path(log), _MAX_BYTES)
    if not data:  # an empty file is the lock of a writer that was stopped
        return None
    index = _parse(data)
    if index is None or index.line != data:
        raise AuditError(f"the index {index_path(log)} was changed or damaged")
    return index


class LockedIndex:
    """The index of a log while this process alone may change it."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def read(self) -> Index | None:
        """Return the current index; see `read_index`."""
        return read_index(self._log)

    def replace(self, index: Index, key: SigningKey | None) -> None:
        """Write a new version of the index to disk, completely or not at all."""
        path = index_path(self._log)
        partial = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            descriptor = open_own(partial, os.O_WRONLY | os.O_EXCL)
            with os.fdopen(descriptor, "wb") as file:
                file.write(index.signed(key).line)
                file.flush()
                os.fsync(descriptor)
            os.replace(partial, path)
        except BaseException:
            with contextlib.suppress(OSError):
                partial.unlink()
            raise
        _sync_folder(path.parent)


@contextlib.contextmanager
def locked_index(log: Path) -> Iterator[LockedIndex]:
    """Lock the index of a log against all other processes.

    Raises:
        AuditError: another process does not release the index, or it is a symbolic link.
        OSError: the file cannot be opened.
    """
    import fcntl  # imported here, so that systems without it can import the package

    deadline = time.monotonic() + _PATIENCE_S
    while True:
        descriptor = open_own(index_path(log), os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_current(descriptor, index_path(log)):
                break
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise AuditError(
                    f"another process has held the index {index_path(log)} for "
                    f"{_PATIENCE_S:.0f} s; end that process"
                ) from None
            time.sleep(_POLL_S)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was replaced while this process waited
    try:
        yield LockedIndex(log)
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)  # a forked process may hold the descriptor too
        os.close(descriptor)


def _is_current(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _parse(data: bytes) -> Index | None:
    fields = parse_object(data)
    if fields is None or fields.get("kind") != "index":
        return None
    key_id, revision, chains = (fields.get(name) for name in ("key_id", "revision", "chains"))
    signature = fields.get("signature")
    if not isinstance(revision, int) or not isinstance(chains, list):
        return None
    if not all(item is None or isinstance(item, str) for item in (key_id, signature)):
        return None
    entries = []
    for chain in chains:
        position = parse_position(chain)
        slot = chain.get("slot") if isinstance(chain, dict) else None
        if position is None or not isinstance(slot, int):
            return None
        entries.append(Entry(slot, position))
    return Index(key_id, revision, tuple(entries), signature)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
