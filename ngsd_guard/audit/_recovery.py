"""What a writer finds when it opens a chain: where to continue, and what is missing."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final, Literal

from ngsd_guard.audit._canonical import parse_object
from ngsd_guard.audit._files import ChainFiles, open_log, open_own
from ngsd_guard.audit._head import GENESIS, Head, Position, parse_position, read_head
from ngsd_guard.audit._signing import SigningKey
from ngsd_guard.errors import AuditError

_READ_BACK: Final = 64 * 1024


@dataclass(slots=True)
class Recovery:
    """The state of a chain that was opened."""

    position: Position
    """Where the chain continues."""
    previous_end: Literal["closed", "unclosed"] | None = None
    set_aside: str | None = None
    """New name of a file that was not a chain and was moved."""
    gaps: list[dict[str, Any]] = field(default_factory=list)
    """Gaps to be written as the first records."""


def recover(log: Path, key: SigningKey | None, indexed: Position | None) -> Recovery:
    """Repair the incomplete end of a chain, and find its position and what is missing.

    Args:
        log: the chain's current file, whose head this process has locked.
        key: the log's key.
        indexed: position of this file's chain in the log's index.

    Raises:
        AuditError: another writer may have changed the chain, or it is damaged.
        OSError: a file cannot be read or repaired.
    """
    found = Recovery(Position(secrets.token_hex(8), -1, GENESIS))
    _cut_torn_tail(log, found)
    head = read_head(log)
    last, cause = _last(log, head, indexed, found)
    known = head.positions if head else []
    _check_key(log, key, last, known)
    _check_identity(log, key, last, known, indexed)
    if last is not None:
        found.previous_end = "closed" if cause == "close" else "unclosed"
        if not known:
            found.gaps.append({"reason": "head_lost"})
    if head is not None and key is not None:
        head = head.signed_by(key.public)
    found.position = _expected(head, last, indexed) or found.position
    _note_lost(last, found)
    return found


def _expected(
    head: Head | None, last: Position | None, indexed: Position | None
) -> Position | None:
    """Return the latest position that the chain is known to have reached; None for a new chain."""
    expected = last
    if head is not None and head.positions:
        reached = head.last_written
        is_last = last is not None and any(last.is_at(known) for known in head.positions)
        if last is None or not is_last or last.sequence < reached:
            expected = next(known for known in head.positions if known.sequence >= reached)
    if expected is None:
        return indexed
    if indexed is not None and indexed.chain_id == expected.chain_id:
        return max(expected, indexed, key=lambda position: position.sequence)
    return expected


def _note_lost(last: Position | None, found: Recovery) -> None:
    expected, num_left = found.position, -1
    if last is not None and last.chain_id == expected.chain_id:
        num_left = last.sequence
    if expected.sequence >= 0 and (last is None or not last.is_at(expected)):
        found.previous_end = found.previous_end or "unclosed"
        num_records = max(0, expected.sequence - num_left)
        found.gaps.append({"reason": "records_lost", "num_records": num_records})


def _check_key(
    log: Path, key: SigningKey | None, last: Position | None, known: list[Position]
) -> None:
    """Refuse to continue a chain that another writer may have changed."""
    if key is None:
        if any(position.signature for position in known):
            raise AuditError(f"the audit log {log} is signed; open it with its signing_key")
        return
    if (known or last) and not any(position.is_signed_by(key.public) for position in known):
        raise AuditError(
            f"the head of the audit log {log} is not signed with this key: it was written "
            "without a key or with another one, or it was changed; check the log with "
            "`ngsd-guard audit verify`, then move it elsewhere"
        )


def _check_identity(
    log: Path,
    key: SigningKey | None,
    last: Position | None,
    known: list[Position],
    indexed: Position | None,
) -> None:
    """Refuse to put another chain in the place of the one that the signed index names."""
    if key is None or indexed is None:
        return
    places = [*known, *([last] if last else [])]
    if not known or any(place.chain_id != indexed.chain_id for place in places):
        raise AuditError(
            f"the audit log {log} is not the chain {indexed.chain_id} that its index names; check "
            "the log with `ngsd-guard audit verify`, then move it elsewhere"
        )


def _cut_torn_tail(log: Path, found: Recovery) -> None:
    if not os.path.lexists(log):
        return
    with os.fdopen(open_own(log, os.O_RDWR), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = _after_last_newline(file, size)
        if end < size:
            file.truncate(end)
            found.gaps.append({"reason": "torn_tail", "num_bytes": size - end})


def _last(
    log: Path, head: Head | None, indexed: Position | None, found: Recovery
) -> tuple[Position | None, str | None]:
    """Return the position of the last record, and its cause if it is a checkpoint."""
    for path in reversed(ChainFiles(log).in_order):
        line = _last_line(path)
        if line is None:
            continue
        fields = parse_object(line)
        position = position_of(fields)
        if fields is not None and position is not None:
            cause = fields.get("cause")
            return position, cause if isinstance(cause, str) else None
        if (head and head.positions) or indexed is not None:
            return None, None  # this was a chain, and its file is damaged
        if _has_chained_record(path):
            raise AuditError(
                f"the audit log {path} is damaged: its last line is not a record, and its head is "
                "missing; check the log with `ngsd-guard audit verify`, then move it elsewhere"
            )
        found.set_aside = _set_aside(path)
    return None, None


def position_of(fields: dict[str, Any] | None) -> Position | None:
    """Return the position of a record, or None if it is not part of a chain."""
    if fields is None:
        return None
    return parse_position(
        {
            "chain_id": fields.get("chain_id"),
            "sequence": fields.get("sequence"),
            "head_hash": fields.get("hash"),
        }
    )


def last_record(log: Path) -> dict[str, Any] | None:
    """Return the last record of a chain, or None if there is none or it cannot be read."""
    for path in reversed(ChainFiles(log).in_order):
        line = _last_line(path)
        if line is not None:
            return parse_object(line)
    return None


def _has_chained_record(path: Path) -> bool:
    with open_log(path) as lines:
        return any(position_of(parse_object(line)) is not None for line in lines)


def _set_aside(path: Path) -> str:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.unchained-{stamp}")
    path.rename(aside)
    return aside.name


def _after_last_newline(file: IO[bytes], size: int) -> int:
    """Return the offset after the last complete line."""
    end = size
    while end > 0:
        start = max(0, end - _READ_BACK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _last_line(path: Path) -> bytes | None:
    with open_log(path) as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return None
        start = _after_last_newline(file, size - 1)
        file.seek(start)
        return file.read(size - start)
