"""Records as findings of the Open Cybersecurity Schema Framework (OCSF)."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ngsd_guard.audit._canonical import without
from ngsd_guard.audit._records import (
    AnyRecord,
    GapRecord,
    OverrideRecord,
    RequestRecord,
    VerdictRecord,
    load_record,
)
from ngsd_guard.audit.read.exports._otlp import unix_ns

OCSF_VERSION: Final = "1.8.0"
_CLASS: Final = 2004
_CREATE, _UPDATE = (1, "Create"), (2, "Update")
_INFORMATIONAL, _LOW, _MEDIUM, _HIGH = (
    (1, "Informational"), (2, "Low"), (3, "Medium"), (4, "High")
)  # fmt: skip
_BLOCKED: Final = {
    "action_id": 2, "action": "Denied", "disposition_id": 2, "disposition": "Blocked"
}  # fmt: skip
_CORRECTED: Final = {
    "action_id": 4, "action": "Modified", "disposition_id": 11, "disposition": "Corrected"
}  # fmt: skip
_DETECTED: Final = {
    "action_id": 3, "action": "Observed", "disposition_id": 15, "disposition": "Detected"
}  # fmt: skip
_ALLOWED: Final = {
    "action_id": 1, "action": "Allowed", "disposition_id": 10, "disposition": "Exonerated"
}  # fmt: skip
_OF_ACTION: Final = {
    "block": (_HIGH, _BLOCKED),
    "escalate": (_HIGH, _BLOCKED),
    "redact": (_MEDIUM, _CORRECTED),
    "rewrite": (_MEDIUM, _CORRECTED),
    "steer": (_MEDIUM, _CORRECTED),
}


def ocsf_lines(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield a Detection Finding (class 2004) for every record that is one.

    These are verdicts that flag, requests in which the gate intervened, human overrides, as
    updates of what they override, and gaps in the log.
    """
    for line in lines:
        event = finding(load_record(line), line)
        if event is not None:
            yield json.dumps(event, separators=(",", ":"))


def finding(record: AnyRecord, line: bytes) -> dict[str, Any] | None:
    """Return a record as a Detection Finding, or None if nothing was found.

    Args:
        record: what is on the line.
        line: the record as it was written; what its hash was taken over becomes `raw_data`.
    """
    if isinstance(record, VerdictRecord) and record.flagged:
        special = _of_verdict(record)
    elif isinstance(record, RequestRecord) and (
        record.spike_indices or record.finish_reason == "blocked"
    ):
        special = _of_request(record)
    elif isinstance(record, OverrideRecord):
        special = _of_override(record)
    elif isinstance(record, GapRecord):
        special = _of_gap(record)
    else:
        return None
    return {**_common(record, line), **special}


def _common(record: AnyRecord, line: bytes) -> dict[str, Any]:
    raw = line if record.hash is None else without(line, "hash", record.hash)
    event: dict[str, Any] = {
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Detection Finding",
        "time": _milliseconds(record),
        "metadata": _metadata(record),
        "raw_data": raw.decode(),
        "raw_data_size": len(raw),
        "unmapped": {"ngsd": json.loads(line)},
    }
    if record.hash is not None:
        event["raw_data_hash"] = {
            "algorithm_id": 3, "algorithm": "SHA-256", "value": record.hash
        }  # fmt: skip
    if record.host is not None:
        event["device"] = {"type_id": 0, "type": "Unknown", "hostname": record.host}
    actor = {
        "user": record.actor_hmac and {"uid": record.actor_hmac},
        "session": record.session_id and {"uid": record.session_id},
    }
    if any(actor.values()):
        event["actor"] = {name: item for name, item in actor.items() if item}
    return event


def _metadata(record: AnyRecord) -> dict[str, Any]:
    product = {"name": "ngsd-guard", "vendor_name": "ngsd-guard"}
    if isinstance(record, RequestRecord | VerdictRecord):
        product["version"] = record.package_version
    told = {
        "version": OCSF_VERSION,
        "product": product,
        "profiles": ["host", "security_control"],
        "log_name": "ngsd-guard audit",
        "log_version": str(record.schema_version),
        "uid": record.hash,
        "sequence": record.sequence,
        "correlation_uid": record.trace_id,
        "original_time": record.time_utc,
        "logged_time": _milliseconds(record),
    }
    return {name: value for name, value in told.items() if value is not None}


