"""The log file and the structlog pipeline in front of it."""

import hashlib
import hmac
import json
import os
import socket
import threading
import time
from collections import deque
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import structlog

from ngsd_guard.audit._records import RequestRecord, VerdictRecord
from ngsd_guard.config import AuditConfig
from ngsd_guard.errors import AuditError, ConfigurationError

_Event = MutableMapping[str, Any]
_Record = RequestRecord | VerdictRecord


class AuditLog:
    """Appends one JSON line per request to a file.

    A line is written whole, in one call, or not at all. Threads may share a log.

    Args:
        path: the file; made, with its folders, if it is not there.
        content: `none` leaves prompt and answer out; `hmac` keeps keyed fingerprints of both.
        key: secret of the fingerprints; needed with `hmac` and refused without it.
        fsync: `always` waits for the disk before a request returns; `never` leaves that to the
            system.

    Raises:
        ConfigurationError: an option is wrong, or the key is missing.
        AuditError: the file cannot be opened for appending.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        content: Literal["none", "hmac"] = "none",
        key: bytes | None = None,
        fsync: Literal["always", "never"] = "always",
    ) -> None:
        self.path = Path(path)
        self.config = AuditConfig(content=content, fsync=fsync)
        if (content == "hmac") != bool(key):
            raise ConfigurationError(
                "content='hmac' needs key=, at least 16 random bytes kept secret"
                if content == "hmac"
                else "key= is only used with content='hmac'; remove one or add the other"
            )
        self._key = key
        self._sequence = 0
        self._lock = threading.RLock()
        self._is_writing = False
        self._deferred: deque[tuple[_Record, str, str]] = deque()
        self._sink = _LineFile(self.path, fsync=fsync == "always")
        # Wrapped with everything given: neither reads nor changes the user's structlog.
        self._logger = structlog.wrap_logger(
            self._sink,
            processors=[self._fingerprint, self._identify, _render],
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
            cache_logger_on_first_use=False,
            host=socket.gethostname(),
            process_id=os.getpid(),
        )

    def write(self, record: _Record, *, prompt: str = "", output: str = "") -> None:
        """Append a record.

        Args:
            record: what happened.
            prompt: the request's text; leaves this method only as a fingerprint, if at all.
            output: the answer's text; likewise.

        Raises:
            AuditError: the line could not be written.
        """
        with self._lock:
            if self._is_writing:
                # The garbage collector ended a forgotten stream in the middle of another record.
                self._deferred.append((record, prompt, output))
                return
            self._is_writing = True
            try:
                self._append(record, prompt, output)
                while self._deferred:
                    self._append(*self._deferred.popleft())
            finally:
                self._is_writing = False

    def close(self) -> None:
        """Close the file; a further record is an error."""
        self._sink.close()

    def _append(self, record: _Record, prompt: str, output: str) -> None:
        fields = record.model_dump(mode="json")
        self._logger.info(fields.pop("kind"), prompt=prompt, output=output, **fields)
        self._sequence += 1

    def _fingerprint(self, _logger: Any, _method: str, event: _Event) -> _Event:
        texts = {name: event.pop(name) for name in ("prompt", "output")}
        if self._key is not None:
            for name, text in texts.items():
                digest = hmac.new(self._key, text.encode(), hashlib.sha256)
                event[f"{name}_hmac"] = digest.hexdigest()
        return event

    def _identify(self, _logger: Any, _method: str, event: _Event) -> _Event:
        event["kind"] = event.pop("event")
        event["sequence"] = self._sequence
        event["time_utc"] = datetime.now(UTC).isoformat()
        event["time_monotonic_s"] = time.monotonic()
        return event


class _LineFile:
    """An append-only file of whole lines."""

    def __init__(self, path: Path, *, fsync: bool) -> None:
        self._path = path
        self._fsync = fsync
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._fd: int | None = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise AuditError(self._explain("open", error)) from error

    def info(self, line: str) -> None:
        if self._fd is None:
            raise AuditError(f"the audit log {self._path} is closed; open a new AuditLog")
        data = line.encode() + b"\n"
        start = os.fstat(self._fd).st_size
        try:
            if os.write(self._fd, data) != len(data):
                os.ftruncate(self._fd, start)  # a half-written line would corrupt the next one
                raise OSError("the disk took only part of the record")
            if self._fsync:
                os.fsync(self._fd)
        except OSError as error:
            raise AuditError(self._explain("write to", error)) from error

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _explain(self, verb: str, error: OSError) -> str:
        return (
            f"cannot {verb} the audit log {self._path}: {error.strerror or error}; "
            "free some space or choose another path"
        )


def _render(_logger: Any, _method: str, event: _Event) -> str:
    return json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
