from typing import Any

import pytest
import torch

from ngsd_guard import ConfigurationError, GateConfig, NGSDConfig
from ngsd_guard.gate import LIFGate, make_gate

KNOTS = ((2.0, 0.0), (6.0, 1.5))
LIFTED = GateConfig(v_threshold=2.0, initial_potential_knots=KNOTS)


@pytest.mark.parametrize(
    ("risk", "potential"), [(0.0, 0.0), (2.0, 0.0), (4.0, 0.75), (6.0, 1.5), (10.0, 1.5)]
)
def test_initial_potential_rises_along_its_knots(risk: float, potential: float) -> None:
    assert LIFGate(LIFTED).initial_potential(risk) == potential


def test_neuron_with_a_raised_start_fires_at_its_first_token() -> None:
    gate = LIFGate(LIFTED)
    _, spiked = gate.step(gate.initial_state(1), torch.tensor([0.7]))
    assert spiked.tolist() == [False]
    lifted = gate.initial_state(1, initial_potential=1.5)
    state, spiked = gate.step(lifted, torch.tensor([0.7]))  # 7/8 * 1.5 + 0.7 = 2.0125
    assert spiked.tolist() == [True]
    assert state.charged_potential.item() == pytest.approx(2.0125)


def test_rows_of_a_batch_may_start_at_different_potentials() -> None:
    state = LIFGate(LIFTED).initial_state(2, initial_potential=torch.tensor([0.25, 1.5]))
    assert state.membrane_potential.tolist() == [0.25, 1.5]


@pytest.mark.parametrize("preset", ["paper", "reference", "default"])
def test_presets_start_at_rest_whatever_the_risk(preset: Any) -> None:
    gate = make_gate(NGSDConfig.preset(preset).gate)
    assert gate.initial_potential(10.0) == 0.0


def test_rest_is_v_reset() -> None:
    assert LIFGate(GateConfig(v_reset=-0.25)).initial_potential(9.0) == -0.25


@pytest.mark.parametrize("kind", ["ema", "smg", "debounce", "ewma"])
def test_baselines_start_at_zero_and_refuse_knots(kind: Any) -> None:
    assert make_gate(GateConfig(kind=kind)).initial_potential(9.0) == 0.0
    with pytest.raises(ConfigurationError, match="has no option initial_potential_knots"):
        GateConfig(kind=kind, initial_potential_knots=((0.0, 0.0),))


@pytest.mark.parametrize(
    ("knots", "message"),
    [
        (((2.0, 0.0), (6.0, 2.0)), "below v_threshold=2.0"),
        (((2.0, -0.1),), "at least v_reset=0.0"),
        (((2.0, 0.5), (6.0, 0.1)), "must not decrease"),
        (((6.0, 0.0), (2.0, 0.1)), "must increase"),
        (((11.0, 0.0),), r"risk in 0\.\.10"),
    ],
)
def test_invalid_initial_potential_knots_are_refused(knots: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        GateConfig(v_threshold=2.0, initial_potential_knots=knots)
