"""The writer of a chain, shared by all logs with the same path in a process."""

import os
import platform
import socket
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from ngsd_guard._version import __version__
from ngsd_guard.audit._chain import Link
from ngsd_guard.audit._membership import Membership, join_log
from ngsd_guard.audit._records import (
    SCHEMA_VERSION,
    ChainHead,
    CheckpointRecord,
    ErrorRecord,
    GapRecord,
    Record,
    StartRecord,
    StopRecord,
    payload,
)
from ngsd_guard.audit._signing import SigningKey
from ngsd_guard.config import AuditConfig
from ngsd_guard.errors import AuditError, ConfigurationError

Event = MutableMapping[str, Any]
Emit = Callable[[], Mapping[str, Any]]
Anchor = Callable[[Mapping[str, Any]], None]
_writers: weakref.WeakValueDictionary[tuple[Path, int], "Writer"] = weakref.WeakValueDictionary()
_opening = threading.RLock()


def open_writer(log: Path, config: AuditConfig, key: SigningKey | None) -> "Writer":
    """Return the writer of a log: the one this process has open, or a new one.

    Raises:
        AuditError: the log cannot be opened.
        ConfigurationError: this process has the log open with other options.
    """
    log = Path(os.path.realpath(log))
    with _opening:
        writer = _writers.get((log, os.getpid()))
        if writer is None or writer.is_closed:
            writer = _writers[log, os.getpid()] = Writer(log, config, key)
        if not writer.suits(config, key):
            raise ConfigurationError(
                f"the audit log {log} is open in this process with other options; use the same "
                "options, or another path"
            )
        writer.num_users += 1
        return writer


