"""Whether a log is what was written: every record, every signature, and the end of every chain."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ngsd_guard.audit._canonical import without
from ngsd_guard.audit._files import ChainFiles, chains, log_path
from ngsd_guard.audit._head import GENESIS, Head, read_head
from ngsd_guard.audit._signing import VerifyingKey
from ngsd_guard.errors import AuditError

_MAX_LINE_BYTES: Final = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing in a chain that is not as it was written."""

    file: str
    line: int | None
    """From 1; None if it is no line that is wrong."""
    sequence: int | None
    """Place in the chain at which it was found."""
    reason: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        record = "" if self.sequence is None else f" (record {self.sequence})"
        return f"{place}{record}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What was found of one chain."""

    log: str
    chain_id: str | None
    num_records: int
    """Records that are sound, from the first."""
    first_time_utc: str | None
    last_time_utc: str | None
    signatures: Literal["none", "valid", "unchecked"]
    """`unchecked` if the chain is signed and no public key was given."""
    is_closed: bool
    """Whether the last writer ended in order."""
    notes: tuple[str, ...]
    """What an auditor should know although nothing is wrong with it."""
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What was found of a log."""

    chains: tuple[ChainReport, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, at most one a chain."""
        return tuple(chain.problem for chain in self.chains if chain.problem is not None)

    @property
    def is_intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    @property
    def num_records(self) -> int:
        """Sound records of all chains."""
        return sum(chain.num_records for chain in self.chains)


class _BadError(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


@dataclass(slots=True)
class _State:
    """Where the verification of a chain is."""

    key: VerifyingKey | None
    chain_id: str | None = None
    sequence: int = -1
    hash: str = GENESIS
    first_time: str | None = None
    last_time: str | None = None
    key_id: str | None = None
    num_signatures: int = 0
    is_closed: bool = False
    notes: list[str] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)


def verify(path: str | Path, public_key: str | Path | bytes | None = None) -> VerificationReport:
    """Verify a log with all its files and all its writers' chains; memory is bounded.

    Without a public key this shows what a disk fault or an editor did, but not what was done by
    somebody who can compute hashes: who may write to the disk can rebuild an unsigned chain.

    Args:
        path: the log's file, or the folder of its `audit.jsonl`.
        public_key: an Ed25519 public key as PEM, or its path. Every checkpoint and the end of
            every chain must be signed by it.

    Raises:
        AuditError: there is no log.
        ConfigurationError: the key is none.
        MissingDependencyError: a key needs the extra `audit`.
    """
    key = None if public_key is None else VerifyingKey(public_key)
    found = chains(path)
    if not found:
        raise AuditError(f"there is no audit log at {log_path(path)}")
    results = [_verify_chain(files, key) for files in found]
    states = [state for state, _ in results]
    problems = [
        problem or _missing_chain(files.log, state, states)
        for files, (state, problem) in zip(found, results, strict=True)
    ]
    return VerificationReport(
        tuple(
            ChainReport(
                log=str(files.log),
                chain_id=state.chain_id,
                num_records=state.sequence + 1,
                first_time_utc=state.first_time,
                last_time_utc=state.last_time,
                signatures="none" if state.key_id is None else "valid" if key else "unchecked",
                is_closed=state.is_closed,
                notes=tuple(state.notes),
                problem=problem,
            )
            for files, state, problem in zip(found, states, problems, strict=True)
        )
    )


def _verify_chain(files: ChainFiles, key: VerifyingKey | None) -> tuple[_State, Problem | None]:
    """Verify a chain; begin again if a new file was begun meanwhile."""
    while True:
        names, state = files.in_order, _State(key)
        problem = _first_problem(files.log, names, state)
        if names == files.in_order:
            return state, problem


def _first_problem(log: Path, names: list[Path], state: _State) -> Problem | None:
    before = read_head(log)
    torn = 0
    try:
        for file in names:
            for number, line in _lines(file):
                if line.endswith(b"\n"):
                    _check_line(file, number, line[:-1], state)
                elif file == log:
                    torn = len(line)
                else:
                    raise _bad(file, number, state, "the line is cut off")
        _check_end(log, state, before, read_head(log))  # it may have grown in between
    except _BadError as error:
        return error.problem
    if torn:
        state.notes.append(
            f"the last {torn} bytes are half a record, not acknowledged to anybody; the next "
            "writer cuts them off and records it"
        )
    return None


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as lines:
        number = 0
        while line := lines.readline(_MAX_LINE_BYTES):
            number += 1
            yield number, line


