"""What a log says as a whole, counted in one pass over it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ngsd_guard.audit._records import (
    AnyRecord,
    ErrorRecord,
    GapRecord,
    OverrideRecord,
    PairRecord,
    RequestRecord,
    VerdictRecord,
    load_record,
)
from ngsd_guard.audit.read._reading import raw_lines
from ngsd_guard.audit.read.views._histogram import (
    Bins,
    Histogram,
    Latency,
    LatencyBins,
    TimeBucket,
    Timeline,
)
from ngsd_guard.errors import AuditError

OTHERS: Final = "(others)"
"""What is counted together once there are too many names."""
_MAX_NAMES: Final = 500
_RISK_EDGES: Final = tuple(index / 2 for index in range(21))
_POTENTIAL_EDGES: Final = tuple(index / 10 for index in range(21))


@dataclass(frozen=True, slots=True)
class RequestStats:
    """Counts over the records of requests."""

    num_requests: int
    by_status: Mapping[str, int]
    by_evaluation: Mapping[str, int]
    by_finish_reason: Mapping[str, int]
    """Of the requests that have one."""
    by_error_type: Mapping[str, int]
    num_intervened: int
    """Requests with at least one spike."""
    num_spikes: int
    num_tokens_released: int
    num_tokens_overridden: int


@dataclass(frozen=True, slots=True)
class StageStats:
    """Counts over the verdicts of one stage."""

    stage: str
    num_verdicts: int
    num_flagged: int
    by_action: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CategoryStats:
    """Counts over the scores of one category."""

    name: str
    num_scored: int
    num_flagged: int
    """Scores at or above the threshold, of a category that counts."""
    num_shadow: int
    """Scores at or above the threshold while the category counted for nothing."""


@dataclass(frozen=True, slots=True)
class VerdictStats:
    """Counts over the records of verdicts."""

    num_verdicts: int
    num_flagged: int
    num_shadow: int
    """Verdicts of a policy in shadow mode."""
    num_not_enforced: int
    """Of these, verdicts that would have done something else than allow."""
    by_evaluation: Mapping[str, int]
    by_action: Mapping[str, int]
    by_error_type: Mapping[str, int]
    stages: tuple[StageStats, ...]
    categories: tuple[CategoryStats, ...]
    """Those flagged most often first."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Something that requests or verdicts were judged by."""

    subject: str
    name: str
    digest: str | None
    """SHA-256, hexadecimal."""
    num_records: int
    """Requests and verdicts that name it."""


@dataclass(frozen=True, slots=True)
class LogStats:
    """What a log says as a whole."""

    by_kind: Mapping[str, int]
    """Records of each kind."""
    num_chains: int
    num_unreadable: int
    """Lines that are no record."""
    first_time_utc: str | None
    last_time_utc: str | None
    bucket_s: int
    """Length of a stretch of the timeline, in seconds."""
    timeline: tuple[TimeBucket, ...]
    requests: RequestStats
    verdicts: VerdictStats
    by_error: Mapping[str, int]
    """Errors beside requests and verdicts, by `source: type`."""
    by_gap: Mapping[str, int]
    """Gaps, by reason."""
    num_records_lost: int
    """Records that the gaps tell of."""
    by_override: Mapping[str, int]
    """Human overrides, by decision."""
    request_risk: Histogram
    """The base's own rating, 0 to 10; marked are requests with an intervention."""
    verdict_risk: Histogram
    """Likewise; marked are verdicts that found something."""
    request_potential: Histogram
    """Peak potential as a share of the threshold."""
    verdict_potential: Histogram
    latency: Mapping[str, Latency]
    """`total_s`, `time_to_first_token_s` and `reflection_s` of requests, `guard_latency_s` of
    verdicts."""
    identities: tuple[Identity, ...]


def read_stats(path: str | Path) -> LogStats:
    """Count what a log says, in one pass and bounded memory; nothing is verified.

    Args:
        path: the log's file, or the folder of its `audit.jsonl`.

    Raises:
        AuditError: there is no log.
    """
    collector = StatsCollector()
    for _, record in known_records(path):
        collector.add(record)
    return collector.stats


def known_records(path: str | Path) -> Iterator[tuple[Path, AnyRecord | None]]:
    """Yield the records of a log with the file of each; None for a line that is no record."""
    for file, line in raw_lines(path):
        try:
            yield file, load_record(line)
        except AuditError:
            yield file, None


