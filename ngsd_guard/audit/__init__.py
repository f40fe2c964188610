"""The audit log: typed records, chained by their hashes, that tell every decision of the gate."""

from ngsd_guard.audit._context import audit_context
from ngsd_guard.audit._log import AuditLog
from ngsd_guard.audit._reading import read_lines, read_records
from ngsd_guard.audit._records import (
    AnyRecord,
    CategoryRecord,
    ChangeRecord,
    CheckpointRecord,
    ErrorRecord,
    ExemptionRecord,
    GapRecord,
    OverrideRecord,
    Record,
    RequestRecord,
    StartRecord,
    StopRecord,
    TraceRecord,
    VerdictRecord,
    json_schema,
    load_record,
)
from ngsd_guard.audit._signing import write_key_pair
from ngsd_guard.audit._verify import ChainReport, Problem, VerificationReport, verify

__all__ = [
    "AnyRecord",
    "AuditLog",
    "CategoryRecord",
    "ChainReport",
    "ChangeRecord",
    "CheckpointRecord",
    "ErrorRecord",
    "ExemptionRecord",
    "GapRecord",
    "OverrideRecord",
    "Problem",
    "Record",
    "RequestRecord",
    "StartRecord",
    "StopRecord",
    "TraceRecord",
    "VerdictRecord",
    "VerificationReport",
    "audit_context",
    "json_schema",
    "load_record",
    "read_lines",
    "read_records",
    "verify",
    "write_key_pair",
]
