"""Ids of the session, trace and actor, added to all records inside a context."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from ngsd_guard.errors import ConfigurationError

_MAX_LENGTH: Final = 256


@dataclass(frozen=True, slots=True)
class AuditContext:
    """The current ids; None is omitted from records."""

    session_id: str | None = None
    trace_id: str | None = None
    actor: str | None = None


_NOTHING: Final = AuditContext()
_current: ContextVar[AuditContext] = ContextVar("ngsd_audit_context", default=_NOTHING)


@contextmanager
def audit_context(
    *, session_id: str | None = None, trace_id: str | None = None, actor: str | None = None
) -> Iterator[None]:
    """Add ids to every audit record written inside the context, in this thread or task.

    Args:
        session_id: id of the conversation in the calling program.
        trace_id: id of the surrounding trace.
        actor: the user; only a keyed fingerprint is written.

    Raises:
        ConfigurationError: an id is empty or longer than 256 characters.
    """
    outer = _current.get()
    for name, value in (("session_id", session_id), ("trace_id", trace_id), ("actor", actor)):
        if value is not None and not 0 < len(value) <= _MAX_LENGTH:
            raise ConfigurationError(f"{name} must have 1 to {_MAX_LENGTH} characters")
    inner = AuditContext(
        session_id=session_id or outer.session_id,
        trace_id=trace_id or outer.trace_id,
        actor=actor or outer.actor,
    )
    token = _current.set(inner)
    try:
        yield
    finally:
        _current.reset(token)


def current_context() -> AuditContext:
    """Return the current context."""
    return _current.get()
