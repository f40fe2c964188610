"""How a writer joins a log: its chain, the log's key, and what the index says of other chains."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ngsd_guard.audit._chain import Chain
from ngsd_guard.audit._files import chains, index_path, slot_number, slot_path
from ngsd_guard.audit._head import Position, read_head
from ngsd_guard.audit._index import Entry, Index, LockedIndex, locked_index, read_index
from ngsd_guard.audit._recovery import last_record
from ngsd_guard.audit._signing import SigningKey
from ngsd_guard.errors import AuditError

_MAX_WRITERS: Final = 1000
_INDEXED_FROM: Final = 3
"""First schema version whose records imply an index."""


@dataclass(slots=True)
class Membership:
    """A writer's chain among the chains of its log."""

    log: Path
    key: SigningKey | None
    chain: Chain
    slot: int
    _known: dict[str, Entry] = field(default_factory=dict)
    """Latest known entry of every chain; a chain that was seen once stays named."""

    def others(self) -> list[Position]:
        """Return the latest known positions of the log's other chains."""
        self._refresh()
        mine = self.chain.position.chain_id
        return [entry.position for name, entry in self._known.items() if name != mine]

    def update(self) -> None:
        """Bring the index up to date; leave one that was removed or changed for the verifier.

        Raises:
            AuditError: another process does not release the index.
            OSError: the index cannot be written.
        """
        if not index_path(self.log).exists():
            return
        with locked_index(self.log) as index:
            try:
                current = index.read()
            except AuditError:
                return
            if current is not None and _is_ours(current, self.key):
                self._refresh()
                own = Entry(self.slot, self.chain.position)
                index.replace(current.with_entries([*self._known.values(), own]), self.key)

    def join(self, index: LockedIndex, current: Index | None) -> None:
        """Enter the chain in the index."""
        start = current or Index(None if self.key is None else self.key.id, 0, ())
        self._remember(start.entries)
        if current is None:
            self._adopt()
        self._refresh()
        own = Entry(self.slot, self.chain.position)
        index.replace(start.with_entries([*self._known.values(), own]), self.key)

    def _refresh(self) -> None:
        """Read the heads and the index again."""
        try:
            index = read_index(self.log)
        except AuditError:
            index = None
        if index is not None and _is_ours(index, self.key):
            self._remember(index.entries)
        self._remember(entry for entry in self._heads() if entry.position.chain_id in self._known)

    def _adopt(self) -> None:
        """Take in the chains of a log that had no index."""
        self._remember(self._heads())

    def _heads(self) -> Iterator[Entry]:
        """Yield the positions in the heads of the other chains."""
        for files in chains(self.log):
            if files.log == self.chain.log:
                continue
            try:
                head = read_head(files.log)
            except AuditError:
                continue
            at = None if head is None else head.committed
            if at is not None and (self.key is None or at.is_signed_by(self.key.public)):
                yield Entry(slot_number(self.log, files.log), at)

    def _remember(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            known = self._known.get(entry.position.chain_id)
            if known is None or known.position.sequence < entry.position.sequence:
                self._known[entry.position.chain_id] = entry


def join_log(log: Path, key: SigningKey | None) -> Membership:
    """Open the first chain of a log that no other writer has open, and enter it in the index.

    Raises:
        AuditError: the log cannot be opened, or has another key.
    """
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with locked_index(log) as index:
            current, is_lost = _current_index(log, index, key)
            slot, chain = _free_chain(log, key, current)
            try:
                if is_lost:
                    chain.recovery.gaps.append({"reason": "index_lost"})
                membership = Membership(log, key, chain, slot)
                membership.join(index, current)
            except BaseException:
                chain.close()
                raise
            return membership
    except OSError as error:
        raise AuditError(
            f"cannot open the audit log {log}: {error.strerror or error}; "
            "free some space or choose another path"
        ) from error


def _current_index(
    log: Path, locked: LockedIndex, key: SigningKey | None
) -> tuple[Index | None, bool]:
    """Return the index and whether it was lost; refuse a log that has another key.

    Raises:
        AuditError: the log has another key, or a signed log has no index that can be trusted.
    """
    try:
        index = locked.read()
    except AuditError as error:
        if key is not None or _is_signed(log):
            raise AuditError(
                f"{error}; check the log with `ngsd-guard audit verify`, then move it elsewhere"
            ) from error
        return None, True
    if index is not None:
        if not _is_ours(index, key):
            raise _foreign(log, index, key)
        return index, False
    is_lost = any(
        fields is not None and _version(fields) >= _INDEXED_FROM
        for fields in (last_record(files.log) for files in chains(log))
    )
    if key is not None and is_lost:
        raise AuditError(
            f"the index {index_path(log)} is missing: chains may have been removed; check the log "
            "with `ngsd-guard audit verify`, then move it elsewhere"
        )
    _check_heads(log, key)
    return None, is_lost


def _check_heads(log: Path, key: SigningKey | None) -> None:
    """Refuse another key than that of the chains of a log without an index."""
    for files in chains(log):
        head = read_head(files.log)
        positions = [p for p in head.positions if p.sequence >= 0] if head else []
        if key is None and any(position.signature for position in positions):
            raise AuditError(f"the audit log {log} is signed; open it with its signing_key")
        if key is not None and positions and not any(p.is_signed_by(key.public) for p in positions):
            raise _not_signed_with(log, key)


def _is_signed(log: Path) -> bool:
    heads = [read_head(files.log) for files in chains(log)]
    return any(p.signature is not None for head in heads if head for p in head.positions)


def _is_ours(index: Index, key: SigningKey | None) -> bool:
    if key is None:
        return index.key_id is None and index.signature is None
    return index.key_id == key.id and index.is_signed_by(key.public)


def _foreign(log: Path, index: Index, key: SigningKey | None) -> AuditError:
    if key is None:
        return AuditError(f"the audit log {log} is signed; open it with its signing_key")
    if index.key_id == key.id:
        return AuditError(
            f"the index of the audit log {log} was changed: its signature is not valid; check the "
            "log with `ngsd-guard audit verify`, then move it elsewhere"
        )
    return _not_signed_with(log, key)


def _not_signed_with(log: Path, key: SigningKey) -> AuditError:
    return AuditError(
        f"the audit log {log} is not signed with this key ({key.id}), and a log has one key; use "
        "the key it was started with, or another path"
    )


def _free_chain(log: Path, key: SigningKey | None, index: Index | None) -> tuple[int, Chain]:
    for slot in range(1, _MAX_WRITERS):
        indexed = None if index is None else index.of_slot(slot)
        try:
            return slot, Chain(slot_path(log, slot), key, indexed)
        except BlockingIOError:
            continue
    raise AuditError(f"the audit log {log} has {_MAX_WRITERS} writers; use another path")


def _version(fields: dict[str, object]) -> int:
    version = fields.get("schema_version")
    return version if isinstance(version, int) else 0
