"""The audit log: one typed JSON line per request."""

from ngsd_guard.audit._log import AuditLog
from ngsd_guard.audit._records import RequestRecord

__all__ = ["AuditLog", "RequestRecord"]
