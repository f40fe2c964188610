"""Spans and metrics, collected in memory."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics

from ngsd_guard import AuditLog, ConfigurationError, Guard, MissingDependencyError
from ngsd_guard.audit import OpenTelemetryObserver, read_lines
from ngsd_guard.audit.read.exports._attributes import GEN_AI
from ngsd_guard.testing import scripted_engine

CANARY = "Kanarienvogel"
MESSAGES = [{"role": "user", "content": CANARY}]


class Telemetry:
    """A log whose spans and metrics stay in memory."""

    def __init__(self, path: Path) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.meters = MeterProvider([self.reader], shutdown_on_exit=False)
        observer = OpenTelemetryObserver(self.tracers, self.meters)
        self.log = AuditLog(path, fsync="never", trace_rate=1.0, observers=[observer])
        self.engine = scripted_engine(audit=self.log)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """Return the attributes and data of a metric."""
        data = self.reader.get_metrics_data()
        return [
            (dict(point.attributes or {}), point)
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]


@pytest.fixture
def telemetry(tmp_path: Path) -> Telemetry:
    return Telemetry(tmp_path / "audit.jsonl")


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_request_is_one_span_from_its_beginning_to_its_end(telemetry: Telemetry) -> None:
    answer = telemetry.engine.generate(MESSAGES, temperature=0.5, top_p=0.9, seed=3)
    (span,) = telemetry.spans
    assert span.name == "chat scripted-base"
    assert span.start_time is not None
    assert span.end_time is not None
    assert (span.end_time - span.start_time) / 1e9 == pytest.approx(answer.timing.total_s)
    found = attributes(span)
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "ngsd-guard",
        "gen_ai.request.model": "scripted-base",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.request.seed": 3,
        "gen_ai.response.id": answer.id,
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": answer.usage.input_tokens,
        "gen_ai.usage.output_tokens": answer.usage.output_tokens,
        "ngsd.reflection.risk": answer.risk,
        "ngsd.peak_potential": answer.peak_potential,
        "ngsd.evaluation": "evaluated",
    }
    assert {name: found[name] for name in expected} == expected


def test_span_leads_to_its_record(telemetry: Telemetry) -> None:
    telemetry.engine.generate(MESSAGES)
    record = next(r for r in read_lines(telemetry.log.path) if r["kind"] == "request")
    found = attributes(telemetry.spans[0])
    assert (found["ngsd.hash"], found["ngsd.sequence"]) == (record["hash"], record["sequence"])


def test_span_is_inside_the_current_one(telemetry: Telemetry) -> None:
    with telemetry.tracers.get_tracer("app").start_as_current_span("handle") as outer:
        telemetry.engine.generate(MESSAGES)
    span = telemetry.spans[0]
    assert span.parent is not None
    assert span.parent.span_id == outer.get_span_context().span_id


def test_failed_request_is_an_error(telemetry: Telemetry) -> None:
    with pytest.raises(ConfigurationError):
        telemetry.engine.generate(MESSAGES, top_p=2.0)
    (span,) = telemetry.spans
    assert not span.status.is_ok
    assert attributes(span)["error.type"] == "ConfigurationError"
    ((counted, point),) = telemetry.points("ngsd.requests")
    assert (counted["ngsd.status"], point.value) == ("failed", 1)
    assert telemetry.points("gen_ai.client.operation.duration") == []


def test_verdict_is_a_span(telemetry: Telemetry) -> None:
    verdict = Guard(telemetry.engine).check(CANARY, stage="input")
    (span,) = telemetry.spans
    assert span.name == "guard input"
    assert span.start_time is not None
    assert span.end_time is not None
    assert (span.end_time - span.start_time) / 1e9 == pytest.approx(verdict.latency_s)
    found = attributes(span)
    assert (found["ngsd.action"], found["ngsd.event_id"]) == ("block", verdict.record_id)
    ((judged, point),) = telemetry.points("ngsd.verdicts")
    assert judged == {
        "ngsd.stage": "input", "ngsd.action": "block", "ngsd.evaluation": "evaluated",
        "ngsd.enforced": True,
    }  # fmt: skip
    assert point.value == 1


def test_metrics_count_what_the_gate_did(telemetry: Telemetry) -> None:
    first = telemetry.engine.generate(MESSAGES)
    second = telemetry.engine.generate(MESSAGES, guarded=False)
    by_evaluation = {
        counted["ngsd.evaluation"]: point.value
        for counted, point in telemetry.points("ngsd.requests")
    }
    assert by_evaluation == {"evaluated": 1, "skipped": 1}
    for name, number in (
        ("ngsd.interventions", first.num_spikes),
        ("ngsd.overrides", first.num_overrides),
    ):
        assert sum(point.value for _, point in telemetry.points(name)) == number > 0
    ((_, risk),) = telemetry.points("ngsd.risk")
    assert (risk.count, risk.sum) == (1, 9.0)
    assert risk.explicit_bounds == tuple(range(11))
    ((_, added),) = telemetry.points("ngsd.added_latency")
    assert added.sum == pytest.approx(first.timing.reflection_s + second.timing.reflection_s)
    ((_, duration),) = telemetry.points("gen_ai.client.operation.duration")
    assert duration.sum == pytest.approx(first.timing.total_s + second.timing.total_s)
    tokens = {
        used["gen_ai.token.type"]: point.sum
        for used, point in telemetry.points("gen_ai.client.token.usage")
    }
    assert tokens == {
        "input": first.usage.input_tokens + second.usage.input_tokens,
        "output": first.usage.output_tokens + second.usage.output_tokens,
    }


def test_human_overrides_are_counted(telemetry: Telemetry) -> None:
    telemetry.log.override("e1", "allow", reviewer="r7")
    ((counted, point),) = telemetry.points("ngsd.human_overrides")
    assert (counted, point.value) == ({"ngsd.decision": "allow"}, 1)


def test_names_are_those_of_the_conventions() -> None:
    known = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI_")}
    assert {name for name in GEN_AI.values() if name.startswith("gen_ai.")} <= known
    assert gen_ai_metrics.GEN_AI_CLIENT_OPERATION_DURATION == "gen_ai.client.operation.duration"
    assert gen_ai_metrics.GEN_AI_CLIENT_TOKEN_USAGE == "gen_ai.client.token.usage"


def test_telemetry_holds_no_text_and_the_log_no_observers_error(telemetry: Telemetry) -> None:
    telemetry.engine.generate(MESSAGES)
    Guard(telemetry.engine).check(CANARY)
    told = "".join(span.to_json() for span in telemetry.spans)
    told += str(telemetry.reader.get_metrics_data())
    for canary in (CANARY, "Sure, here", "sorry"):
        assert canary not in told
    assert "error" not in {record["kind"] for record in read_lines(telemetry.log.path)}


def test_without_opentelemetry_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(MissingDependencyError, match=r"ngsd-guard\[otel\]"):
        OpenTelemetryObserver()


def test_the_package_loads_no_extra_of_the_log() -> None:
    heavy = "{'opentelemetry', 'pyarrow', 'cryptography'}"
    program = f"import sys, ngsd_guard.audit; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
