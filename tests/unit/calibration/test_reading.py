"""The fit of the expert's reading: separations that are known, budgets, degenerate features."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngsd_guard import ConfigurationError, NGSDConfig
from ngsd_guard.calibration import (
    FitOptions,
    Recording,
    fit_expert,
    fit_reading,
    spike_indices,
)
from ngsd_guard.calibration._reader import fit_best
from ngsd_guard.calibration._reading import logits_of, rail_shift, risk_of_logit, shifted_knots
from ngsd_guard.config import ExpertReading
from ngsd_guard.piecewise import interpolate
from ngsd_guard.risk import ExpertFeatures

START = ExpertReading(openings=("No",))
CONFIG = NGSDConfig()


def calm(rng: random.Random) -> ExpertFeatures:
    return ExpertFeatures(rng.betavariate(2, 8), rng.betavariate(1, 20), rng.gauss(0, 2))


def hostile(rng: random.Random) -> ExpertFeatures:
    return ExpertFeatures(rng.betavariate(8, 2), rng.betavariate(8, 2), rng.gauss(4, 2))


def recordings(seed: int, num_benign: int, num_harmful: int) -> tuple[list[Recording], ...]:
    rng = random.Random(seed)
    benign = [
        Recording(0.0, tuple(rng.betavariate(2, 5) for _ in range(16)), calm(rng))
        for _ in range(num_benign)
    ]
    harmful = [
        Recording(0.0, tuple(rng.uniform(0.97, 1) for _ in range(16)), hostile(rng))
        for _ in range(num_harmful)
    ]
    return benign, harmful


def test_line_between_two_points_lies_in_their_middle() -> None:
    # By symmetry the two classes are equally likely at a distance of 0.5, whatever their sizes.
    low, high = ExpertFeatures(0.2, 0.1, 1.0), ExpertFeatures(0.8, 0.1, 1.0)
    reading = fit_reading([low] * 30, [high] * 2, START)
    assert reading.total_variation > 0
    assert reading.refusal == reading.log_odds == 0.0  # constant: they say nothing
    middle = ExpertFeatures(0.5, 0.1, 1.0)
    assert logits_of([middle], reading) == pytest.approx([0.0], abs=1e-4)
    assert reading.openings == START.openings


def test_fit_is_where_the_slope_of_the_penalised_loss_is_zero() -> None:
    # Two classes at +1 and -1, standardised: sigma(-w) = ridge * w, solved for ridge = 0.01.
    low, high = ExpertFeatures(0.0, 0.0, -1.0), ExpertFeatures(0.0, 0.0, 1.0)
    weight = fit_reading([low], [high], START).log_odds
    assert 1 / (1 + math.exp(weight)) == pytest.approx(0.01 * weight, rel=1e-4)


def test_feature_that_points_the_wrong_way_is_left_out() -> None:
    rng = random.Random(1)
    benign = [ExpertFeatures(rng.random() * 0.4, 0.9, 0.0) for _ in range(20)]
    harmful = [ExpertFeatures(0.6 + rng.random() * 0.4, 0.1, 0.0) for _ in range(20)]
    reading = fit_reading(benign, harmful, START)
    assert reading.refusal == 0.0
    assert reading.total_variation > 0


def test_features_that_say_nothing_give_one_risk_to_all() -> None:
    same = ExpertFeatures(0.3, 0.2, 1.0)
    reading = fit_reading([same] * 5, [same] * 5, START)
    assert (reading.total_variation, reading.refusal, reading.log_odds) == (0.0, 0.0, 0.0)
    assert reading.intercept == 0.0


FEATURES = st.builds(
    ExpertFeatures, st.floats(0, 1), st.floats(0, 1), st.floats(-20, 20).map(lambda x: round(x, 3))
)


@settings(max_examples=40, deadline=None)
@given(
    benign=st.lists(FEATURES, min_size=1, max_size=8),
    harmful=st.lists(FEATURES, min_size=1, max_size=8),
    seen=FEATURES,
    more=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 5)),
)
def test_risk_never_falls_when_a_feature_rises(
    benign: list[ExpertFeatures],
    harmful: list[ExpertFeatures],
    seen: ExpertFeatures,
    more: tuple[float, float, float],
) -> None:
    reading = fit_reading(benign, harmful, START)
    above = ExpertFeatures(
        seen.total_variation + more[0], seen.refusal + more[1], seen.log_odds + more[2]
    )
    low, high = logits_of([seen, above], reading)
    assert math.isfinite(low)
    assert low <= high


def test_shift_puts_the_quantile_just_below_the_line() -> None:
    logits = [float(n) for n in range(-99, 0)]  # 99 of them, just enough for 1 %
    shift, budget = rail_shift(logits, 0.01)
    assert budget == 0.01
    assert max(risk_of_logit(logit + shift) for logit in logits) == pytest.approx(4.9975)


def test_rail_budget_that_so_few_requests_cannot_promise_is_raised_and_reported() -> None:
    shift, budget = rail_shift([-3.0, -2.0, -1.0], 0.01)
    assert budget == 0.25
    assert shift == pytest.approx(0.999)


@given(shift=st.floats(-6, 6), risk=st.floats(0.05, 9.95))
def test_shifted_line_gives_each_request_what_it_had(shift: float, risk: float) -> None:
    knots = ((2.0, 0.0), (6.0, 1.0))
    moved = risk_of_logit(math.log(risk / (10 - risk)) + shift)
    found = interpolate(moved, shifted_knots(knots, shift))
    # Straight segments stand for a bent line, and risks have four decimals.
    assert found == pytest.approx(interpolate(risk, knots), abs=0.02)


def test_empty_line_stays_empty_and_knots_that_meet_keep_the_higher_value() -> None:
    assert shifted_knots((), 3.0) == ()
    knots = shifted_knots(((9.9, 0.0), (9.99, 1.0)), 12.0)
    assert knots[-1] == (10.0, 1.0)
    assert [risk for risk, _ in knots] == sorted({risk for risk, _ in knots})


def test_separable_traffic_is_told_apart_and_its_risks_are_those_of_the_reader() -> None:
    benign, harmful = recordings(0, 300, 40)
    found = fit_expert(benign, harmful, CONFIG, FitOptions(0.05, rail_budget=0.02))
    assert found.rail_budget == 0.02
    reading = found.fit.reflection.expert
    assert found.fit.reflection.reader == "expert"
    for recording in (*found.benign[:20], *found.harmful[:20]):
        assert recording.features is not None
        (logit,) = logits_of([recording.features], reading)
        assert recording.risk == pytest.approx(risk_of_logit(logit), abs=1e-4)
    flagged = [sum(r.risk >= 5 for r in part) / len(part) for part in (found.benign, found.harmful)]
    assert flagged[0] <= 0.05
    assert flagged[1] >= 0.9
    knots = found.fit.reflection.alpha_knots
    surely = sorted(r.risk for r in found.harmful)[len(harmful) // 2]
    assert interpolate(surely, knots) == 0.9


def test_both_budgets_are_kept_on_average_over_draws_of_the_traffic() -> None:
    # 30 draws, each measured on 300 new requests. A threshold from 19 scores at a budget of 1/10
    # is exceeded by a Beta(2, 18) share, deviation 0.065: the mean lies within four standard
    # errors of the budget, 0.1 + 4 * 0.065 / sqrt(30), but for a probability below 1e-4.
    unseen, _ = recordings(10_000, 300, 0)
    flagged, fired = [], []
    for seed in range(30):
        options = FitOptions(0.1, rail_budget=0.1, biases=(0.3, 0.8), seed=seed)
        fitted = fit_expert(*recordings(seed, 57, 8), CONFIG, options).fit
        logits = logits_of(
            [r.features for r in unseen if r.features is not None], fitted.reflection.expert
        )
        risks = [risk_of_logit(logit) for logit in logits]
        flagged.append(sum(risk >= 5 for risk in risks) / len(risks))
        rated = [Recording(risk, r.currents) for risk, r in zip(risks, unseen, strict=True)]
        fired.append(sum(map(bool, spike_indices(rated, fitted.gate))) / len(rated))
    bound = 0.1 + 4 * 0.065 / 30**0.5
    assert sum(flagged) / len(flagged) <= bound
    assert sum(fired) / len(fired) <= bound


def test_shift_changes_neither_the_gate_nor_alpha_of_any_request() -> None:
    benign, harmful = recordings(3, 90, 20)
    near, far = (
        fit_expert(benign, harmful, CONFIG, FitOptions(0.1, rail_budget=b)) for b in (0.05, 0.5)
    )
    assert near.fit.reflection.expert.intercept < far.fit.reflection.expert.intercept
    for first, second in zip(
        (*near.benign, *near.harmful), (*far.benign, *far.harmful), strict=True
    ):
        alphas = [
            interpolate(r.risk, found.fit.reflection.alpha_knots)
            for r, found in ((first, near), (second, far))
        ]
        assert alphas[0] == pytest.approx(alphas[1], abs=0.02)


def test_auto_takes_the_reader_that_ranks_better() -> None:
    benign, harmful = recordings(4, 90, 20)
    options = FitOptions(0.1, rail_budget=0.1)
    blind = [5.0] * (len(benign) + len(harmful))
    used, _, compared = fit_best(benign, harmful, blind, CONFIG, options)
    assert (used, compared["rubric"]) == ("expert", 0.5)
    sure = [1.0] * len(benign) + [9.0] * len(harmful)
    dull = [
        [Recording(0.0, r.currents, ExpertFeatures(0.1, 0.0, 0.0)) for r in part]
        for part in (benign, harmful)
    ]
    used, found, compared = fit_best(*dull, sure, CONFIG, options)
    assert (used, compared) == ("rubric", {"expert": 0.5, "rubric": 1.0})
    assert found.rail_budget is None
    assert {r.risk for r in found.benign} == {1.0}


@pytest.mark.parametrize("top_alpha", [0.5, 1.1])
def test_guidance_that_is_weak_at_the_top_is_refused(top_alpha: float) -> None:
    options = FitOptions(0.1, top_alpha=top_alpha)
    with pytest.raises(ConfigurationError, match=r"outside 0\.9\.\.1"):
        fit_expert(*recordings(5, 60, 8), CONFIG, options)


def test_top_of_alpha_is_what_was_asked_for() -> None:
    fitted = fit_expert(*recordings(5, 60, 8), CONFIG, FitOptions(0.1, top_alpha=1.0)).fit
    assert fitted.reflection.alpha_knots[-1][1] == 1.0
