import json
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from _samples import OLD_LINE, category, request, trace, verdict, write_log
from ngsd_guard import AuditError
from ngsd_guard.audit import ErrorRecord, GapRecord, OverrideRecord, load_record, read_stats
from ngsd_guard.audit.read.views._histogram import Bins, LatencyBins, Timeline
from ngsd_guard.audit.read.views._stats import OTHERS, StatsCollector, Tally
from ngsd_guard.cli import app


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write_log(
        tmp_path / "audit.jsonl",
        request(),
        request("2", spike_indices=(1, 4), override_indices=(4,), peak_potential=2.5),
        request("3", status="failed", evaluation="error", finish_reason=None, timing=None,
                initial_potential=None, reflection=None, error_type="OutOfMemoryError"),
        trace("2"),
        verdict(),
        verdict("5", flagged=True, action="block", categories=(category("weapons"),)),
        verdict("6", flagged=True, action="flag", enforced=False, shadow=True, stage="retrieval",
                categories=(category("weapons"), category("new", shadow=True))),
        verdict("7", flagged=True, evaluation="timeout", action="block", risk=None),
        ErrorRecord(source="observer", error_type="OSError"),
        GapRecord(reason="records_lost", num_records=3),
        OverrideRecord(event_id="5", decision="allow", reviewer="r1"),
    )  # fmt: skip


def test_requests_are_counted(log: Path) -> None:
    requests = read_stats(log).requests
    assert requests.num_requests == 3
    assert requests.by_status == {"completed": 2, "failed": 1}
    assert requests.by_evaluation == {"evaluated": 2, "error": 1}
    assert requests.by_finish_reason == {"stop": 2}
    assert requests.by_error_type == {"OutOfMemoryError": 1}
    assert (requests.num_intervened, requests.num_spikes) == (1, 2)
    assert (requests.num_tokens_overridden, requests.num_tokens_released) == (1, 30)


def test_verdicts_are_counted_by_stage_action_and_category(log: Path) -> None:
    verdicts = read_stats(log).verdicts
    assert (verdicts.num_verdicts, verdicts.num_flagged) == (4, 3)
    assert (verdicts.num_shadow, verdicts.num_not_enforced) == (1, 1)
    assert verdicts.by_evaluation == {"evaluated": 3, "timeout": 1}
    assert verdicts.by_action == {"block": 2, "allow": 1, "flag": 1}
    stages = {stage.stage: stage for stage in verdicts.stages}
    assert stages["input"].by_action == {"block": 2, "allow": 1}
    assert (stages["retrieval"].num_verdicts, stages["retrieval"].num_flagged) == (1, 1)
    weapons, new = verdicts.categories
    assert (weapons.name, weapons.num_flagged, weapons.num_shadow) == ("weapons", 2, 0)
    assert (new.name, new.num_flagged, new.num_shadow) == ("new", 0, 1)


def test_what_happened_beside_them_is_counted(log: Path) -> None:
    stats = read_stats(log)
    assert stats.by_error == {"observer: OSError": 1}
    assert (stats.by_gap, stats.num_records_lost) == ({"records_lost": 1}, 3)
    assert stats.by_override == {"allow": 1}
    assert stats.by_kind["request"] == 3
    assert (stats.num_chains, stats.num_unreadable) == (1, 0)
    assert {(i.subject, i.name, i.num_records) for i in stats.identities} == {
        ("base", "a-base", 7), ("expert", "an-expert", 7), ("config", "default", 7),
        ("policy", "1", 4), ("package", "ngsd-guard 0.1.0", 7),
    }  # fmt: skip


def test_timeline_adds_up(log: Path) -> None:
    timeline = read_stats(log).timeline
    assert sum(bucket.num_requests for bucket in timeline) == 3
    assert sum(bucket.num_intervened for bucket in timeline) == 1
    assert sum(bucket.num_flagged for bucket in timeline) == 3
    assert sum(bucket.num_faults for bucket in timeline) == 4  # failed, timeout, error, gap


