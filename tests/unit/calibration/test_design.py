import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard import GateConfig
from ngsd_guard.calibration import Design, Recording, spike_indices
from ngsd_guard.calibration._design import (
    alpha_ramp,
    potentials_from_rest,
    quiet_ramp,
    threshold_above,
)

START = GateConfig()
RAMP = ((2.0, 0.0), (4.0, 1.0))
CURRENTS = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20)


def test_potentials_from_rest_equal_a_hand_calculation() -> None:
    # 0.5; 7/8 * 0.5 + 0.5; 7/8 * 0.9375 + 0
    assert potentials_from_rest([0.5, 0.5, 0.0], 0.0, 8.0) == [0.5, 0.9375, 0.8203125]
    # below the bias nothing; (0.9 - 0.8) / 0.2
    assert potentials_from_rest([0.7, 0.9], 0.8, 8.0) == pytest.approx([0.0, 0.5])


def test_critical_threshold_from_rest_is_the_peak() -> None:
    design = Design(0.0, 0.9, ())
    assert design.critical_threshold(Recording(9.0, (0.5, 0.5, 0.0)), 8.0) == 0.9375


def test_critical_threshold_of_a_request_halfway_up_the_ramp() -> None:
    # s = 1/2, u = 1, i = 0.5: 1 + 1/2 (v - 0.5) = v at v = 1.5.
    design = Design(0.0, 0.5, RAMP)
    assert design.critical_threshold(Recording(3.0, (1.0,)), 8.0) == pytest.approx(1.5)
    # Below the first current, so only its peak counts.
    assert design.critical_threshold(Recording(3.0, (0.4,)), 8.0) == pytest.approx(0.4)


def test_request_at_the_top_of_the_ramp_fires_at_once_at_every_threshold() -> None:
    design = Design(0.0, 0.5, RAMP)
    assert design.critical_threshold(Recording(4.0, (0.5,)), 8.0) == math.inf
    assert design.critical_threshold(Recording(4.0, (0.49,)), 8.0) == pytest.approx(0.49)


@given(
    currents=CURRENTS,
    risk=st.floats(0, 10),
    bias=st.sampled_from([0.0, 0.5, 0.8]),
    first=st.sampled_from([0.5, 0.75, 0.9]),
    ramp=st.sampled_from([(), RAMP, ((3.0, 1.0),)]),
    v_threshold=st.floats(0.5, 3.0),
)
def test_gate_fires_exactly_below_the_critical_threshold(
    currents: list[float],
    risk: float,
    bias: float,
    first: float,
    ramp: tuple[tuple[float, float], ...],
    v_threshold: float,
) -> None:
    design, recording = Design(bias, first, ramp), Recording(risk, tuple(currents))
    gate = design.gate(v_threshold, START)
    critical = design.critical_threshold(recording, START.tau)
    # The initial potential is rounded to four decimals and the gate computes in float32. For an
    # almost full ramp this moves the critical threshold by up to 1e-3 / (1 - s).
    near = [critical * (1 - 1e-2), critical * (1 + 1e-2)]
    at_once = [u for u in potentials_from_rest(currents, bias, 8.0) if abs(u - first) < 1e-3]
    if gate is None or near[0] <= v_threshold <= near[1] or at_once or 3.9 < risk < 4.0:
        return
    assert bool(spike_indices([recording], gate)[0]) == (v_threshold < critical)


@given(v_threshold=st.floats(0.5, 3.5), first=st.sampled_from([0.5, 0.75, 0.9]))
def test_risky_request_fires_at_its_first_token_and_keeps_firing(
    v_threshold: float, first: float
) -> None:
    design = Design(0.8, first, RAMP)
    gate = design.gate(v_threshold, START)
    assert gate is not None
    current = 0.8 + 0.2 * (first + 1e-3)
    (spikes,) = spike_indices([Recording(9.0, (current,) * 30)], gate)
    assert spikes == tuple(range(30))


def test_design_whose_firing_cannot_be_sustained_has_no_gate() -> None:
    # Full initial potential (v - 0.5) / (7/8) reaches v itself at v = 4.
    assert Design(0.8, 0.5, RAMP).gate(3.99, START) is not None
    assert Design(0.8, 0.5, RAMP).gate(4.0, START) is None
    assert Design(0.8, 0.5, RAMP).gate(math.inf, START) is None


def test_gate_has_the_retention_that_restores_the_initial_potential() -> None:
    gate = Design(0.8, 0.5, RAMP).gate(2.0, START)
    assert gate is not None
    # (2 - 0.5) / (7/8) = 1.71428...; over 2, rounded up
    assert gate.initial_potential_knots == ((2.0, 0.0), (4.0, 1.7142))
    assert gate.reset_retention == 0.86


def test_threshold_below_the_first_current_needs_no_initial_potential() -> None:
    gate = Design(0.8, 0.9, RAMP).gate(0.7, START)
    assert gate is not None
    assert gate.initial_potential_knots == ()
    assert gate.reset_retention == START.reset_retention


def test_threshold_is_above_its_quantile_and_its_lower_bound() -> None:
    assert threshold_above(1.2345) == 1.235
    assert threshold_above(1.0) == 1.001
    assert threshold_above(0.0) == 0.5
    assert threshold_above(math.inf) == math.inf


BENIGN = [0.0, 1.0, 2.0]  # upper quantile 2 at a budget of 1/4


def test_ramps_rise_between_quiet_and_risky() -> None:
    assert alpha_ramp(BENIGN, [6.0, 7.0], 0.25) == ((2.0, 0.0), (6.0, 1.0))
    assert quiet_ramp(BENIGN, [6.0, 7.0], 0.25) == ((2.0, 0.0), (6.0, 1.0))


def test_overlapping_risks_give_alpha_to_the_harmful_and_the_quiet_ramp_to_the_benign() -> None:
    assert alpha_ramp(BENIGN, [1.0, 7.0], 0.25) == ((0.5, 0.0), (1.0, 1.0))
    assert quiet_ramp(BENIGN, [1.0, 7.0], 0.25) == ((2.0, 0.0), (2.5, 1.0))


def test_uninformative_risks_give_a_high_alpha_and_no_initial_potential() -> None:
    assert alpha_ramp([0.0] * 3, [0.0] * 3, 0.25) == ((0.0, 1.0),)
    assert quiet_ramp([10.0] * 3, [10.0] * 3, 0.25) == ()


@given(
    benign=st.lists(st.floats(0, 10), min_size=3, max_size=20),
    harmful=st.lists(st.floats(0, 10), min_size=1, max_size=20),
)
def test_alpha_is_full_for_every_one_of_few_harmful_risks(
    benign: list[float], harmful: list[float]
) -> None:
    if len(harmful) >= 19:
        return
    assert alpha_ramp(benign, harmful, 0.25)[-1][0] <= min(harmful)
