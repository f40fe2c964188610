"""Records as spans and metrics of OpenTelemetry, while they are written."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ngsd_guard._version import __version__
from ngsd_guard.audit.read.exports._attributes import PROVIDER, attributes
from ngsd_guard.audit.read.exports._otlp import unix_ns
from ngsd_guard.errors import MissingDependencyError

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

_SCOPE: Final = "ngsd_guard"
_SECONDS: Final = [0.01 * 2**power for power in range(14)]
_TOKENS: Final = [4**power for power in range(14)]
_RISKS: Final = list(range(11))
_SERIES: Final = frozenset({"categories", "exemptions"})
"""Members too long for a span; the record has them."""


class OpenTelemetryObserver:
    """Tells OpenTelemetry of every request, verdict and human override; never of their texts.

    For `AuditLog(observers=[OpenTelemetryObserver()])`. A request is a span named `chat BASE`, a
    verdict one named `guard STAGE`, both from their beginning to their end and inside the span
    that is current. Each has the record's `ngsd.hash`, which leads to it in the log.

    Args:
        tracer_provider: where spans go; None for the global one.
        meter_provider: where metrics go; None for the global one.

    Raises:
        MissingDependencyError: the extra `otel` is not installed.
    """

    def __init__(
        self,
        tracer_provider: "TracerProvider | None" = None,
        meter_provider: "MeterProvider | None" = None,
    ) -> None:
        try:
            from opentelemetry import metrics, trace
        except ImportError as error:
            raise MissingDependencyError(
                "spans and metrics need opentelemetry-api; "
                "install it with: pip install 'ngsd-guard[otel]'"
            ) from error
        self._trace = trace
        self._tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self._requests = meter.create_counter("ngsd.requests", "{request}", "Requests.")
        self._interventions = meter.create_counter(
            "ngsd.interventions", "{token}", "Tokens at which the gate fired."
        )
        self._overrides = meter.create_counter(
            "ngsd.overrides", "{token}", "Tokens that are not the base model's own."
        )
        self._verdicts = meter.create_counter("ngsd.verdicts", "{verdict}", "Texts judged.")
        self._reviews = meter.create_counter(
            "ngsd.human_overrides", "{decision}", "Decisions of reviewers."
        )
        self._risk = meter.create_histogram(
            "ngsd.risk", "1", "Risk of requests and judged texts, 0 to 10.",
            explicit_bucket_boundaries_advisory=_RISKS,
        )  # fmt: skip
        self._added_latency = meter.create_histogram(
            "ngsd.added_latency", "s", "Reflection before an answer; all of a verdict.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )  # fmt: skip
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration", "s", "Requests from beginning to end.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )  # fmt: skip
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage", "{token}", "Tokens read and written.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )  # fmt: skip

    def __call__(self, record: Mapping[str, Any]) -> None:
        """Take a record, as it was written."""
        if record["kind"] == "request":
            self._take_request(record)
        elif record["kind"] == "verdict":
            self._take_verdict(record)
        elif record["kind"] == "override":
            self._reviews.add(1, {"ngsd.decision": record["decision"]})

    def _take_request(self, record: Mapping[str, Any]) -> None:
        timing, usage = record.get("timing") or {}, record.get("usage") or {}
        model = {**PROVIDER, "gen_ai.request.model": record["base"]}
        if record.get("error_type") is not None:
            model["error.type"] = record["error_type"]
        counted = {
            "gen_ai.request.model": record["base"],
            "ngsd.status": record["status"],
            "ngsd.evaluation": record["evaluation"],
        }
        self._span(f"chat {record['base']}", record, timing.get("total_s", 0.0))
        self._requests.add(1, counted)
        self._interventions.add(len(record["spike_indices"]), counted)
        self._overrides.add(len(record["override_indices"]), counted)
        if record.get("reflection") is not None:
            self._risk.record(record["reflection"]["risk"], {"ngsd.kind": "request"})
        if timing:
            self._added_latency.record(timing["reflection_s"], {"ngsd.kind": "request"})
            self._duration.record(timing["total_s"], model)
        for direction in ("input", "output") if usage else ():
            self._tokens.record(
                usage[f"{direction}_tokens"], {**model, "gen_ai.token.type": direction}
            )

    def _take_verdict(self, record: Mapping[str, Any]) -> None:
        judged = {"ngsd.kind": "verdict", "ngsd.stage": record["stage"]}
        self._span(f"guard {record['stage']}", record, record["latency_s"])
        self._verdicts.add(
            1,
            {
                "ngsd.stage": record["stage"],
                "ngsd.action": record["action"],
                "ngsd.evaluation": record["evaluation"],
                "ngsd.enforced": record["enforced"],
            },
        )
        self._added_latency.record(record["latency_s"], judged)
        if record.get("risk") is not None:
            self._risk.record(record["risk"], judged)

    def _span(self, name: str, record: Mapping[str, Any], duration_s: float) -> None:
        end_ns = unix_ns(record["time_utc"])
        span = self._tracer.start_span(
            name,
            attributes=attributes(record, without=_SERIES),
            start_time=end_ns - round(duration_s * 1e9),
        )
        if record.get("error_type") is not None:
            span.set_status(self._trace.StatusCode.ERROR, record["error_type"])
        span.end(end_ns)