def test_potential_is_counted_as_a_share_of_its_own_threshold(log: Path) -> None:
    spread = read_stats(log).request_potential
    assert spread.num_values == 2  # the gate of the failed request never started
    assert spread.counts[5] == 1  # 1.0 of 2.0
    assert (spread.counts[12], spread.num_marked[12]) == (1, 1)  # 2.5 of 2.0


def test_timeline_widens_from_seconds_to_weeks_and_loses_nothing() -> None:
    timeline = Timeline()
    widths = []
    for day in range(400):
        timeline.add(1_800_000_000 + 86_400 * day, [1, 0, 0, 0, 0])
        widths.append(timeline.width_s)
    assert widths[0] == 1
    assert widths[90] == 86_400
    assert widths[-1] == 604_800
    assert len(timeline.buckets) <= 100
    assert sum(bucket.num_requests for bucket in timeline.buckets) == 400


def test_timeline_depends_on_no_order() -> None:
    times = [1_800_000_000 + 977 * index % 50_000 for index in range(300)]
    forward, backward = Timeline(), Timeline()
    for time in times:
        forward.add(time, [1, 0, 1, 0, 0])
    for time in reversed(times):
        backward.add(time, [1, 0, 1, 0, 0])
    assert forward.buckets == backward.buckets


def test_percentiles_are_right_to_three_percent() -> None:
    bins = LatencyBins()
    for index in range(1, 10_001):
        bins.add(index / 1_000)
    latency = bins.latency
    assert latency.p50_s == pytest.approx(5.0, rel=0.03)
    assert latency.p95_s == pytest.approx(9.5, rel=0.03)
    assert latency.max_s == 10.0
    assert latency.histogram.num_values == latency.num_values == 10_000


@pytest.mark.parametrize("duration_s", [0.0, -1.0, 1e-9, 1e9])
def test_durations_out_of_range_are_in_the_outermost_bin(duration_s: float) -> None:
    bins = LatencyBins()
    bins.add(duration_s)
    bins.add(float("inf"))
    assert bins.latency.num_values == 1


def test_values_out_of_range_are_in_the_outermost_bin() -> None:
    bins = Bins([0.0, 1.0, 2.0])
    for value in (-5.0, 0.0, 1.0, 2.0, float("inf"), float("nan")):
        bins.add(value, is_marked=value > 1)
    assert bins.histogram.counts == (2, 3)
    assert bins.histogram.num_marked == (0, 2)


def test_names_without_end_are_counted_together() -> None:
    tally = Tally()
    for index in range(2_000):
        tally.count(f"name {index}")
    assert len(tally) == 501
    assert tally[OTHERS] == 1_500


def test_order_of_records_changes_nothing(log: Path) -> None:
    lines = log.read_bytes().splitlines()
    collector = StatsCollector()
    for line in reversed(lines):
        collector.add(load_record(line))
    assert collector.stats == read_stats(log)


def test_old_and_broken_lines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text(OLD_LINE + "no record\n{}\n[1]\n" + OLD_LINE[: len(OLD_LINE) // 2])
    stats = read_stats(path)
    assert (stats.requests.num_requests, stats.requests.num_intervened) == (1, 1)
    assert stats.num_unreadable == 3
    assert stats.first_time_utc == stats.last_time_utc == "2026-01-02T03:04:05+00:00"


def test_empty_log_has_zeros(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").touch()
    stats = read_stats(tmp_path)
    assert (stats.requests.num_requests, stats.timeline, stats.first_time_utc) == (0, (), None)
    assert stats.latency["total_s"].p50_s is None


def test_no_log_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="there is no audit log"):
        read_stats(tmp_path)


def test_command_prints_counts(log: Path) -> None:
    result = CliRunner().invoke(app, ["audit", "stats", str(log)])
    assert result.exit_code == 0
    assert "1 of 3 requests (33.33%)" in result.stdout
    assert "weapons" in result.stdout


def test_command_prints_json(log: Path) -> None:
    result = CliRunner().invoke(app, ["audit", "stats", str(log), "--json"])
    assert json.loads(result.stdout) == json.loads(json.dumps(asdict(read_stats(log))))
