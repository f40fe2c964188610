"""Everything a log says about one request or one verdict."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ngsd_guard.audit._canonical import without
from ngsd_guard.audit._files import log_path
from ngsd_guard.audit._records import (
    AnyRecord,
    ChangeRecord,
    OverrideRecord,
    RequestRecord,
    TraceRecord,
    VerdictRecord,
    load_record,
)
from ngsd_guard.audit.read._reading import raw_lines
from ngsd_guard.errors import AuditError

_MIN_PREFIX: Final = 4
_MAX_FOUND: Final = 20
_CHANGE: Final = b'"kind":"change"'


@dataclass(frozen=True, slots=True)
class Story:
    """A request or a verdict, and what else the log has about it."""

    record: RequestRecord | VerdictRecord
    file: str
    """Name of the file it is in."""
    is_sound: bool | None
    """Whether its hash is that of its members, and it names the hash of the record before; None
    for a record of version 1, which has none. Only `verify` vouches for a log as a whole."""
    before: AnyRecord | None
    """The record before it in its chain."""
    after: AnyRecord | None
    trace: TraceRecord | None
    """The gate token by token; None if that was not recorded."""
    overrides: tuple[OverrideRecord, ...]
    """What humans decided about it, of all chains."""
    in_force: tuple[ChangeRecord, ...]
    """The records that put in force what it was judged by."""


def read_story(path: str | Path, event_id: str) -> Story:
    """Find a request or a verdict, and all that belongs to it, in one pass over the log.

    Args:
        path: the log's file, or the folder of its `audit.jsonl`.
        event_id: the record's id, or how it begins, in at least 4 characters.

    Raises:
        AuditError: there is no log, no such record, or several begin like that.
    """
    if len(event_id) < _MIN_PREFIX:
        raise AuditError(
            f"give at least {_MIN_PREFIX} characters of the event id; it is in the record and in "
            "the answer"
        )
    search = _Search(event_id)
    for file, line in raw_lines(path):
        search.read(file, line)
    return search.story(log_path(path))


@dataclass(slots=True)
class _Found:
    record: RequestRecord | VerdictRecord
    file: str
    is_sound: bool | None
    before: AnyRecord | None
    in_force: tuple[ChangeRecord, ...]
    after: AnyRecord | None = None


@dataclass(slots=True)
class _Search:
    """Reads on from line to line."""

    event_id: str
    found: dict[str, _Found] = field(default_factory=dict)
    traces: dict[str, TraceRecord] = field(default_factory=dict)
    overrides: list[OverrideRecord] = field(default_factory=list)
    _changes: dict[tuple[str, str], ChangeRecord] = field(default_factory=dict)
    _before: bytes = b""
    _last: _Found | None = None
    """What was found on the line before."""

    def read(self, file: Path, line: bytes) -> None:
        """Take in the next line; most need not be parsed."""
        if self._last is not None:
            self._last.after = _neighbour(self._last.record, line)
            self._last = None
        if self.event_id.encode() in line or _CHANGE in line:
            self._take(file, line)
        self._before = line

    def story(self, log: Path) -> Story:
        """Return what was found.

        Raises:
            AuditError: it is nothing, or more than one.
        """
        found = self.found.get(self.event_id)
        if found is None and len(self.found) > 1:
            some = ", ".join(list(self.found)[:5])
            raise AuditError(f"several ids begin with {self.event_id!r}: {some}; give more of it")
        found = found or next(iter(self.found.values()), None)
        if found is None:
            raise AuditError(
                f"no request and no verdict in {log} has the id {self.event_id!r}; ngsd-guard "
                "audit tail shows the ids there are"
            )
        event_id = found.record.event_id
        return Story(
            record=found.record,
            file=found.file,
            is_sound=found.is_sound,
            before=found.before,
            after=found.after,
            trace=self.traces.get(event_id),
            overrides=tuple(o for o in self.overrides if o.event_id == event_id),
            in_force=found.in_force,
        )

    def _take(self, file: Path, line: bytes) -> None:
        try:
            record = load_record(line)
        except AuditError:
            return
        if isinstance(record, ChangeRecord):
            self._changes[record.subject, record.digest] = record
        elif isinstance(record, RequestRecord | VerdictRecord):
            if self._is_wanted(record.event_id, self.found):
                self._last = self.found[record.event_id] = self._find(file, line, record)
        elif isinstance(record, TraceRecord):
            if self._is_wanted(record.event_id, self.traces):
                self.traces[record.event_id] = record
        elif isinstance(record, OverrideRecord) and record.event_id.startswith(self.event_id):
            self.overrides.append(record)

    def _is_wanted(self, event_id: str, known: dict[str, _Found] | dict[str, TraceRecord]) -> bool:
        """Say whether an id is asked for; the exact one always, of others the first few."""
        if event_id in known or not event_id.startswith(self.event_id):
            return False
        return event_id == self.event_id or len(known) < _MAX_FOUND

    def _find(self, file: Path, line: bytes, record: RequestRecord | VerdictRecord) -> _Found:
        before = _neighbour(record, self._before)
        is_sound = None
        if record.hash is not None:
            digest = hashlib.sha256(without(line, "hash", record.hash)).hexdigest()
            follows = before is None or before.hash == record.prev_hash
            is_sound = digest == record.hash and follows
        return _Found(record, file.name, is_sound, before, self._in_force(record))

    def _in_force(self, record: RequestRecord | VerdictRecord) -> tuple[ChangeRecord, ...]:
        named = [
            ("base", record.base_digest), ("expert", record.expert_digest),
            ("tokenizer", record.tokenizer_digest), ("config", record.config_digest),
            ("calibration", record.calibration_digest),
        ]  # fmt: skip
        if isinstance(record, VerdictRecord):
            named.append(("policy", record.policy_digest))
        changes = (self._changes.get((subject, digest or "")) for subject, digest in named)
        return tuple(c for c in changes if c is not None and c.chain_id == record.chain_id)


def _neighbour(record: AnyRecord, line: bytes) -> AnyRecord | None:
    """Return what is on a line if it is of the same chain."""
    try:
        other = load_record(line)
    except AuditError:
        return None
    return other if other.chain_id == record.chain_id else None