class Writer:
    """Writes records to one chain of a log; thread-safe."""

    def __init__(self, log: Path, config: AuditConfig, key: SigningKey | None) -> None:
        self.log = log
        self.config = config
        self.num_users = 0
        self.anchors: list[Anchor] = []
        self.is_closed = False
        self.process_id = os.getpid()
        self._host = socket.gethostname()
        self._lock = threading.RLock()
        self._is_writing = False
        self._deferred: deque[tuple[Emit, Callable[[Mapping[str, Any]], None]]] = deque()
        self._num_failed = 0
        self.declared: dict[str, str] = {}
        """Last recorded digest of each subject."""
        self._is_dirty = False
        self._must_sync = False
        self._key = key
        self._membership: Membership = join_log(log, key)
        self._chain = self._membership.chain
        self._flusher: threading.Thread | None = None
        self._done = threading.Event()
        # All arguments are explicit, so the user's structlog configuration is not used or changed.
        self._own = structlog.wrap_logger(
            self,
            processors=self.processors,
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
            cache_logger_on_first_use=False,
        ).bind()
        try:
            with self._lock:
                self._start()
        except BaseException:
            self._chain.close()
            raise

    @property
    def processors(self) -> list[Any]:
        """The end of the structlog pipeline: process and time, then the chain."""
        return [self._identify, self._link]

    def suits(self, config: AuditConfig, key: SigningKey | None) -> bool:
        """Return whether a log with these options can share this writer."""
        ours = self.config.replace(content="none", trace_rate=0.0)
        theirs = config.replace(content="none", trace_rate=0.0)
        ids = [k.id if k else None for k in (self._key, key)]
        return ours == theirs and ids[0] == ids[1]

    @property
    def path(self) -> Path:
        """The current file."""
        return self._chain.log

    def write(self, emit: Emit, notify: Callable[[Mapping[str, Any]], None]) -> None:
        """Write a record under the lock, and call `notify` with it afterwards.

        While a record is being written, the garbage collector may close an abandoned stream, which
        writes another one. That record is deferred until the first is written.

        Raises:
            AuditError: the record could not be written, and `on_failure` is `block`.
        """
        written: list[tuple[Callable[[Mapping[str, Any]], None], Mapping[str, Any] | None]] = []
        with self._lock:
            if self._is_writing:
                self._deferred.append((emit, notify))
                return
            self._is_writing = True
            try:
                written.append((notify, self._emit(emit)))
                while self._deferred:
                    emit, notify = self._deferred.popleft()
                    written.append((notify, self._emit(emit)))
            finally:
                self._is_writing = False
        for notify_of, fields in written:
            if fields is not None:
                notify_of(fields)

    def info(self, *, link: Link) -> Mapping[str, Any]:
        """Write a record at the end of the pipeline."""
        if self.is_closed:
            raise AuditError(f"the audit log {self.log} is closed; open a new AuditLog")
        self._chain.append(link)
        if self.config.fsync == "always" or self._must_sync:
            self._chain.sync()
            self._must_sync = False
        elif self.config.fsync == "interval":
            self._is_dirty = True
            if self._flusher is None:
                self._flusher = threading.Thread(
                    target=_flush, args=(weakref.ref(self), self._done), daemon=True
                )
                self._flusher.start()
        return link.fields

    def flush(self) -> None:
        """Flush all records to disk.

        Raises:
            AuditError: the records could not be written to disk.
        """
        with self._lock:
            try:
                if not self.is_closed:
                    self._chain.sync()
                    self._is_dirty = False
            except OSError as error:
                raise self._explain(error) from error

    def flush_if_dirty(self) -> None:
        """Flush unflushed records; if that fails, flush again with the next record."""
        if self._is_dirty:
            try:
                self.flush()
            except AuditError:
                self._must_sync = True

    def release(self) -> None:
        """Remove one user; the last one closes the chain.

        Raises:
            AuditError: the final records could not be written.
        """
        with _opening, self._lock:
            self.num_users -= 1
            if self.num_users <= 0:
                self._stop()

    def _start(self) -> None:
        found = self._chain.recovery
        for gap in found.gaps:
            self._write_own(GapRecord(**gap))
        self._write_own(
            StartRecord(
                package_version=__version__,
                python_version=platform.python_version(),
                platform=sys.platform,
                previous_end=found.previous_end,
                set_aside=found.set_aside,
                others=self._others(),
            )
        )

    def _stop(self) -> None:
        if self.is_closed:
            return
        self._done.set()
        try:
            if self.process_id == os.getpid():  # a forked child does not touch its parent's chain
                self._note_failures()
                self._write_own(StopRecord())
                self._checkpoint("close")
                self._chain.sync()
                self._membership.update()
        except OSError as error:
            raise self._explain(error) from error
        finally:
            self.is_closed = True
            self._chain.close()

    def _note_failures(self) -> None:
        if self._num_failed:
            self._write_own(GapRecord(reason="write_failed", num_records=self._num_failed))
            self._num_failed = 0

    def _emit(self, emit: Emit) -> Mapping[str, Any] | None:
        try:
            self._note_failures()
            written = emit()
        except (OSError, AuditError) as error:
            if self.is_closed:
                raise
            self._num_failed += 1
            if self.config.on_failure == "continue":
                return None
            if isinstance(error, AuditError):
                raise
            raise self._explain(error) from error
        self._keep_house()
        return written

    def _keep_house(self) -> None:
        """Write checkpoints and rotate files when due; count a failure for the next record."""
        chain, config = self._chain, self.config
        is_full = config.max_bytes is not None and chain.size >= config.max_bytes
        is_old = config.max_age_s is not None and chain.age_s >= config.max_age_s
        try:
            if is_full or is_old:
                self._checkpoint("rotation")
                chain.rotate()
            elif (chain.position.sequence + 1) % config.checkpoint_every == 0:
                self._checkpoint("count")
        except (OSError, AuditError):
            self._num_failed += 1

    def _checkpoint(self, cause: Literal["count", "rotation", "close"]) -> None:
        written = self._write_own(CheckpointRecord(cause=cause, others=self._others()))
        for anchor in self.anchors:
            try:
                anchor(written)
            except Exception as error:  # a failing anchor must not stop the log
                if cause != "close":  # no record may follow the last checkpoint
                    failed = ErrorRecord(source="anchor", error_type=type(error).__name__)
                    self._write_own(failed)

    def _write_own(self, record: Record) -> Mapping[str, Any]:
        fields = payload(record)
        written: Mapping[str, Any] = self._own.info(fields.pop("kind"), **fields)
        return written

    def _others(self) -> tuple[ChainHead, ...]:
        """Return the positions of the log's other chains."""
        return tuple(
            ChainHead(chain_id=at.chain_id, sequence=at.sequence, head_hash=at.hash)
            for at in self._membership.others()
        )

    def _identify(self, _logger: Any, _method: str, event: Event) -> Event:
        event["kind"] = event.pop("event")
        event["schema_version"] = SCHEMA_VERSION
        event["time_utc"] = datetime.now(UTC).isoformat()
        event["time_monotonic_s"] = time.monotonic()
        event["host"] = self._host
        event["process_id"] = self.process_id
        return event

    def _link(self, _logger: Any, _method: str, event: Event) -> tuple[tuple[()], dict[str, Link]]:
        return (), {"link": self._chain.link(event)}

    def _explain(self, error: OSError) -> AuditError:
        return AuditError(
            f"cannot write to the audit log {self.log}: {error.strerror or error}; "
            "free some space or choose another path"
        )


def _flush(writer: "weakref.ref[Writer]", done: threading.Event) -> None:
    while True:
        here = writer()
        if here is None:
            return
        interval_s = here.config.fsync_interval_s
        here.flush_if_dirty()
        del here
        if done.wait(interval_s):
            return
