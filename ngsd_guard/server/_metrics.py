"""Prometheus metrics of one server, in a registry of its own."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ngsd_guard.guard import Verdict

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


class Metrics:
    """Counts and times; labels have few values and contain no text of a request."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "ngsd_http_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.first_byte_s = Histogram(
            "ngsd_http_first_byte_seconds",
            "Time from the request to the first byte of the answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.duration_s = Histogram(
            "ngsd_http_duration_seconds",
            "Time from the request to the end of the answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.active = Gauge(
            "ngsd_http_requests_active", "Requests at work.", registry=self.registry
        )
        self.waiting = Gauge(
            "ngsd_http_requests_waiting", "Requests that wait.", registry=self.registry
        )
        self.disconnects = Counter(
            "ngsd_http_disconnects",
            "Requests whose client left before the end.",
            registry=self.registry,
        )
        self.verdicts = Counter(
            "ngsd_verdicts",
            "Verdicts by stage, evaluation and action.",
            ("stage", "evaluation", "action"),
            registry=self.registry,
        )

    def count_verdict(self, verdict: Verdict) -> None:
        """Count a verdict."""
        self.verdicts.labels(verdict.stage, verdict.evaluation, verdict.action).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
