"""Counters for Prometheus, in the registry that vLLM shows at `/metrics`."""

import contextlib
import importlib
from typing import Any

from ngsd_guard.hosting import RowReport

prometheus_client: Any = None
with contextlib.suppress(ImportError):  # vLLM brings it; where it is missing, nothing is counted
    prometheus_client = importlib.import_module("prometheus_client")

_NAMES = {
    "requests": "Requests that have ended, by how.",
    "tokens": "Tokens that were gated and released.",
    "spikes": "Tokens where the gate fired.",
    "overrides": "Spikes whose token is not the base's most likely one.",
}


class Counters:
    """Counts what the guard did in this process."""

    def __init__(self) -> None:
        self._counters = {name: _counter(name, text) for name, text in _NAMES.items()}

    def count(self, report: RowReport) -> None:
        """Count an answer that has ended."""
        status = "failed" if report.error is not None else report.finish_reason or "completed"
        if self._counters["requests"] is not None:
            self._counters["requests"].labels(status).inc()
            self._counters["tokens"].inc(report.num_tokens)
            self._counters["spikes"].inc(report.num_spikes)
            self._counters["overrides"].inc(report.num_overrides)


_made: dict[str, Any] = {}


def _counter(name: str, text: str) -> Any:
    """Return the process's counter; a registry takes each name once."""
    if prometheus_client is not None and name not in _made:
        labels = ["status"] if name == "requests" else []
        _made[name] = prometheus_client.Counter(f"ngsd_{name}", text, labels)
    return _made.get(name)
