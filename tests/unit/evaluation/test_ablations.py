"""Ablations: gates at one intervention rate, a reader alone, one strength for all."""

import math
from pathlib import Path

import pytest

from _tiny_pair import NAMES, tiny_engine, write_data
from ngsd_guard import GateConfig
from ngsd_guard.evaluation import Store, Suite, as_markdown, evaluate, read_sources
from ngsd_guard.evaluation._ablations import match_ablations
from ngsd_guard.evaluation._contenders import ABLATION_NAMES
from ngsd_guard.evaluation._matching import (
    Recorded,
    critical_thresholds,
    match,
    threshold_for,
)
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation._tables import tables_of

CURRENTS = [(0.5, 0.5), (0.25, 0.0), (0.1, 0.9)]


def test_the_critical_threshold_is_the_highest_that_fires_at_all() -> None:
    # tau = 8: 0.875 * 0.5 + 0.5, then 0.25, then 0.875 * 0.1 + 0.9.
    neuron = critical_thresholds(GateConfig(), CURRENTS)
    assert neuron == pytest.approx([0.9375, 0.25, 0.9875])
    ema = critical_thresholds(GateConfig(kind="ema", decay=0.5), CURRENTS)
    assert ema == pytest.approx([0.375, 0.125, 0.475])
    # Two steps in a row: the lower of the two currents decides.
    debounce = critical_thresholds(GateConfig(kind="debounce", persistence=2), CURRENTS)
    assert debounce == pytest.approx([0.5, 0.0, 0.1])
    assert critical_thresholds(GateConfig(kind="debounce", persistence=3), CURRENTS) == [0.0] * 3
    lifted = GateConfig(initial_potential_knots=((0.0, 0.0), (10.0, 0.8)))
    # The second request starts at 0.8: 0.875 * 0.8 + 0.25.
    assert critical_thresholds(lifted, CURRENTS, [0.0, 10.0, 0.0])[1] == pytest.approx(0.95)


def test_a_threshold_touches_as_many_requests_as_asked_for() -> None:
    criticals = [0.9, 0.2, 0.6, 0.4]
    for number in range(5):
        threshold = threshold_for(criticals, number)
        assert sum(critical >= threshold for critical in criticals) == number
    assert threshold_for(criticals, 1) == pytest.approx(0.75)
    tied = threshold_for([0.5, 0.5, 0.1], 1)
    assert sum(critical >= tied for critical in (0.5, 0.5, 0.1)) == 0
    assert math.isfinite(threshold_for([0.0], 0))


def test_gates_are_brought_to_the_rate_of_the_gate_under_test() -> None:
    recorded = Recorded({"tv": CURRENTS, "jsd": [(0.1, 0.1), (0.2, 0.2), (0.3, 0.3)]}, [0, 9, 1])
    own = GateConfig(v_threshold=0.9)  # fires in the first and the third
    gates = {
        "a": (GateConfig(kind="ema"), False),
        "b": (GateConfig(signal="jsd"), False),
    }
    found = match(gates, own, recorded)
    assert (found.n, found.num_touched) == (3, 2)
    assert found.touched == {"a": 2, "b": 2}
    assert found.thresholds["a"] == pytest.approx((0.375 + 0.125) / 2)
    reader = match_ablations(["reader-alone"], own, recorded)
    assert reader.thresholds == {"reader-alone": 0.5}
    assert reader.touched == {"reader-alone": 2}
    anchored = match_ablations(["anchor"], own, recorded, [4.0, 1.0, 2.0])
    assert anchored.thresholds == {"anchor": 1.5}
    assert anchored.touched == {"anchor": 2}


def test_every_ablation_answers_and_the_thresholds_are_reported(tmp_path: Path) -> None:
    sources = read_sources(write_data(tmp_path / "data"), whole=NAMES)
    suite = Suite(
        name="ablation",
        sizes={"plain": 2},
        contenders=("base", *ABLATION_NAMES, "ours"),
        rails={},
        max_new_tokens=40,
        num_matching=4,
    )

    def run() -> Report:
        engine, store = tiny_engine(), Store(tmp_path / "out")
        figures = evaluate(engine, sources, suite, store)
        store.close()
        return Report(figures, suite, sources, dict(engine.pair.identity), [], v_threshold=0.9)

    report = run()
    (plain,) = report.figures.rows
    assert plain.harmful.keys() == {"base", "ours", *ABLATION_NAMES}
    for name in ABLATION_NAMES:
        assert plain.harmless[name].refused.value == 0.0, name
        # Here the two models part completely, or not at all; SMG is at its ceiling in both.
        # To the base, the anchor's sentence is as likely after all of them.
        if name not in ("gate-smg", "reader-alone", "anchor"):
            assert plain.harmful[name].refused.value == 1.0, name
    assert report.figures.matched is not None
    assert report.figures.matched.num_touched == 0
    assert [risk.contender for risk in report.figures.risks] == ["ours", "anchor"]
    assert "Thresholds of ablations" in as_markdown(report)
    assert len(tables_of(report)[-1].rows) == 1 + len(report.figures.matched.thresholds)
    assert run().figures.num_new == 0
