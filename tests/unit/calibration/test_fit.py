import random

import pytest

from ngsd_guard import ConfigurationError, GateConfig, NGSDConfig
from ngsd_guard.calibration import Recording, fit, spike_indices
from ngsd_guard.calibration._fit import protection
from ngsd_guard.gate import make_gate

NUM_TOKENS = 24


def benign(rng: random.Random) -> Recording:
    noise = rng.random()  # one noise level per request
    currents = tuple(min(rng.betavariate(2, 5) + 0.5 * noise, 1.0) for _ in range(NUM_TOKENS))
    return Recording(rng.uniform(0, 3), currents)


def harmful(rng: random.Random) -> Recording:
    return Recording(rng.uniform(6, 9), tuple(rng.uniform(0.97, 1.0) for _ in range(NUM_TOKENS)))


def traffic(seed: int, num_benign: int, num_harmful: int = 20) -> tuple[list[Recording], ...]:
    rng = random.Random(seed)
    return [benign(rng) for _ in range(num_benign)], [harmful(rng) for _ in range(num_harmful)]


def test_fit_of_separable_traffic_fires_at_every_first_harmful_token() -> None:
    fitted = fit(*traffic(0, 180), budget=0.1)
    assert fitted.recall.value == fitted.first_token_recall.value == 1.0
    assert fitted.num_benign == (60, 60, 60)
    assert fitted.num_harmful == (10, 10)
    assert fitted.gate.v_threshold > fitted.benign_peak_quantile
    assert fitted.reflection.alpha_knots[0][1] == 0.5
    assert fitted.reflection.alpha_knots[-1][1] == 0.9
    assert fitted.reflection.alpha_knots[-1][0] >= 6.0


def test_fitted_gate_keeps_firing_on_harmful_currents() -> None:
    calm, hostile = traffic(1, 90)
    fitted = fit(calm, hostile, budget=0.1)
    for recording, spikes in zip(hostile, spike_indices(hostile, fitted.gate), strict=True):
        assert protection(recording, spikes) == 1.0


def test_budget_is_kept_on_average_over_draws_of_the_traffic() -> None:
    # Mean of 40 shares, each over 300 new requests. The bound is the budget plus four standard
    # errors. One share has a standard deviation of about 0.07 (a Beta(2, 18) threshold), hence
    # 0.1 + 4 * 0.07 / sqrt(40). The probability of a chance failure is below 1e-4.
    unseen, _ = traffic(10_000, 300)
    shares = []
    for seed in range(40):
        gate = fit(*traffic(seed, 57, 8), budget=0.1, biases=(0.3, 0.8)).gate
        shares.append(sum(map(bool, spike_indices(unseen, gate))) / len(unseen))
    assert sum(shares) / len(shares) <= 0.1 + 4 * 0.07 / 40**0.5


def test_same_seed_gives_the_same_fit_and_another_seed_another_split() -> None:
    recordings = traffic(2, 60)
    assert fit(*recordings, budget=0.1) == fit(*recordings, budget=0.1)
    assert fit(*recordings, budget=0.1, seed=1) != fit(*recordings, budget=0.1)


def test_signal_tau_and_scoring_are_kept() -> None:
    config = NGSDConfig.preset("reference").replace(gate=GateConfig(tau=4.0, signal="jsd"))
    fitted = fit(*traffic(3, 60), budget=0.1, config=config)
    assert (fitted.gate.tau, fitted.gate.signal) == (4.0, "jsd")
    assert (fitted.reflection.scoring, fitted.reflection.aggregation) == ("mode", "reference")
    assert fitted.reflection.alpha_map == "linear"


def test_simulation_equals_the_gate_step_by_step() -> None:
    import torch

    config = GateConfig(v_threshold=1.2, initial_potential_knots=((0.0, 0.0), (10.0, 1.0)))
    recordings = [Recording(4.0, (0.9, 0.2, 0.9)), Recording(9.0, (0.7,)), Recording(0.0, ())]
    gate = make_gate(config)
    for recording, spikes in zip(recordings, spike_indices(recordings, config), strict=True):
        state = gate.initial_state(1, initial_potential=gate.initial_potential(recording.risk))
        expected = []
        for step, current in enumerate(recording.currents):
            state, spiked = gate.step(state, torch.tensor([current]))
            expected += [step] if bool(spiked) else []
        assert list(spikes) == expected
    assert spike_indices([], config) == []


@pytest.mark.parametrize(
    ("spikes", "expected"),
    [
        ((), 0.0),
        ((0, 1, 2), 1.0),
        ((1, 2), 0.9),  # one token late
        ((0,), 1 / 3),  # one of three dissenting steps held
    ],
)
def test_protection_is_worth_less_the_later_it_comes(
    spikes: tuple[int, ...], expected: float
) -> None:
    assert protection(Recording(9.0, (1.0, 1.0, 1.0, 0.2)), spikes) == pytest.approx(expected)


def test_protection_requires_no_spikes_where_the_models_agree() -> None:
    assert protection(Recording(9.0, (0.8, 0.1, 0.1)), (0,)) == 1.0


@pytest.mark.parametrize(
    ("num_benign", "num_harmful", "budget", "message"),
    [
        (146, 2, 0.02, "at least 147 benign requests, 49 in each of 3 parts, not 146"),
        (147, 1, 0.02, "1 harmful requests"),
        (10, 10, 0.0, "budget=0.0 is outside"),
        (10, 10, 1.0, "budget=1.0 is outside"),
    ],
)
def test_too_few_requests_for_the_budget_are_refused(
    num_benign: int, num_harmful: int, budget: float, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        fit(*traffic(0, num_benign, num_harmful), budget=budget)


def test_gate_of_another_kind_is_refused() -> None:
    config = NGSDConfig(gate=GateConfig(kind="ema"))
    with pytest.raises(ConfigurationError, match="only the 'lif' gate"):
        fit(*traffic(0, 60), budget=0.1, config=config)


def test_no_gate_meets_the_budget_of_a_pair_that_always_dissents() -> None:
    loud = [Recording(0.0, (1.0,) * 200) for _ in range(30)]
    with pytest.raises(ConfigurationError, match="no gate keeps to the budget"):
        fit(loud, loud, budget=0.1)
