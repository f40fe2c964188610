"""The audit log as its users see it, and the start of the structlog pipeline."""

import contextlib
import os
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
from ngsd_guard.audit._records import ChangeRecord, ErrorRecord, OverrideRecord, Record, payload
from ngsd_guard.audit._signing import SigningKey
from ngsd_guard.audit._writer import Anchor, Writer, open_writer
from ngsd_guard.config import AuditConfig
from ngsd_guard.errors import AuditError, ConfigurationError

_Event = MutableMapping[str, Any]
Observer = Callable[[Mapping[str, Any]], None]
_MIN_KEY_BYTES: Final = 16
_RATE_STEPS: Final = 2**32


class AuditLog:
    """A log of typed records, each chained to the one before by its hash.

    A record is on a line of its own, whole or not at all. Threads may share a log, and so may
    logs and processes share a path: in one process they write to one chain, and every further
    process has a chain of its own beside it (`audit-2.jsonl`). A log that is neither closed nor
    reachable any more, or open when Python ends, is closed in order.

    Args:
        path: the file, or a folder, which gets an `audit.jsonl`; made if it is not there.
        content: whether prompt and answer are left out, kept as keyed fingerprints, or kept
            encrypted in a store beside the log.
        key: secret of the fingerprints and of the content store, at least 16 random bytes; needed
            with `content` other than `none`.
        fsync: when records are on the disk: before `write` returns, within an interval, or when
            the system likes.
        signing_key: an Ed25519 private key as PEM, or its path; `ngsd-guard audit keygen` makes
            one. Without it, whoever can write to the disk can rebuild the chain.
        logger: a structlog or stdlib-like logger that gets every record too, as
            `logger.info(kind, **members)`.
        observers: called with every record after it was written.
        anchor: called with every checkpoint, to keep it where the log's disk does not reach.
        options: the others of `AuditConfig`, such as `trace_rate` or `on_failure`.

    Raises:
        ConfigurationError: an option is wrong, or a key is missing.
        AuditError: the log cannot be opened, or another key signed it.
        MissingDependencyError: keys and content need the extra `audit`.
    """

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
            record: what happened.
            prompt: the request's text; kept as `content` says, and in no other way.
            output: the answer's text; likewise.

        Raises:
            AuditError: it could not be written, and `on_failure` is `block`.
        """
        if self._is_closed:
            raise AuditError(f"the audit log {self.path} is closed; open a new AuditLog")
        writer = self._current_writer()
        fields = payload(record)
        kind = fields.pop("kind")
        texts = {"prompt": prompt, "output": output}
        writer.write(lambda: self._logger.info(kind, texts=texts, **fields), self._tell)

    def declare_pair(self, identity: Mapping[str, Any]) -> None:
        """Record what requests are judged by, where it is not what was recorded last.

        Args:
            identity: of a pair: the fields of `PairRecord`.

        Raises:
            AuditError: it could not be written.
        """
        self.declare("base", identity["base"], identity["base_digest"])
        self.declare("expert", identity["expert"], identity["expert_digest"])
        self.declare("tokenizer", identity["base"], identity["tokenizer_digest"])
        self.declare("config", identity["preset"], identity["config_digest"])
        if identity["calibration"] is not None:
            self.declare("calibration", identity["calibration"], identity["calibration_digest"])

    def declare(
        self,
        subject: Literal["config", "policy", "calibration", "base", "expert", "tokenizer"],
        name: str,
        digest: str,
    ) -> None:
        """Record what requests are judged by, if it is not what was recorded last.

        Raises:
            AuditError: it could not be written.
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
        """Record that a human decided otherwise.

        Args:
            event_id: the record that is overridden.
            decision: what is done instead.
            reviewer: an id by which the reviewer's employer knows them; no name.
            reason_code: a code for the reason; no free text.

        Raises:
            AuditError: it could not be written.
        """
        self.write(
            OverrideRecord(
                event_id=event_id, decision=decision, reviewer=reviewer, reason_code=reason_code
            )
        )

    def wants_trace(self, event_id: str) -> bool:
        """Say whether a request is of the share that is recorded token by token."""
        rate = self.config.trace_rate
        return rate > 0 and zlib.crc32(event_id.encode()) < rate * _RATE_STEPS

    def flush(self) -> None:
        """Wait until all records are on the disk.

        Raises:
            AuditError: the disk does not take them.
        """
        self._writer.flush()

    def close(self) -> None:
        """Write the last records and close the file; a further record is an error.

        Raises:
            AuditError: the last records could not be written.
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
            self._writer = self._open()  # forked: a chain of its own
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
        # Wrapped with everything given: neither reads nor changes the user's structlog.
        self._logger = structlog.wrap_logger(
            writer,
            processors=[self._protect, self._add_context, *writer.processors],
            wrapper_class=structlog.BoundLogger,
            context_class=dict,
            cache_logger_on_first_use=False,
        ).bind()
        return writer

    def _protect(self, _logger: Any, _method: str, event: _Event) -> _Event:
        """Take the texts out of the event, and put in what may be kept of them."""
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

    def _tell(self, written: Mapping[str, Any]) -> None:
        """Pass a record on; who fails to take it is recorded, and stops nobody."""
        for observer in self._observers:
            try:
                observer(written)
            except Exception as error:
                if written["kind"] != "error":
                    self.write(ErrorRecord(source="observer", error_type=type(error).__name__))


def _check_key(content: str, key: bytes | None) -> None:
    if content == "none" and key is not None:
        raise ConfigurationError(
            "key= is only used with content='hmac' or 'full'; remove it or set content"
        )
    if content != "none" and (key is None or len(key) < _MIN_KEY_BYTES):
        raise ConfigurationError(
            f"content={content!r} needs key=, at least {_MIN_KEY_BYTES} random bytes kept secret"
        )


def _forward(logger: Any) -> Observer:
    def forward(written: Mapping[str, Any]) -> None:
        members = dict(written)
        logger.info(members.pop("kind"), **members)

    return forward


def _release_quietly(writer: Writer) -> None:
    with contextlib.suppress(OSError, AuditError):
        writer.release()
