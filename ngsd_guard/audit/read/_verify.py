"""Verification of a log: every record, every signature, every chain, and every chain's end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ngsd_guard.audit._files import ChainFiles, chains, index_path, log_path, slot_number
from ngsd_guard.audit._index import Index, read_index
from ngsd_guard.audit._signing import VerifyingKey
from ngsd_guard.audit.read._chain_verifier import ChainState, Problem, verify_chain
from ngsd_guard.audit.read._claims import Claims, read_anchors
from ngsd_guard.errors import AuditError

Signatures = Literal["none", "valid", "unchecked"]
_INDEXED_FROM: Final = 3
"""First schema version whose records imply an index."""
_UNSIGNED: Final = (
    "The log is not signed, so this shows accidents and simple edits only: whoever can write to "
    "the disk can edit, cut off or rebuild all of it unnoticed"
)
_UNCHECKED: Final = (
    "The signatures were not checked, so this shows accidents and simple edits only: whoever can "
    "write to the disk can have edited, cut off or rebuilt all of it unless the public key says "
    "otherwise"
)
_SIGNED: Final = (
    "Even valid signatures do not show that files were put back as an older copy, that another log "
    "of the same key was put in this one's place, or what was written by somebody who had the key"
)
_ANCHORED: Final = ", except up to the checkpoints kept elsewhere, which are in the log."
_NOT_ANCHORED: Final = "; a checkpoint kept elsewhere (an anchor) would."


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of verifying one chain."""

    log: str
    chain_id: str | None
    num_records: int
    """Number of valid records, from the first."""
    first_time_utc: str | None
    last_time_utc: str | None
    signatures: Signatures
    """`unchecked` if the chain is signed and no public key was given."""
    is_closed: bool
    """Whether the last writer closed the chain."""
    notes: tuple[str, ...]
    """Notes for the auditor that are not errors."""
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """The result of verifying a log."""

    chains: tuple[ChainReport, ...]
    log_problems: tuple[Problem, ...] = ()
    """Errors of the index, and of chains that are missing or not as they are named elsewhere."""
    num_anchors: int = 0
    """Number of positions that were compared with checkpoints kept elsewhere."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The errors found, at most one per chain, then those of the log as a whole."""
        own = tuple(chain.problem for chain in self.chains if chain.problem is not None)
        return own + self.log_problems

    @property
    def is_intact(self) -> bool:
        """Whether no errors were found."""
        return not self.problems

    @property
    def num_records(self) -> int:
        """Number of valid records in all chains."""
        return sum(chain.num_records for chain in self.chains)

    @property
    def signatures(self) -> Signatures:
        """What the least trustworthy chain with records has."""
        found = {chain.signatures for chain in self.chains if chain.num_records}
        if found == {"valid"}:
            return "valid"
        return "none" if "none" in found or not found else "unchecked"

    @property
    def limits(self) -> str:
        """What this verification cannot show, in one sentence."""
        sentence = {"none": _UNSIGNED, "unchecked": _UNCHECKED, "valid": _SIGNED}[self.signatures]
        return sentence + (_ANCHORED if self.num_anchors else _NOT_ANCHORED)


