"""The audit records that each session of the playground made, as the log wrote them."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from ngsd_guard.audit import AuditLog

_MAX_SESSIONS: Final = 64
_MAX_RECORDS: Final = 64
_PREFIX: Final = "playground-"


class SessionRecords:
    """The latest records of the latest sessions; what else is logged is not looked at.

    Args:
        logs: the server's logs.
    """

    def __init__(self, *logs: AuditLog | None) -> None:
        self._sessions: OrderedDict[str, OrderedDict[str, Mapping[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()
        for log in {id(log): log for log in logs if log is not None}.values():
            log.observe(self._keep)

    def find(self, token: str, record_id: str) -> Mapping[str, Any] | None:
        """Return a record by its id; None if this session did not make it, or it is too old."""
        with self._lock:
            records = self._sessions.get(session_id(token))
            return None if records is None else records.get(record_id)

    def _keep(self, record: Mapping[str, Any]) -> None:
        session, record_id = record.get("session_id"), record.get("event_id")
        if session is None or record_id is None or not session.startswith(_PREFIX):
            return
        if record["kind"] not in ("request", "verdict"):
            return
        with self._lock:
            records = self._sessions.setdefault(session, OrderedDict())
            records[record_id] = dict(record)
            self._sessions.move_to_end(session)
            if len(records) > _MAX_RECORDS:
                records.popitem(last=False)
            if len(self._sessions) > _MAX_SESSIONS:
                self._sessions.popitem(last=False)


def session_id(token: str) -> str:
    """Return a session's id in the log, from which its token cannot be told."""
    return _PREFIX + hashlib.sha256(token.encode()).hexdigest()[:32]
