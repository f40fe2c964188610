"""Records as OpenTelemetry logs, in the JSON encoding of OTLP."""

import json
import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any, Final

from ngsd_guard.audit._records import AnyRecord
from ngsd_guard.audit.read.exports._attributes import attributes
from ngsd_guard.audit.read.views._describe import describe

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH: Final = 256
_DEBUG, _INFO, _WARN, _ERROR = (5, "DEBUG"), (9, "INFO"), (13, "WARN"), (17, "ERROR")
_RESOURCE: Final = frozenset({"host", "process_id", "chain_id"})


def otlp_lines(records: Iterable[AnyRecord]) -> Iterator[str]:
    """Yield messages of type LogsData, each of up to 256 records of one chain and process."""
    for (host, process_id, chain_id), group in groupby(
        records, key=lambda record: (record.host, record.process_id, record.chain_id)
    ):
        resource = {
            "service.name": "ngsd-guard",
            "service.instance.id": chain_id,
            "host.name": host,
            "process.pid": process_id,
        }
        while batch := [log_record(record) for record in islice(group, _BATCH)]:
            logs = {"scope": {"name": "ngsd_guard.audit"}, "logRecords": batch}
            told = {"resource": {"attributes": _key_values(resource)}, "scopeLogs": [logs]}
            yield json.dumps({"resourceLogs": [told]}, separators=(",", ":"), allow_nan=False)


def log_record(record: AnyRecord) -> dict[str, Any]:
    """Return a record as a LogRecord."""
    fields = record.model_dump(exclude_none=True)
    number, text = _severity(record)
    told: dict[str, Any] = {
        "severityNumber": number,
        "severityText": text,
        "eventName": f"ngsd.{record.kind}",
        "body": {"stringValue": describe(fields)},
        "attributes": _key_values(attributes(fields, without=_RESOURCE)),
    }
    if record.time_utc is not None:
        told["timeUnixNano"] = told["observedTimeUnixNano"] = str(unix_ns(record.time_utc))
    if record.trace_id is not None and re.fullmatch(r"[0-9a-fA-F]{32}", record.trace_id):
        told["traceId"] = record.trace_id.lower()
    return told


def unix_ns(time_utc: str) -> int:
    """Return nanoseconds since 1970."""
    return (datetime.fromisoformat(time_utc) - _EPOCH) // timedelta(microseconds=1) * 1000


def _severity(record: AnyRecord) -> tuple[int, str]:
    if record.kind == "trace":
        return _DEBUG
    if record.kind in ("gap", "error"):
        return _ERROR
    if record.kind == "request":
        if record.status == "failed":
            return _ERROR
        return _WARN if record.spike_indices or record.finish_reason == "blocked" else _INFO
    if record.kind == "verdict":
        if record.evaluation in ("error", "timeout"):
            return _ERROR
        return _WARN if record.flagged else _INFO
    return _INFO


def _key_values(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(item)} for key, item in told.items() if item is not None]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if math.isfinite(value) else _not_finite(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": str(value)}


def _not_finite(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
