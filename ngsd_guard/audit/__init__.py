"""The audit log: one typed JSON line per request or verdict."""

from ngsd_guard.audit._log import AuditLog
from ngsd_guard.audit._records import (
    CategoryRecord,
    ExemptionRecord,
    RequestRecord,
    VerdictRecord,
)

__all__ = ["AuditLog", "CategoryRecord", "ExemptionRecord", "RequestRecord", "VerdictRecord"]
