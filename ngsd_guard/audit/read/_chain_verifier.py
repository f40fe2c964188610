"""Verification of one chain: every record, every signature, and the end."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ngsd_guard.audit._canonical import without
from ngsd_guard.audit._files import ChainFiles, open_log
from ngsd_guard.audit._head import GENESIS, Head, Position, head_path, parse_position, read_head
from ngsd_guard.audit._signing import VerifyingKey
from ngsd_guard.errors import AuditError

_MAX_LINE_BYTES: Final = 16 * 2**20
_HEAD_READS: Final = 5
_HEAD_WAIT_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Problem:
    """The first error found in a chain, or an error of the log as a whole."""

    file: str
    line: int | None
    """Line number, from 1; None if the error is not in a line."""
    sequence: int | None
    """Position in the chain at which the error was found."""
    reason: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        record = "" if self.sequence is None else f" (record {self.sequence})"
        return f"{place}{record}: {self.reason}"


class _BadError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


@dataclass(slots=True)
class ChainState:
    """State of a chain's verification."""

    key: VerifyingKey | None
    chain_id: str | None = None
    sequence: int = -1
    hash: str = GENESIS
    first_time: str | None = None
    last_time: str | None = None
    key_id: str | None = None
    version: int = 0
    """Highest schema version of the records."""
    is_closed: bool = False
    exists: bool = True
    """Whether the chain has begun; otherwise its writer was stopped before that."""
    notes: list[str] = field(default_factory=list)
    named: dict[str, dict[int, str]] = field(default_factory=dict)
    """Hashes of other chains' records that this chain names, by chain and sequence."""


def verify_chain(files: ChainFiles, key: VerifyingKey | None) -> tuple[ChainState, Problem | None]:
    """Verify a chain; start over if it was rotated in the meantime."""
    while True:
        names, state = files.in_order, ChainState(key)
        try:
            problem = _first_problem(files.log, names, state)
        except FileNotFoundError as error:
            problem = Problem(Path(error.filename or files.log).name, None, None, "is missing")
        if names == files.in_order:
            return state, problem


def _first_problem(log: Path, names: list[Path], state: ChainState) -> Problem | None:
    torn = 0
    try:
        before = _settled_head(log)
        for file in names:
            number = 0
            for number, line in _lines(file):
                if line.endswith(b"\n"):
                    _check_line(file, number, line[:-1], state)
                elif file == log:
                    torn = len(line)
                else:
                    raise _bad(file, number, state, "the line is incomplete")
            if number == 0 and file != log:
                raise _BadError(Problem(file.name, None, None, "the file is empty"))
        _check_end(log, state, before, _settled_head(log))  # the log may have grown meanwhile
    except _BadError as error:
        return error.problem
    except AuditError as error:
        return Problem(log.name, None, None, str(error))
    if torn:
        state.notes.append(
            f"the last {torn} bytes are an incomplete record that was not acknowledged; the next "
            "writer removes them and records a gap"
        )
    return None


def _settled_head(log: Path) -> Head | None:
    """Return the head; read it again if a writer was changing it."""
    for _ in range(_HEAD_READS):
        head = read_head(log)
        if head is None or len(head.positions) == 2:
            break
        time.sleep(_HEAD_WAIT_S)
    return head


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with open_log(file) as lines:
        number = 0
        while line := lines.readline(_MAX_LINE_BYTES):
            number += 1
            yield number, line


def _check_line(file: Path, number: int, line: bytes, state: ChainState) -> None:
    expected = state.sequence + 1
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise _bad(file, number, state, "the line is not JSON") from None
    if not isinstance(fields, dict):
        raise _bad(file, number, state, "the record is not part of a chain")
    kind, digest = fields.get("kind"), fields.get("hash")
    chain_id, sequence, before = (
        fields.get("chain_id"), fields.get("sequence"), fields.get("prev_hash")
    )  # fmt: skip
    if not all(isinstance(item, str) for item in (kind, digest, chain_id, before)):
        raise _bad(file, number, state, "the record is not part of a chain")
    hashed = without(line, "hash", str(digest))
    if hashlib.sha256(hashed).hexdigest() != digest:
        raise _bad(file, number, state, "the record was edited: its hash does not match")
    if list(fields) != sorted(fields):
        raise _bad(file, number, state, "the record was edited: its members are not in order")
    if state.chain_id is None:
        state.chain_id = str(chain_id)
        state.first_time = _text(fields.get("time_utc"))
    if chain_id != state.chain_id:
        raise _bad(file, number, state, "the record belongs to another chain")
    if type(sequence) is not int or sequence != expected:
        reason = (
            f"records {expected} to {sequence - 1} are missing"
            if isinstance(sequence, int) and sequence > expected
            else f"record {str(sequence)[:20]} is repeated or in the wrong place"
        )
        raise _bad(file, number, state, reason)
    if before != state.hash:
        raise _bad(file, number, state, "the record does not follow the previous one")
    _check_kind(file, number, fields, hashed, state)
    state.sequence, state.hash = expected, str(digest)
    state.last_time = _text(fields.get("time_utc"))
    state.is_closed = kind == "checkpoint" and fields.get("cause") == "close"


