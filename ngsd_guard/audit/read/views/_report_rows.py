"""The records that a report shows one by one, and how the page gets them."""

import heapq
from collections import deque
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Final

from ngsd_guard.audit._records import (
    AnyRecord,
    ChangeRecord,
    ErrorRecord,
    GapRecord,
    OverrideRecord,
    RequestRecord,
    StartRecord,
    TraceRecord,
    VerdictRecord,
)
from ngsd_guard.audit.read.views._stats import seconds_of

MAX_ROWS: Final = 2_000
_MAX_TRACE_POINTS: Final = 400
_MAX_POINTS: Final = 200_000
"""Of all traces."""
_MAX_EVENTS: Final = 100
"""Of each kind."""
_MAX_CATEGORIES: Final = 8
_MAX_INDICES: Final = 100


@dataclass(order=True, slots=True)
class _Row:
    """A request or verdict of the page; the smallest is the first to be left out."""

    rank: tuple[int, float, int]
    record: RequestRecord | VerdictRecord = field(compare=False)


class Rows:
    """The records that an auditor wants to see first, and their traces."""

    def __init__(self) -> None:
        self._heap: list[_Row] = []
        self._traces: dict[str, dict[str, Any] | None] = {}
        self._number = 0

    def add(self, record: RequestRecord | VerdictRecord) -> None:
        """Take in a record; the least interesting one leaves if there are too many."""
        self._number += 1
        rank = (_interest(record), seconds_of(record.time_utc) or 0.0, self._number)
        self._traces.setdefault(record.event_id)
        if len(self._heap) < MAX_ROWS:
            heapq.heappush(self._heap, _Row(rank, record))
        else:
            left = heapq.heappushpop(self._heap, _Row(rank, record))
            self._traces.pop(left.record.event_id, None)

    def add_trace(self, record: TraceRecord) -> None:
        """Take in a trace, which comes after its request."""
        if record.event_id in self._traces and record.potentials:
            self._traces[record.event_id] = _points(record)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The records, most interesting first; traces while there is room for them."""
        rows, room = [], _MAX_POINTS
        for row in sorted(self._heap, reverse=True):
            described = {"interest": row.rank[0], **_row(row.record)}
            trace = self._traces.get(row.record.event_id)
            if trace is not None:
                room -= len(trace["index"])
                described["trace"] = trace if room >= 0 else "left out"
            rows.append(described)
        return rows


class Events:
    """What happened beside requests and verdicts: the newest of each kind."""

    def __init__(self) -> None:
        self._by_kind: dict[str, deque[AnyRecord]] = {}

    def add(self, record: AnyRecord) -> None:
        """Take in a record, of any kind."""
        if isinstance(
            record, GapRecord | ErrorRecord | OverrideRecord | ChangeRecord | StartRecord
        ):
            self._by_kind.setdefault(record.kind, deque(maxlen=_MAX_EVENTS)).append(record)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The records, newest first."""
        records = [record for kept in self._by_kind.values() for record in kept]
        records.sort(key=lambda record: seconds_of(record.time_utc) or 0.0, reverse=True)
        return [{**_place(record), "kind": record.kind, **_own(record)} for record in records]


def _interest(record: RequestRecord | VerdictRecord) -> int:
    """Return 3 for what failed, 2 for an intervention or finding, 1 for an override, else 0."""
    if record.evaluation in ("error", "timeout"):
        return 3
    if isinstance(record, VerdictRecord):
        return 2 if record.flagged or record.action != "allow" else 0
    if record.status == "failed":
        return 3
    return 2 if record.spike_indices else 1 if record.override_indices else 0


def _row(record: RequestRecord | VerdictRecord) -> dict[str, Any]:
    row = {
        **_place(record),
        "id": record.event_id,
        "hash": record.hash,
        "session": record.session_id,
        "trace_id": record.trace_id,
        "actor": record.actor_hmac,
        "base": record.base,
        "expert": record.expert,
        "preset": record.preset,
        "config_digest": record.config_digest,
        "evaluation": record.evaluation,
        "error_type": record.error_type,
        "peak": record.peak_potential,
        "num_spikes": len(record.spike_indices),
        "spikes": record.spike_indices[:_MAX_INDICES],
    }
    own = _request_row(record) if isinstance(record, RequestRecord) else _verdict_row(record)
    return {name: value for name, value in (row | own).items() if value is not None}


def _request_row(record: RequestRecord) -> dict[str, Any]:
    scores, timing = record.reflection, record.timing
    return {
        "stage": "request",
        "status": record.status,
        "finish_reason": record.finish_reason,
        "error_message": record.error_message,
        "num_messages": record.num_messages,
        "risk": None if scores is None else scores.risk,
        "scores": None if scores is None else asdict(scores),
        "initial": record.initial_potential,
        "threshold": record.v_threshold,
        "num_tokens": record.num_tokens_released,
        "num_overridden": len(record.override_indices),
        "overridden": record.override_indices[:_MAX_INDICES],
        "latency_s": None if timing is None else timing.total_s,
        "timing": None if timing is None else asdict(timing),
        "decoding": {
            name: getattr(record, name)
            for name in ("max_new_tokens", "temperature", "top_k", "top_p", "seed")
            if getattr(record, name) is not None
        },
    }


def _verdict_row(record: VerdictRecord) -> dict[str, Any]:
    categories = sorted(record.categories, key=lambda c: (-c.flagged, -c.score))
    return {
        "stage": record.stage,
        "source": record.source_id,
        "flagged": record.flagged,
        "action": record.action,
        "enforced": record.enforced,
        "shadow": record.shadow,
        "risk": record.risk,
        "risk_threshold": record.risk_threshold,
        "injection": record.injection,
        "threshold": record.potential_threshold,
        "num_spans": record.num_spans,
        "num_exemptions": len(record.exemptions),
        "policy": record.policy_version,
        "policy_digest": record.policy_digest,
        "latency_s": record.latency_s,
        "categories": [category.model_dump() for category in categories[:_MAX_CATEGORIES]],
    }


def _place(record: AnyRecord) -> dict[str, Any]:
    return {
        "time": record.time_utc,
        "chain": record.chain_id,
        "sequence": record.sequence,
    }


def _own(record: AnyRecord) -> dict[str, Any]:
    match record:
        case GapRecord():
            names = ["reason", "num_records", "num_bytes"]
        case ErrorRecord():
            names = ["source", "error_type"]
        case OverrideRecord():
            names = ["event_id", "decision", "reviewer", "reason_code"]
        case ChangeRecord():
            names = ["subject", "name", "digest", "previous_digest"]
        case _:
            names = ["package_version", "python_version", "platform", "previous_end", "set_aside"]
    return {name: getattr(record, name) for name in names if getattr(record, name) is not None}


def _points(trace: TraceRecord) -> dict[str, Any]:
    """Return what is drawn of a trace: of a long one, the highest token of each stretch."""
    potentials = trace.potentials
    spikes = frozenset(trace.spike_indices)
    num_points = min(len(potentials), _MAX_TRACE_POINTS)
    edges = [index * len(potentials) // num_points for index in range(num_points + 1)]
    shown = [
        max(range(start, end), key=lambda index: (index in spikes, potentials[index]))
        for start, end in pairwise(edges)
    ]
    kept = frozenset(shown)
    return {
        "index": shown,
        "potential": [potentials[index] for index in shown],
        "current": [trace.currents[index] for index in shown if index < len(trace.currents)],
        "spikes": [index for index in trace.spike_indices if index in kept],
        "overridden": [index for index in trace.override_indices if index in kept],
        "num_tokens": len(potentials),
        "threshold": trace.v_threshold,
    }