def verify(
    path: str | Path,
    public_key: str | Path | bytes | None = None,
    *,
    anchors: str | Path | Iterable[Mapping[str, Any]] = (),
) -> VerificationReport:
    """Verify all files and chains of a log.

    Without a public key, this detects disk faults and simple edits, but not a chain that was
    rebuilt with new hashes by someone with write access to the disk. `limits` of the result says
    what was not shown. Memory grows only with the number of positions that chains name.

    Args:
        path: the log's file, or the folder with `audit.jsonl`.
        public_key: an Ed25519 public key as PEM, or its path. Every checkpoint, the index and the
            end of every chain must be signed with it.
        anchors: checkpoints that `AuditLog(anchor=)` received, or a file with one per line; the
            log must contain each of them, and what each says of other chains must be true.

    Raises:
        AuditError: there is no log.
        ConfigurationError: the key is not an Ed25519 public key, or an anchor is not a checkpoint.
        MissingDependencyError: a key requires the extra `audit`.
    """
    key = None if public_key is None else VerifyingKey(public_key)
    anchored, claims = read_anchors(anchors), Claims()
    log = log_path(path)
    before, _ = _index(log)
    found = chains(log)
    if not found and before is None:
        raise AuditError(f"there is no audit log at {log}; check the path")
    results = [(files, *verify_chain(files, key)) for files in found]
    after, unreadable = _index(log)
    problems = [unreadable] if unreadable else _index_problems(log, after, key, results)
    for entry in before.entries if before else ():
        claims.add(entry.position, index_path(log).name)
    for position in anchored:
        claims.add(position, "checkpoint kept elsewhere")
    for files, state, _ in results:
        claims.add_state(state, files.log.name)
    problems += claims.problems((f, state, problem is not None) for f, state, problem in results)
    if not any(state.sequence >= 0 or problem for _, state, problem in results):
        problems.append(Problem(log.name, None, None, "the log is empty"))
    return VerificationReport(
        tuple(_chain_report(*result, key) for result in results), tuple(problems), len(anchored)
    )


def _chain_report(
    files: ChainFiles, state: ChainState, problem: Problem | None, key: VerifyingKey | None
) -> ChainReport:
    notes = list(state.notes)
    if not state.exists:
        notes.append("a writer was stopped before its first record")
    if state.sequence >= 0 and state.version < _INDEXED_FROM:
        notes.append("written before there was an index: removed chains may not be missed")
    return ChainReport(
        log=str(files.log),
        chain_id=state.chain_id,
        num_records=state.sequence + 1,
        first_time_utc=state.first_time,
        last_time_utc=state.last_time,
        signatures="none" if state.key_id is None else "valid" if key else "unchecked",
        is_closed=state.is_closed,
        notes=tuple(notes),
        problem=problem,
    )


def _index(log: Path) -> tuple[Index | None, Problem | None]:
    try:
        return read_index(log), None
    except AuditError:
        return None, Problem(index_path(log).name, None, None, "the index was changed or damaged")


def _index_problems(
    log: Path,
    index: Index | None,
    key: VerifyingKey | None,
    results: list[tuple[ChainFiles, ChainState, Problem | None]],
) -> list[Problem]:
    """Return the errors of the index, and of chains that it does not name."""
    name = index_path(log).name
    if index is None:
        if all(state.version < _INDEXED_FROM for _, state, _ in results):
            return []  # written by an earlier version
        return [Problem(name, None, None, "the index is missing: chains may have been removed")]
    if key is not None and not (index.key_id == key.id and index.is_signed_by(key)):
        if results and all(problem for *_, problem in results):
            return []  # the chains have told that the key is another
        return [Problem(name, None, None, "the signature of the index is not valid")]
    sound = [(files.log, state) for files, state, problem in results if problem is None]
    names = [state.chain_id for _, state in sound]
    problems = []
    for chain_log, state in sound:
        reason = _index_fault(index, slot_number(log, chain_log), state)
        if state.chain_id is not None and names.count(state.chain_id) > 1:
            reason = f"the chain {state.chain_id} is there more than once"
        if reason is not None:
            problems.append(Problem(chain_log.name, None, None, reason))
    return problems


def _index_fault(index: Index, slot: int, state: ChainState) -> str | None:
    """Return what a chain has that the index does not, or None."""
    if state.sequence < 0:
        return None  # its writer was stopped, perhaps before it was entered
    if state.key_id != index.key_id:
        return "the chain has another key than the index names"
    slots = {entry.position.chain_id: entry.slot for entry in index.entries}
    if state.chain_id not in slots:
        return f"the chain {state.chain_id} is not in the index"
    if slots[state.chain_id] != slot:
        return f"the chain {state.chain_id} is not in the file that the index names"
    return None