def seconds_of(time_utc: str | None) -> float | None:
    """Return a record's time in seconds since 1970; None if it has none that can be read."""
    try:
        moment = datetime.fromisoformat(time_utc or "")
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp())


class Tally(dict[str, int]):
    """Counts by name, of a bounded number of names."""

    def count(self, name: str | None, number: int = 1) -> None:
        """Add to a name's count; nothing for None."""
        if name is None:
            return
        if name not in self and len(self) >= _MAX_NAMES:
            name = OTHERS
        self[name] = self.get(name, 0) + number

    @property
    def sorted(self) -> dict[str, int]:
        """The counts, largest first."""
        return dict(sorted(self.items(), key=lambda item: (-item[1], item[0])))


class StatsCollector:
    """Counts the records it is given."""

    def __init__(self) -> None:
        self._kinds, self._errors, self._gaps, self._overrides = (Tally() for _ in range(4))
        self._chains: set[str | None] = set()
        self._num_unreadable = self._num_lost = 0
        self._first: tuple[float, str] | None = None
        self._last: tuple[float, str] | None = None
        self._timeline = Timeline()
        self._requests, self._verdicts = _Requests(), _Verdicts()
        self._identities: dict[tuple[str, str, str | None], int] = {}

    def add(self, record: AnyRecord | None) -> None:
        """Count a record; None for a line that is none."""
        if record is None:
            self._num_unreadable += 1
            return
        self._kinds.count(record.kind)
        if len(self._chains) < _MAX_NAMES:
            self._chains.add(record.chain_id)
        amounts = [0, 0, 0, 0, 0]
        match record:
            case RequestRecord():
                self._requests.add(record)
                amounts = [1, bool(record.spike_indices), 0, 0, record.status == "failed"]
            case VerdictRecord():
                self._verdicts.add(record)
                amounts = [0, 0, 1, record.flagged, record.evaluation in ("error", "timeout")]
            case ErrorRecord():
                self._errors.count(f"{record.source}: {record.error_type}")
                amounts[4] = 1
            case GapRecord():
                self._gaps.count(record.reason)
                self._num_lost += record.num_records or 0
                amounts[4] = 1
            case OverrideRecord():
                self._overrides.count(record.decision)
        if isinstance(record, PairRecord):
            self._identify(record)
        self._place(record.time_utc, amounts)

    @property
    def stats(self) -> LogStats:
        """What was counted."""
        requests, verdicts = self._requests, self._verdicts
        latencies = {**requests.latency, "guard_latency_s": verdicts.latency}
        return LogStats(
            by_kind=self._kinds.sorted,
            num_chains=len(self._chains),
            num_unreadable=self._num_unreadable,
            first_time_utc=self._first[1] if self._first else None,
            last_time_utc=self._last[1] if self._last else None,
            bucket_s=self._timeline.width_s,
            timeline=self._timeline.buckets,
            requests=requests.stats,
            verdicts=verdicts.stats,
            by_error=self._errors.sorted,
            by_gap=self._gaps.sorted,
            num_records_lost=self._num_lost,
            by_override=self._overrides.sorted,
            request_risk=requests.risk.histogram,
            verdict_risk=verdicts.risk.histogram,
            request_potential=requests.potential.histogram,
            verdict_potential=verdicts.potential.histogram,
            latency={name: bins.latency for name, bins in latencies.items()},
            identities=tuple(
                Identity(*key, number) for key, number in sorted(
                    self._identities.items(), key=lambda item: (item[0][0], -item[1])
                )
            ),
        )  # fmt: skip

    def _identify(self, record: RequestRecord | VerdictRecord) -> None:
        for key in _identities(record):
            if key in self._identities or len(self._identities) < _MAX_NAMES:
                self._identities[key] = self._identities.get(key, 0) + 1

    def _place(self, time_utc: str | None, amounts: list[int]) -> None:
        seconds = seconds_of(time_utc)
        if seconds is None or time_utc is None:
            return
        moment = (seconds, time_utc)
        self._first = min(self._first or moment, moment)
        self._last = max(self._last or moment, moment)
        if any(amounts):
            self._timeline.add(seconds, amounts)


