"""The audit log: typed, hash-chained records of every decision."""

from ngsd_guard.audit._content import ContentStore
from ngsd_guard.audit._context import audit_context
from ngsd_guard.audit._log import AuditLog
from ngsd_guard.audit._output import new_file
from ngsd_guard.audit._records import (
    CODE_PATTERN,
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
    load_record,
)
from ngsd_guard.audit._schema import json_schema, schema_page
from ngsd_guard.audit._signing import SigningKey, VerifyingKey, write_key_pair
from ngsd_guard.audit.read._chain_verifier import Problem
from ngsd_guard.audit.read._reading import read_lines, read_records
from ngsd_guard.audit.read._verify import ChainReport, VerificationReport, verify
from ngsd_guard.audit.read.exports._export import ExportFormat, export
from ngsd_guard.audit.read.exports._otel import OpenTelemetryObserver
from ngsd_guard.audit.read.views._report import write_report
from ngsd_guard.audit.read.views._stats import LogStats, read_stats
from ngsd_guard.audit.read.views._story import Story, read_story
from ngsd_guard.audit.read.views._tail import LogFollower, tail

__all__ = [
    "CODE_PATTERN",
    "AnyRecord",
    "AuditLog",
    "CategoryRecord",
    "ChainReport",
    "ChangeRecord",
    "CheckpointRecord",
    "ContentStore",
    "ErrorRecord",
    "ExemptionRecord",
    "ExportFormat",
    "GapRecord",
    "LogFollower",
    "LogStats",
    "OpenTelemetryObserver",
    "OverrideRecord",
    "Problem",
    "Record",
    "RequestRecord",
    "SigningKey",
    "StartRecord",
    "StopRecord",
    "Story",
    "TraceRecord",
    "VerdictRecord",
    "VerificationReport",
    "VerifyingKey",
    "audit_context",
    "export",
    "json_schema",
    "load_record",
    "new_file",
    "read_lines",
    "read_records",
    "read_stats",
    "read_story",
    "schema_page",
    "tail",
    "verify",
    "write_key_pair",
    "write_report",
]
