"""What the guard of vLLM counts for Prometheus."""

import pytest

from _fakes import USER
from ngsd_guard.hosting import HostGate, HostRow
from ngsd_guard.testing import scripted_engine
from vllm_ngsd._metrics import Counters

prometheus_client = pytest.importorskip("prometheus_client")


def value(name: str, **labels: str) -> float:
    return prometheus_client.REGISTRY.get_sample_value(f"ngsd_{name}_total", labels) or 0.0


def test_each_answer_that_ends_is_counted() -> None:
    engine = scripted_engine()
    before = {name: value(name) for name in ("tokens", "spikes", "overrides")}
    cancelled = value("requests", status="cancelled")
    gate = HostGate[int](engine.pair, on_end=Counters().count)
    prompt, output = engine.base.encode_chat(USER), list[int]()
    gate.add(0, prompt)
    for _ in range(6):
        logits = engine.base.read([[*prompt, *output]], engine.base.new_cache())[:, -1]
        output.append(int(gate.apply([HostRow(0, output)], logits).argmax()))
    report = gate.finish(0, "length", output_ids=output)
    assert report.num_spikes > 0
    assert value("tokens") - before["tokens"] == 6
    assert value("spikes") - before["spikes"] == report.num_spikes
    assert value("overrides") - before["overrides"] == report.num_overrides
    gate.add(1, prompt)
    gate.close()
    gate.add(2, prompt)
    gate.cancel(2)
    assert value("requests", status="cancelled") - cancelled == 1
