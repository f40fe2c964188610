"""All records of a log about one request or verdict."""

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
    """A request or verdict, with the other records about it."""

    record: RequestRecord | VerdictRecord
    file: str
    """Name of the file with the record."""
    is_sound: bool | None
    """Whether the record's hash is correct and it names the hash of the previous record; None for
    a record of version 1, which has no hash. This does not replace `verify`."""
    before: AnyRecord | None
    """The previous record in the chain."""
    after: AnyRecord | None
    """The next record in the chain."""
    trace: TraceRecord | None
    """The gate's trace token by token; None if it was not recorded."""
    overrides: tuple[OverrideRecord, ...]
    """Human overrides, from all chains."""
    in_force: tuple[ChangeRecord, ...]
    """The change records of the models, options and policy in force."""


def read_story(path: str | Path, event_id: str) -> Story:
    """Find a request or verdict, and all records about it, in one pass over the log.

    Args:
        path: the log's file, or the folder with `audit.jsonl`.
        event_id: the record's id, or a prefix of at least 4 characters.

    Raises:
        AuditError: there is no log or no such record, or the prefix is ambiguous.
    """
    if len(event_id) < _MIN_PREFIX:
        raise AuditError(
            f"event id {event_id!r} is too short; pass at least {_MIN_PREFIX} characters of the id "
            "in the record or answer"
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
    """A search through the lines of a log."""

    event_id: str
    found: dict[str, _Found] = field(default_factory=dict)
    traces: dict[str, TraceRecord] = field(default_factory=dict)
    overrides: list[OverrideRecord] = field(default_factory=list)
    _changes: dict[tuple[str, str], ChangeRecord] = field(default_factory=dict)
    _before: bytes = b""
    _last: _Found | None = None
    """The record found on the previous line, if any."""

    def read(self, file: Path, line: bytes) -> None:
        """Read the next line; most lines need not be parsed."""
        if self._last is not None:
            self._last.after = _neighbour(self._last.record, line)
            self._last = None
        if self.event_id.encode() in line or _CHANGE in line:
            self._take(file, line)
        self._before = line

    def story(self, log: Path) -> Story:
        """Return the result of the search.

        Raises:
            AuditError: no record was found, or more than one.
        """
        found = self.found.get(self.event_id)
        if found is None and len(self.found) > 1:
            some = ", ".join(list(self.found)[:5])
            raise AuditError(f"several ids start with {self.event_id!r}: {some}; pass a longer id")
        found = found or next(iter(self.found.values()), None)
        if found is None:
            raise AuditError(
                f"no request or verdict in {log} has the id {self.event_id!r}; `ngsd-guard audit "
                "tail` prints ids"
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
        """Return whether to keep an id: the exact one, or one of the first few with the prefix."""
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
    """Return the record on a line if it belongs to the same chain."""
    try:
        other = load_record(line)
    except AuditError:
        return None
    return other if other.chain_id == record.chain_id else None