def _of_verdict(record: VerdictRecord) -> dict[str, Any]:
    was_judged = record.evaluation == "evaluated"
    severity, outcome = _OF_ACTION.get(record.action, (_LOW, _DETECTED))
    types = [category.name for category in record.categories if category.flagged]
    title = f"{record.action} at {record.stage}" if was_judged else f"not judged at {record.stage}"
    return {
        **_activity(_CREATE, severity),
        **(outcome if record.enforced else _DETECTED),
        "message": title,
        "is_alert": record.enforced,
        "duration": round(record.latency_s * 1000),
        "status_detail": record.evaluation,
        "policy": {
            "name": "ngsd-guard policy",
            "version": record.policy_version,
            "uid": record.policy_digest,
            "is_applied": record.enforced,
        },
        "finding_info": _info(record.event_id, title, types or [record.stage], record),
        "resources": [_resource(record)],
    }


def _of_request(record: RequestRecord) -> dict[str, Any]:
    if record.finish_reason == "blocked":
        severity, outcome, title = _HIGH, _BLOCKED, "answer blocked"
    elif record.override_indices:
        severity, outcome, title = _MEDIUM, _CORRECTED, "answer steered by the gate"
    else:
        severity, outcome, title = _LOW, _DETECTED, "gate fired and changed no token"
    return {
        **_activity(_CREATE, severity),
        **outcome,
        "message": title,
        "is_alert": True,
        "count": max(1, len(record.spike_indices)),
        "status_detail": record.status,
        "finding_info": _info(record.event_id, title, ["decoding"], record),
        "resources": [_resource(record)],
    }


def _of_override(record: OverrideRecord) -> dict[str, Any]:
    title = f"reviewer decided to {record.decision}"
    allowed = record.decision == "allow"
    status = {"status_id": 3, "status": "Suppressed"} if allowed else {
        "status_id": 4, "status": "Resolved"
    }  # fmt: skip
    return {
        **_activity(_UPDATE, _INFORMATIONAL),
        **(_ALLOWED if allowed else _BLOCKED),
        **status,
        "message": title,
        "is_alert": False,
        "status_detail": record.reason_code or record.decision,
        "finding_info": _info(record.event_id, title, ["override"], record),
    }


def _of_gap(record: GapRecord) -> dict[str, Any]:
    title = f"audit log has a gap: {record.reason}"
    severity = _LOW if record.reason == "torn_tail" else _HIGH
    uid = record.hash or f"{record.chain_id}/{record.sequence}"
    return {
        **_activity(_CREATE, severity),
        **_DETECTED,
        "message": title,
        "is_alert": severity is _HIGH,
        "status_detail": record.reason,
        "finding_info": _info(uid, title, ["audit log gap"], record),
    }


def _activity(activity: tuple[int, str], severity: tuple[int, str]) -> dict[str, Any]:
    number, name = activity
    return {
        "activity_id": number,
        "activity_name": name,
        "type_uid": _CLASS * 100 + number,
        "type_name": f"Detection Finding: {name}",
        "severity_id": severity[0],
        "severity": severity[1],
        "status_id": 1,
        "status": "New",
    }


def _info(uid: str, title: str, types: list[str], record: AnyRecord) -> dict[str, Any]:
    changed = "modified_time" if isinstance(record, OverrideRecord) else "created_time"
    return {
        "uid": uid,
        "title": title,
        "types": types,
        changed: _milliseconds(record),
        "analytic": {"type_id": 4, "type": "Learning (ML/DL)", "name": "ngsd-guard"},
    }


def _resource(record: RequestRecord | VerdictRecord) -> dict[str, Any]:
    resource = {"type": "language model", "name": record.base, "role_id": 3, "role": "Affected"}
    if record.base_digest is not None:
        resource["uid"] = record.base_digest
    return resource


def _milliseconds(record: AnyRecord) -> int:
    return 0 if record.time_utc is None else unix_ns(record.time_utc) // 10**6
