"""Who and what a request belongs to, said once around it and found in all of its records."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from ngsd_guard.errors import ConfigurationError

_MAX_LENGTH: Final = 256


@dataclass(frozen=True, slots=True)
class AuditContext:
    """What is in force; None is in no record."""

    session_id: str | None = None
    trace_id: str | None = None
    actor: str | None = None


_NOTHING: Final = AuditContext()
_current: ContextVar[AuditContext] = ContextVar("ngsd_audit_context", default=_NOTHING)


@contextmanager
def audit_context(
    *, session_id: str | None = None, trace_id: str | None = None, actor: str | None = None
) -> Iterator[None]:
    """Put ids into every audit record that is written inside, in this thread or task.

    Args:
        session_id: what the conversation is called elsewhere.
        trace_id: that of the surrounding trace.
        actor: who asks; only a keyed fingerprint of it is written.

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
    """Return what is in force here."""
    return _current.get()
