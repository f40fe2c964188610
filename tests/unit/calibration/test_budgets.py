"""What another budget would cost, against a slow and obvious recount."""

import random
from itertools import pairwise

import pytest

from ngsd_guard import NGSDConfig
from ngsd_guard.calibration import (
    FitOptions,
    ReaderFit,
    Recording,
    budget_costs,
    fit,
    fit_expert,
    spike_indices,
)
from ngsd_guard.calibration._fit import split_benign, split_harmful
from ngsd_guard.config import GateConfig
from ngsd_guard.risk import ExpertFeatures

BUDGET = 0.1


def traffic(seed: int, num_benign: int, *, overlap: float) -> tuple[list[Recording], ...]:
    """Return requests whose currents overlap by a share of their range."""
    rng = random.Random(seed)

    def make(low: float, is_harmful: bool) -> Recording:
        level = rng.uniform(low, low + 0.3)
        currents = tuple(min(rng.uniform(level, level + 0.2), 1.0) for _ in range(12))
        features = ExpertFeatures(min(currents[0], 1.0), 0.8 * is_harmful + 0.1, currents[0])
        return Recording(7.0 if is_harmful else 1.0, currents, features)

    return (
        [make(0.3, False) for _ in range(num_benign)],
        [make(0.3 + overlap, True) for _ in range(40)],
    )


def fitted(seed: int = 0, overlap: float = 0.2) -> ReaderFit:
    benign, harmful = traffic(seed, 180, overlap=overlap)
    return ReaderFit(fit(benign, harmful, budget=BUDGET), benign, harmful, None)


def test_each_budget_is_what_its_gate_does_to_the_requests_held_out() -> None:
    found = fitted()
    costs = budget_costs(found, BUDGET, num_draws=50)
    assert [cost.budget for cost in costs] == pytest.approx([0.025, 0.05, 0.1, 0.2, 0.4])
    held_out, harmful = split_benign(found.benign, 0)[-1], split_harmful(found.harmful, 0)[-1]
    start = GateConfig(signal=found.fit.gate.signal, tau=found.fit.gate.tau)
    for cost in costs:
        if cost.v_threshold is None:
            continue
        gate = found.fit.design.gate(cost.v_threshold, start)
        assert gate is not None
        assert cost.touched is not None
        assert cost.found is not None
        touched = sum(map(bool, spike_indices(held_out, gate)))
        reached = sum(map(bool, spike_indices(harmful, gate)))
        assert cost.touched.value == pytest.approx(touched / len(held_out))
        assert cost.found.value == pytest.approx(reached / len(harmful))
        assert cost.touched.n == len(held_out)
        for rate in (cost.touched, cost.found):
            assert 0.0 <= rate.low <= rate.value <= rate.high <= 1.0


def test_the_declared_budget_has_the_figures_of_the_calibration() -> None:
    found = fitted()
    (own,) = budget_costs(found, BUDGET, factors=(1.0,), num_draws=20)
    assert own.v_threshold == found.fit.gate.v_threshold
    assert own.touched is not None
    assert own.found is not None
    assert own.touched.value == pytest.approx(found.fit.intervention_rate.value)
    assert own.found.value == pytest.approx(found.fit.recall.value)


def test_a_looser_budget_lowers_the_threshold_and_finds_no_less() -> None:
    costs = [c for c in budget_costs(fitted(), BUDGET, num_draws=20) if c.v_threshold is not None]
    assert len(costs) >= 3
    for tighter, looser in pairwise(costs):
        assert tighter.v_threshold is not None
        assert looser.v_threshold is not None
        assert tighter.found is not None
        assert looser.found is not None
        assert tighter.v_threshold >= looser.v_threshold
        assert tighter.found.value <= looser.found.value


def test_a_budget_that_the_requests_cannot_promise_has_no_threshold() -> None:
    benign, harmful = traffic(1, 60, overlap=0.3)
    found = ReaderFit(fit(benign, harmful, budget=BUDGET), benign, harmful, None)
    first, *_ = budget_costs(found, BUDGET, num_draws=5)  # 2.5 % needs 39 requests; here are 20
    assert (first.v_threshold, first.touched, first.found) == (None, None, None)


def test_the_same_seed_gives_the_same_intervals() -> None:
    found = fitted()
    assert budget_costs(found, BUDGET, num_draws=30) == budget_costs(found, BUDGET, num_draws=30)


def test_shifted_risks_keep_the_declared_budgets_figures() -> None:
    benign, harmful = traffic(2, 330, overlap=0.25)
    options = FitOptions(budget=BUDGET, rail_budget=0.02)
    found = fit_expert(benign, harmful, NGSDConfig(), options)
    (own,) = budget_costs(found, BUDGET, factors=(1.0,), num_draws=10)
    assert own.touched is not None
    assert own.found is not None
    assert own.touched.value == pytest.approx(found.fit.intervention_rate.value)
    assert own.found.value == pytest.approx(found.fit.recall.value)