def _check_kind(
    file: Path, number: int, fields: dict[str, Any], hashed: bytes, state: ChainState
) -> None:
    key, key_id, kind = state.key, _text(fields.get("key_id")), fields["kind"]
    if state.sequence >= 0 and key_id != state.key_id:
        raise _bad(file, number, state, "the record names another key than the previous ones")
    state.key_id = key_id
    version = fields.get("schema_version")
    state.version = max(state.version, version if isinstance(version, int) else 0)
    if key is not None and key_id != key.id:
        raise _bad(
            file, number, state,
            "the record is not signed" if key_id is None
            else f"the record is signed with key {key_id}, not with {key.id}",
        )  # fmt: skip
    if kind == "checkpoint" and key is not None:
        signature = str(fields.get("signature"))
        if not key.is_signature(signature, without(hashed, "signature", signature)):
            raise _bad(file, number, state, "the checkpoint's signature is not valid")
    if kind == "gap":
        _note_gap(file, number, fields, state)
    if kind == "start" and fields.get("set_aside") is not None:
        state.notes.append(
            f"{file.name}:{number}: a file that was not a chain was set aside as "
            f"{fields['set_aside']}; nothing in it is verified"
        )
    others = fields.get("others")
    for other in others if isinstance(others, list) else () if others is None else (None,):
        named = parse_position(other)
        if named is None:
            raise _bad(file, number, state, "the positions of other chains are not readable")
        state.named.setdefault(named.chain_id, {})[named.sequence] = named.hash


def _note_gap(file: Path, number: int, fields: dict[str, Any], state: ChainState) -> None:
    reason, count = fields.get("reason"), fields.get("num_records")
    place = f"{file.name}:{number}"
    if reason == "records_lost":
        raise _bad(file, number, state, f"{count} records were missing when the log was opened")
    if reason == "head_lost":
        state.notes.append(f"{place}: the head was missing; records before may have been removed")
    elif reason == "index_lost":
        state.notes.append(f"{place}: the index was missing; other chains may have been removed")
    elif reason == "torn_tail":
        state.notes.append(
            f"{place}: a crash left {fields.get('num_bytes')} bytes of a record that was not "
            "acknowledged"
        )
    else:
        state.notes.append(f"{place}: {count} records could not be written")


def _check_end(log: Path, state: ChainState, before: Head | None, after: Head | None) -> None:
    """Compare the end of the records with the position in the head."""
    if after is None:
        reason = "the head is missing: records may have been removed from the end"
        raise _BadError(
            Problem(log.name, None, None, "the log is empty" if state.sequence < 0 else reason)
        )
    if after.is_empty and state.sequence < 0 and not log.exists():
        state.exists = False  # the writer was stopped before the chain existed
        return
    name = head_path(log).name
    if len(after.positions) < 2:
        raise _BadError(
            Problem(name, None, None, "a position in the head is missing or damaged: records may "
                    "have been removed from the end")
        )  # fmt: skip
    for position in [*(before.positions if before else ()), *after.positions]:
        _check_position(log, name, position, state)
    written = before.last_written if before else -1
    if state.sequence < written:
        raise _BadError(
            Problem(log.name, None, state.sequence + 1,
                    f"records {state.sequence + 1} to {written} were removed from the end")
        )  # fmt: skip
    announced = max(position.sequence for position in after.positions)
    if state.sequence > announced:
        raise _BadError(
            Problem(log.name, None, announced + 1,
                    "records were added after the position in the head")
        )  # fmt: skip


def _check_position(log: Path, name: str, position: Position, state: ChainState) -> None:
    state.chain_id = state.chain_id or position.chain_id
    if position.chain_id != state.chain_id:
        raise _BadError(Problem(name, None, None, "the head belongs to another chain"))
    if state.key is not None and not position.is_signed_by(state.key):
        raise _BadError(
            Problem(name, None, None, "the signature of the head is not valid: records may have "
                    "been removed from the end")
        )  # fmt: skip
    if position.sequence == state.sequence and position.hash != state.hash:
        raise _BadError(
            Problem(log.name, None, state.sequence, "the last record is not the one in the head")
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _bad(file: Path, number: int, state: ChainState, reason: str) -> _BadError:
    return _BadError(Problem(file.name, number, state.sequence + 1, reason))