def _identities(
    record: RequestRecord | VerdictRecord,
) -> Iterable[tuple[str, str, str | None]]:
    yield "base", record.base, record.base_digest
    yield "expert", record.expert, record.expert_digest
    yield "config", record.preset, record.config_digest
    if record.calibration is not None:
        yield "calibration", record.calibration, record.calibration_digest
    if isinstance(record, VerdictRecord):
        yield "policy", record.policy_version, record.policy_digest
    yield "package", "ngsd-guard " + record.package_version, None


class _Requests:
    def __init__(self) -> None:
        self._status, self._evaluation, self._finish, self._errors = (Tally() for _ in range(4))
        self._intervened = self._spikes = self._released = self._overridden = 0
        self.risk, self.potential = Bins(_RISK_EDGES), Bins(_POTENTIAL_EDGES)
        names = ("total_s", "time_to_first_token_s", "reflection_s")
        self.latency = {name: LatencyBins() for name in names}

    def add(self, record: RequestRecord) -> None:
        self._status.count(record.status)
        self._evaluation.count(record.evaluation)
        self._finish.count(record.finish_reason)
        self._errors.count(record.error_type)
        intervened = bool(record.spike_indices)
        self._intervened += intervened
        self._spikes += len(record.spike_indices)
        self._released += record.num_tokens_released
        self._overridden += len(record.override_indices)
        if record.reflection is not None:
            self.risk.add(record.reflection.risk, intervened)
        if record.initial_potential is not None and record.v_threshold > 0:
            self.potential.add(record.peak_potential / record.v_threshold, intervened)
        if record.timing is not None:
            for name, bins in self.latency.items():
                bins.add(getattr(record.timing, name))

    @property
    def stats(self) -> RequestStats:
        return RequestStats(
            num_requests=sum(self._status.values()),
            by_status=self._status.sorted,
            by_evaluation=self._evaluation.sorted,
            by_finish_reason=self._finish.sorted,
            by_error_type=self._errors.sorted,
            num_intervened=self._intervened,
            num_spikes=self._spikes,
            num_tokens_released=self._released,
            num_tokens_overridden=self._overridden,
        )


class _Verdicts:
    def __init__(self) -> None:
        self._evaluation, self._action, self._errors = (Tally() for _ in range(3))
        self._flagged = self._shadow = self._not_enforced = 0
        self._stages: dict[str, Tally] = {}
        self._stage_flagged = Tally()
        self._scored, self._category_flagged, self._category_shadow = (Tally() for _ in range(3))
        self.risk, self.potential = Bins(_RISK_EDGES), Bins(_POTENTIAL_EDGES)
        self.latency = LatencyBins()

    def add(self, record: VerdictRecord) -> None:
        self._evaluation.count(record.evaluation)
        self._action.count(record.action)
        self._errors.count(record.error_type)
        self._flagged += record.flagged
        self._shadow += record.shadow
        self._not_enforced += not record.enforced and record.action != "allow"
        self._stages.setdefault(record.stage, Tally()).count(record.action)
        self._stage_flagged.count(record.stage, int(record.flagged))
        for category in record.categories:
            self._scored.count(category.name)
            if category.flagged:
                tally = self._category_shadow if category.shadow else self._category_flagged
                tally.count(category.name)
        if record.risk is not None:
            self.risk.add(record.risk, record.flagged)
        if record.peak_potential is not None and record.potential_threshold:
            self.potential.add(record.peak_potential / record.potential_threshold, record.flagged)
        self.latency.add(record.latency_s)

    @property
    def stats(self) -> VerdictStats:
        categories = [
            CategoryStats(
                name, scored, self._category_flagged.get(name, 0),
                self._category_shadow.get(name, 0),
            )
            for name, scored in self._scored.items()
        ]  # fmt: skip
        return VerdictStats(
            num_verdicts=sum(self._action.values()),
            num_flagged=self._flagged,
            num_shadow=self._shadow,
            num_not_enforced=self._not_enforced,
            by_evaluation=self._evaluation.sorted,
            by_action=self._action.sorted,
            by_error_type=self._errors.sorted,
            stages=tuple(
                StageStats(stage, sum(tally.values()), self._stage_flagged[stage], tally.sorted)
                for stage, tally in sorted(self._stages.items())
            ),
            categories=tuple(
                sorted(categories, key=lambda c: (-c.num_flagged, -c.num_shadow, c.name))
            ),
        )