def _check_line(file: Path, number: int, line: bytes, state: _State) -> None:
    expected = state.sequence + 1
    try:
        fields = json.loads(line)
        kind, digest = str(fields["kind"]), str(fields["hash"])
        chain_id, sequence, before = fields["chain_id"], fields["sequence"], fields["prev_hash"]
    except (ValueError, RecursionError):
        raise _bad(file, number, state, "the line is no JSON") from None
    except (KeyError, TypeError):
        raise _bad(file, number, state, "the record is not part of a chain") from None
    hashed = without(line, "hash", digest)
    if hashlib.sha256(hashed).hexdigest() != digest:
        raise _bad(file, number, state, "the record was edited: its hash is another one")
    if state.chain_id is None:
        state.chain_id = str(chain_id)
        state.first_time = fields.get("time_utc")
    if chain_id != state.chain_id:
        raise _bad(file, number, state, "the record comes from another chain")
    if sequence != expected:
        reason = (
            f"records {expected} to {sequence - 1} are missing"
            if isinstance(sequence, int) and sequence > expected
            else f"record {sequence} is here again, or in the wrong place"
        )
        raise _bad(file, number, state, reason)
    if before != state.hash:
        raise _bad(file, number, state, "the record does not follow the one before it")
    _check_kind(file, number, kind, fields, hashed, state)
    state.sequence, state.hash = expected, digest
    state.last_time = fields.get("time_utc")
    state.is_closed = kind == "checkpoint" and fields.get("cause") == "close"


def _check_kind(
    file: Path, number: int, kind: str, fields: dict[str, Any], hashed: bytes, state: _State
) -> None:
    key, key_id = state.key, fields.get("key_id")
    if state.sequence >= 0 and key_id != state.key_id:
        raise _bad(file, number, state, "the record names another key than those before it")
    state.key_id = key_id
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
        state.num_signatures += 1
    if kind == "gap":
        _note_gap(file, number, fields, state)
    for other in fields.get("others") or ():
        name = str(other["chain_id"])
        state.others[name] = max(state.others.get(name, -1), int(other["sequence"]))


def _note_gap(file: Path, number: int, fields: dict[str, Any], state: _State) -> None:
    reason, count = fields.get("reason"), fields.get("num_records")
    place = f"{file.name}:{number}"
    if reason == "records_lost":
        raise _bad(file, number, state, f"the writer found {count} records gone when it opened it")
    if reason == "head_lost":
        state.notes.append(f"{place}: the head was gone; records before it may have been cut off")
    elif reason == "torn_tail":
        state.notes.append(
            f"{place}: a crash had left {fields.get('num_bytes')} bytes of a record that was not "
            "acknowledged"
        )
    else:
        state.notes.append(f"{place}: {count} records could not be written")


def _check_end(log: Path, state: _State, before: Head | None, after: Head | None) -> None:
    """Compare where the records end with where the head says they do."""
    first, now = (head.positions if head else [] for head in (before, after))
    if not now:
        if state.sequence < 0:
            raise _BadError(Problem(log.name, None, None, "the log is empty"))
        if state.key is not None or not state.is_closed:
            raise _BadError(
                Problem(log.name, None, None, "the head is gone: records may have been cut off the "
                        "end")
            )  # fmt: skip
        return
    for position in first + now:
        if state.chain_id is not None and position.chain_id != state.chain_id:
            raise _BadError(Problem(f"{log.name}.head", None, None, "it is of another chain"))
        if state.key is not None and not position.is_signed_by(state.key):
            raise _BadError(
                Problem(f"{log.name}.head", None, None, "its signature is not valid: nobody "
                        "vouches for the end of the log")
            )  # fmt: skip
        if position.sequence == state.sequence and position.hash != state.hash:
            raise _BadError(
                Problem(log.name, None, state.sequence, "the last record is another one than the "
                        "head tells of")
            )  # fmt: skip
    written = before.last_written if before else -1
    if state.sequence < written:
        raise _BadError(
            Problem(log.name, None, state.sequence + 1,
                    f"records {state.sequence + 1} to {written} are cut off the end")
        )  # fmt: skip
    announced = max(position.sequence for position in now)
    if state.sequence > announced:
        raise _BadError(
            Problem(log.name, None, announced + 1,
                    "records were added that the head does not tell of")
        )  # fmt: skip


def _missing_chain(log: Path, state: _State, states: list[_State]) -> Problem | None:
    ends = {other.chain_id: other.sequence for other in states}
    for chain_id, sequence in state.others.items():
        if ends.get(chain_id, -1) < sequence:
            what = "is gone" if chain_id not in ends else "ends earlier than it did"
            return Problem(log.name, None, None, f"the chain {chain_id} named there {what}")
    return None


def _bad(file: Path, number: int, state: _State, reason: str) -> _BadError:
    return _BadError(Problem(file.name, number, state.sequence + 1, reason))
