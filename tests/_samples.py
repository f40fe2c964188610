"""Records to put into logs that are counted, told and drawn."""

from pathlib import Path
from typing import Any

from ngsd_guard import AuditLog
from ngsd_guard.audit import CategoryRecord, RequestRecord, TraceRecord, VerdictRecord
from ngsd_guard.types import RiskScores, Timing

PAIR: dict[str, Any] = {
    "package_version": "0.1.0", "base": "a-base", "expert": "an-expert", "preset": "default",
    "base_digest": "b" * 64, "config_digest": "c" * 64,
}  # fmt: skip


def request(event_id: str = "request-1", **members: Any) -> RequestRecord:
    return RequestRecord(
        **{
            **PAIR, "event_id": event_id, "num_messages": 1, "status": "completed",
            "evaluation": "evaluated", "finish_reason": "stop", "v_threshold": 2.0,
            "initial_potential": 0.5, "peak_potential": 1.0, "num_tokens_released": 10,
            "reflection": RiskScores(1, 1, 1, 1, 1.2, 0.1, 0.9),
            "timing": Timing(0.01, 0.02, 0.03, 0.1),
        }
        | members
    )  # fmt: skip


def verdict(event_id: str = "verdict-1", **members: Any) -> VerdictRecord:
    return VerdictRecord(
        **{
            **PAIR, "event_id": event_id, "policy_version": "1", "policy_digest": "d" * 64,
            "stage": "input", "evaluation": "evaluated", "flagged": False, "action": "allow",
            "enforced": True, "shadow": False, "risk": 0.4, "peak_potential": 0.3,
            "potential_threshold": 1.5, "latency_s": 0.05,
        }
        | members
    )  # fmt: skip


def trace(
    event_id: str = "request-1", potentials: tuple[float, ...] = (0.5, 2.2, 0.1)
) -> TraceRecord:
    return TraceRecord(
        event_id=event_id, v_threshold=2.0, currents=tuple(0.3 for _ in potentials),
        potentials=potentials,
        spike_indices=tuple(i for i, value in enumerate(potentials) if value >= 2.0),
        override_indices=tuple(i for i, value in enumerate(potentials) if value >= 2.0),
    )  # fmt: skip


def category(name: str, score: float = 7.0, *, shadow: bool = False) -> CategoryRecord:
    return CategoryRecord(
        name=name, score=score, threshold=5.0, flagged=score >= 5.0, shadow=shadow
    )


def write_log(path: Path, *records: Any, **options: Any) -> Path:
    with AuditLog(path, **options) as log:
        for record in records:
            log.write(record)
    return path


OLD_LINE = (
    '{"schema_version": 1, "kind": "request", "sequence": 0, "event_id": "old-request", '
    '"time_utc": "2026-01-02T03:04:05+00:00", "process_id": 7, "package_version": "0.0.1", '
    '"base": "a-base", "expert": "an-expert", "preset": "default", "config_digest": "e", '
    '"num_messages": 1, "status": "completed", "evaluation": "evaluated", "v_threshold": 1.0, '
    '"spike_indices": [3], "override_indices": [3], "num_tokens_released": 9, '
    '"peak_potential": 1.5, "initial_potential": 0.1}\n'
)
"""A request as version 1 wrote it: without a chain."""
