"""The audit log, and the start of its structlog pipeline."""

import contextlib
import os
import re
import secrets
import weakref
import zlib
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

import structlog

from ngsd_guard.audit._content import ContentStore, fingerprint
from ngsd_guard.audit._context import current_context
from ngsd_guard.audit._files import log_path
from ngsd_guard.audit._records import (
    CODE_PATTERN,
    ChangeRecord,
    ErrorRecord,
    OverrideRecord,
    Record,
    payload,
)
from ngsd_guard.audit._signing import SigningKey
from ngsd_guard.audit._writer import Anchor, Writer, open_writer
from ngsd_guard.config import AuditConfig
from ngsd_guard.errors import AuditError, ConfigurationError
from ngsd_guard.pickling import ProcessLocal

_Event = MutableMapping[str, Any]
Observer = Callable[[Mapping[str, Any]], None]
_MIN_KEY_BYTES: Final = 16
_RATE_STEPS: Final = 2**32


class AuditLog(ProcessLocal):
    """A log of typed records, each linked to the previous one by its hash.

    Each record is one line, written completely or not at all. Logs are thread-safe. Several logs in
    one process that share a path write to one chain; every other process gets its own chain next
    to it (`audit-2.jsonl`). A log that is garbage-collected, or still open when Python exits, is
    closed properly.

    Args:
        path: the file, or a folder for `audit.jsonl`; created if missing.
        content: whether prompt and answer are omitted, stored as keyed fingerprints, or stored
            encrypted next to the log.
        key: secret key of the fingerprints and the content store, at least 16 random bytes;
            required unless `content` is `none`.
        fsync: when records are flushed to disk: before `write` returns, within an interval, or
            when the operating system decides.
        signing_key: an Ed25519 private key as PEM, or its path; see `ngsd-guard audit keygen`.
            Without it, anyone with write access to the disk can rebuild the chain.
        logger: a structlog or stdlib-like logger that also receives every record, as
            `logger.info(kind, **members)`.
        observers: called with every record after it was written.
        anchor: called with every checkpoint, to store it outside the log's disk.
        options: other options of `AuditConfig`, such as `trace_rate` or `on_failure`.

    Raises:
        ConfigurationError: an option is wrong, or a key is missing.
        AuditError: the log cannot be opened, or is signed with another key.
        MissingDependencyError: keys and content require the extra `audit`.
    """

    pickle_remedy = "pass the log's path instead, or open the log there"

    def __init__(
        self,
        path: str | Path,
        *,
        content: Literal["none", "hmac", "full"] = "none",
        key: bytes | None = None,
        fsync: Literal["always", "interval", "never"] = "always",
        signing_key: str | Path | bytes | None = None,
        logger: Any = None,
        observers: Sequence[Observer] = (),
        anchor: Anchor | None = None,
        **options: Any,
    ) -> None:
        self.path = log_path(path)
        self.config = AuditConfig(content=content, fsync=fsync, **options)
        _check_key(content, key)
        self._key = key
        self._actor_key = key or secrets.token_bytes(32)
        self._signing_key = None if signing_key is None else SigningKey(signing_key)
        self._observers = [*observers, *([] if logger is None else [_forward(logger)])]
        self._anchor = anchor
        self._writer = self._open()

    def write(self, record: Record, *, prompt: str = "", output: str = "") -> None:
        """Append a record.

        Args:
            record: the record.
            prompt: the request's text; stored only as `content` specifies.
            output: the answer's text; stored only as `content` specifies.

        Raises:
            ConfigurationError: an override has free text where an id or code belongs.
            AuditError: the record could not be written, and `on_failure` is `block`.
        """
        if self._is_closed:
            raise AuditError(f"the audit log {self.path} is closed; open a new AuditLog")
        if isinstance(record, OverrideRecord):
            _check_codes(record)
        writer = self._current_writer()
        fields = payload(record)
        kind = fields.pop("kind")
        texts = {"prompt": prompt, "output": output}
        writer.write(lambda: self._logger.info(kind, texts=texts, **fields), self._notify)

    def declare_pair(self, identity: Mapping[str, Any]) -> None:
        """Record the models and options that requests are judged by, if they have changed.

        Args:
            identity: identity of the pair, with the fields of `PairRecord`.

        Raises:
            AuditError: a record could not be written.
        """
        self.declare("base", identity["base"], identity["base_digest"])
        self.declare("expert", identity["expert"], identity["expert_digest"])
        self.declare("tokenizer", identity["base"], identity["tokenizer_digest"])
        self.declare("config", identity["preset"], identity["config_digest"])
        if identity["calibration"] is not None:
            self.declare("calibration", identity["calibration"], identity["calibration_digest"])

    def declare(
        self,
        subject: Literal["config", "policy", "calibration", "base", "expert", "tokenizer", "patch"],
        name: str,
        digest: str,
    ) -> None:
        """Record something that requests are judged by, if it has changed.

        Raises:
            AuditError: the record could not be written.
        """
        declared = self._current_writer().declared
        before = declared.get(subject)
        if before != digest:
            self.write(
                ChangeRecord(subject=subject, name=name, digest=digest, previous_digest=before)
            )
            declared[subject] = digest

    def override(
        self,
        event_id: str,
        decision: Literal["allow", "block"],
        *,
        reviewer: str,
        reason_code: str | None = None,
    ) -> None:
        """Record a human decision that overrides the guard.

        Args:
            event_id: id of the request or verdict.
            decision: the reviewer's decision.
            reviewer: internal id of the reviewer, not a name.
            reason_code: code of the reason, not free text.

        Raises:
            ConfigurationError: an id or code does not match `CODE_PATTERN`.
            AuditError: the record could not be written.
        """
        self.write(
            OverrideRecord(
                event_id=event_id, decision=decision, reviewer=reviewer, reason_code=reason_code
            )
        )

    def observe(self, observer: Observer) -> None:
        """Call a function with every later record, after it was written.

        Args:
            observer: as in `observers` of the constructor; failures are recorded, not raised.
        """
        self._observers.append(observer)

    def wants_trace(self, event_id: str) -> bool:
        """Return whether a request belongs to the share that is recorded token by token."""
        rate = self.config.trace_rate
        return rate > 0 and zlib.crc32(event_id.encode()) < rate * _RATE_STEPS

    def flush(self) -> None:
        """Flush all records to disk.

        Raises:
            AuditError: the records could not be written to disk.
        """
        self._writer.flush()

    def close(self) -> None:
        """Write the final records and close the file; writing afterwards is an error.

        Raises:
            AuditError: the final records could not be written.
        """
        if self._finalizer.detach():
            self._is_closed = True
            self._writer.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _current_writer(self) -> Writer:
        if self._writer.process_id != os.getpid() and not self._is_closed:
            self._writer = self._open()  # a forked process gets its own chain
        return self._writer

    def _open(self) -> Writer:
        writer = open_writer(self.path, self.config, self._signing_key)
        if self._anchor is not None:
            writer.anchors.append(self._anchor)
        self._finalizer = weakref.finalize(self, _release_quietly, writer)
        self._is_closed = False
        self._content = (
            ContentStore(writer.path, self._key)
            if self.config.content == "full" and self._key is not None
            else None
        )
        # All arguments are explicit, so the user's structlog configuration is not used or changed.
        self._logger = structlog.wrap_logger(
            writer,
            processors=[self._protect, self._add_context, *writer.processors],
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
            cache_logger_on_first_use=False,
        ).bind()
        return writer

    def _protect(self, _logger: Any, _method: str, event: _Event) -> _Event:
        """Replace the texts in the event by what may be stored of them."""
        texts = event.pop("texts")
        texts = {name: text for name, text in texts.items() if text}
        if self._key is None or self.config.content == "none":
            return event
        for name, text in texts.items():
            event[f"{name}_hmac"] = fingerprint(self._key, text)
        if self._content is not None and texts:
            event["content_ref"] = self._content.put(
                event["event_id"], texts, sync=self.config.fsync == "always"
            )
        return event

    def _add_context(self, _logger: Any, _method: str, event: _Event) -> _Event:
        context = current_context()
        if context.session_id is not None:
            event["session_id"] = context.session_id
        if context.trace_id is not None:
            event["trace_id"] = context.trace_id
        if context.actor is not None:
            event["actor_hmac"] = fingerprint(self._actor_key, context.actor)
        return event

    def _notify(self, written: Mapping[str, Any]) -> None:
        """Pass a record to the observers; their failures are recorded but not raised."""
        for observer in self._observers:
            try:
                observer(written)
            except Exception as error:
                if written["kind"] != "error":
                    self.write(ErrorRecord(source="observer", error_type=type(error).__name__))


def _check_codes(record: OverrideRecord) -> None:
    for name in ("event_id", "reviewer", "reason_code"):
        code = getattr(record, name)
        if code is not None and not re.fullmatch(CODE_PATTERN, code):
            raise ConfigurationError(
                f"{name} must be 1 to 64 letters, digits and . _ : @ -, without spaces; pass an "
                "internal id or code, not a name or a sentence"
            )


def _check_key(content: str, key: bytes | None) -> None:
    if content == "none" and key is not None:
        raise ConfigurationError(
            "key is only used with content='hmac' or 'full'; remove it or set content"
        )
    if content != "none" and (key is None or len(key) < _MIN_KEY_BYTES):
        raise ConfigurationError(
            f"content={content!r} needs a key; pass key=, at least {_MIN_KEY_BYTES} random bytes"
        )


def _forward(logger: Any) -> Observer:
    def forward(written: Mapping[str, Any]) -> None:
        members = dict(written)
        logger.info(members.pop("kind"), **members)

    return forward


def _release_quietly(writer: Writer) -> None:
    with contextlib.suppress(OSError, AuditError):
        writer.release()
