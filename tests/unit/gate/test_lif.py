import pytest
import torch
from torch import Tensor

from ngsd_guard import GateConfig, ShapeMismatchError
from ngsd_guard.gate import GateState, LIFGate

HARD = GateConfig(reset_retention=0.0)
SOFT = GateConfig(reset_retention=0.6)
# Sums of multiples of 1/8 are exact in float32; other values are subject to rounding.
EXACT = 0.0
ROUNDED = 1e-6


def run(config: GateConfig, currents: list[float]) -> tuple[list[float], list[float], list[bool]]:
    """Return charged potentials, membrane potentials and spikes of one neuron."""
    gate = LIFGate(config)
    state = gate.initial_state(1)
    charged, membrane, spikes = [], [], []
    for current in currents:
        state, spiked = gate.step(state, torch.tensor([current]))
        charged.append(state.charged_potential.item())
        membrane.append(state.membrane_potential.item())
        spikes.append(bool(spiked))
    return charged, membrane, spikes


def test_hard_reset_trace_equals_a_hand_calculation() -> None:
    charged, membrane, spikes = run(HARD, [0.5, 0.5, 0.25, 0.5])
    first = 0.5  # 7/8 * 0 + 0.5
    second = 0.9375  # 7/8 * 0.5 + 0.5 = 0.4375 + 0.5
    third = 1.0703125  # 7/8 * 0.9375 + 0.25 = 0.8203125 + 0.25, at least 1: spike, V = 0
    fourth = 0.5  # 7/8 * 0 + 0.5
    assert charged == pytest.approx([first, second, third, fourth], abs=EXACT)
    assert membrane == pytest.approx([0.5, 0.9375, 0.0, 0.5], abs=EXACT)
    assert spikes == [False, False, True, False]


def test_soft_reset_trace_equals_a_hand_calculation() -> None:
    charged, membrane, spikes = run(SOFT, [0.5, 0.5, 0.25, 0.5])
    after_third = 0.6421875  # 0.6 * 1.0703125
    fourth = 1.0619140625  # 7/8 * 0.6421875 + 0.5 = 0.5619140625 + 0.5: spike again
    after_fourth = 0.6371484375  # 0.6 * 1.0619140625
    assert charged == pytest.approx([0.5, 0.9375, 1.0703125, fourth], abs=ROUNDED)
    assert membrane == pytest.approx([0.5, 0.9375, after_third, after_fourth], abs=ROUNDED)
    assert spikes == [False, False, True, True]


def test_reset_keeps_the_share_above_a_nonzero_resting_potential() -> None:
    config = GateConfig(v_reset=-0.5, reset_retention=0.5)
    charged, membrane, spikes = run(config, [1.0, 1.0])
    first = 0.5625  # 7/8 * -0.5 + 1 = -0.4375 + 1
    second = 1.4921875  # 7/8 * 0.5625 + 1 = 0.4921875 + 1: spike
    after = 0.49609375  # -0.5 + 0.5 * (1.4921875 + 0.5) = -0.5 + 0.99609375
    assert charged == pytest.approx([first, second], abs=EXACT)
    assert membrane == pytest.approx([0.5625, after], abs=EXACT)
    assert spikes == [False, True]


def test_tau_sets_the_leak() -> None:
    charged, _, _ = run(GateConfig(tau=2.0), [0.5, 0.25])
    assert charged == pytest.approx([0.5, 0.5], abs=EXACT)  # 1/2 * 0.5 + 0.25


def test_potential_equal_to_the_threshold_fires() -> None:
    assert run(HARD, [1.0])[2] == [True]
    assert run(GateConfig(v_threshold=0.5), [0.5])[2] == [True]


def test_constant_current_of_an_eighth_or_less_never_fires() -> None:
    for current in (0.125, 0.12):
        charged, _, spikes = run(SOFT, [current] * 2_000)
        assert not any(spikes)
        assert max(charged) <= 1.0


@pytest.mark.parametrize("config", [HARD, SOFT])
def test_constant_current_above_an_eighth_fires(config: GateConfig) -> None:
    # V_n = 8 * 0.13 * (1 - (7/8)^n) reaches 1 when (7/8)^n <= 1/26, so at n = 25: 24.4 rounded up.
    spikes = run(config, [0.13] * 25)[2]
    assert spikes == [False] * 24 + [True]


def test_with_retention_a_constant_current_from_0_475_up_keeps_firing() -> None:
    # Charged at rest: c = 7/8 * 0.6 * c + I, so c = I / 0.475.
    assert all(run(SOFT, [1.0] + [0.476] * 500)[2])
    assert not all(run(SOFT, [1.0] + [0.474] * 500)[2])


def test_with_retention_the_potential_never_exceeds_2_105() -> None:
    charged, membrane, spikes = run(SOFT, [1.0] * 200)
    assert all(spikes)
    assert charged[-1] == pytest.approx(1 / 0.475, abs=ROUNDED)  # 2.10526...
    assert max(charged) <= 1 / 0.475 + ROUNDED
    assert membrane[-1] == pytest.approx(0.6 / 0.475, abs=ROUNDED)


def test_first_token_fires_only_if_the_models_disagree_completely() -> None:
    assert run(SOFT, [0.999])[2] == [False]
    assert run(SOFT, [1.0])[2] == [True]


@pytest.mark.parametrize("bias", [0.0, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
def test_complete_disagreement_fires_at_the_first_token_whatever_the_bias(bias: float) -> None:
    # (1 - bias) / (1 - bias) is 1, and rounding must not make it less.
    assert run(GateConfig(bias_current=bias), [1.0])[2] == [True]


def test_bias_is_subtracted_and_the_remainder_rescaled() -> None:
    charged, _, spikes = run(GateConfig(bias_current=0.8), [0.8, 0.9, 0.5, 0.95])
    second = 0.5  # (0.9 - 0.8) / 0.2
    third = 0.4375  # 7/8 * 0.5 + 0: below the bias there is no current
    fourth = 1.1328125  # 7/8 * 0.4375 + 0.15 / 0.2 = 0.3828125 + 0.75
    assert charged == pytest.approx([0.0, second, third, fourth], abs=ROUNDED)
    assert spikes == [False, False, False, True]


def test_current_below_the_bias_leaves_a_resting_neuron_at_rest() -> None:
    charged, _, spikes = run(GateConfig(bias_current=0.5), [0.499, 0.1, 0.0] * 100)
    assert charged == [0.0] * 300
    assert not any(spikes)


def test_every_neuron_starts_at_rest() -> None:
    state = LIFGate(GateConfig(v_reset=-0.25)).initial_state(3)
    assert state.membrane_potential.tolist() == [-0.25, -0.25, -0.25]
    assert state.charged_potential.tolist() == [-0.25, -0.25, -0.25]
    assert state.membrane_potential.dtype == torch.float32


def test_potential_is_float32_and_spikes_are_bool_for_a_half_precision_current() -> None:
    gate = LIFGate(SOFT)
    state, spiked = gate.step(gate.initial_state(2), torch.tensor([0.5, 1.0], dtype=torch.bfloat16))
    assert state.membrane_potential.dtype == torch.float32
    assert spiked.dtype == torch.bool
    assert spiked.tolist() == [False, True]


@pytest.mark.parametrize("config", [HARD, SOFT, GateConfig(bias_current=0.3, v_threshold=1.5)])
def test_batch_equals_its_rows_run_separately(config: GateConfig) -> None:
    currents = torch.rand(40, 5, generator=torch.Generator().manual_seed(0))
    gate = LIFGate(config)
    state = gate.initial_state(5)
    rows = [run(config, column.tolist()) for column in currents.T]
    for t, current in enumerate(currents):
        state, spiked = gate.step(state, current)
        assert state.charged_potential.tolist() == [row[0][t] for row in rows]
        assert state.membrane_potential.tolist() == [row[1][t] for row in rows]
        assert spiked.tolist() == [row[2][t] for row in rows]


def test_step_leaves_the_old_state_and_the_current_unchanged() -> None:
    gate = LIFGate(SOFT)
    old, _ = gate.step(gate.initial_state(1), torch.tensor([0.75]))
    current = torch.tensor([0.75])
    first, first_spiked = gate.step(old, current)
    again, again_spiked = gate.step(old, current)
    assert old.membrane_potential.tolist() == [0.75]
    assert current.tolist() == [0.75]
    assert torch.equal(first.membrane_potential, again.membrane_potential)
    assert torch.equal(first_spiked, again_spiked)


def test_state_cannot_be_assigned_to() -> None:
    state = LIFGate(SOFT).initial_state(1)
    with pytest.raises(AttributeError):
        state.membrane_potential = torch.ones(1)  # type: ignore[misc]


@pytest.mark.parametrize("bias", [0.0, 0.8])
def test_nan_current_fires_its_row_only(bias: float) -> None:
    gate = LIFGate(GateConfig(bias_current=bias))
    state, spiked = gate.step(gate.initial_state(2), torch.tensor([torch.nan, 0.5]))
    assert spiked.tolist() == [True, False]
    _, spiked = gate.step(state, torch.tensor([0.0, 0.0]))
    assert spiked.tolist() == [True, False]  # the potential stays NaN, so the row keeps firing


@pytest.mark.parametrize("current", [torch.zeros(3), torch.zeros(2, 1), torch.tensor(0.0)])
def test_current_of_another_shape_is_refused(current: Tensor) -> None:
    gate = LIFGate(SOFT)
    with pytest.raises(ShapeMismatchError, match="gate current") as caught:
        gate.step(gate.initial_state(2), current)
    assert (caught.value.first, caught.value.second) == (tuple(current.shape), (2,))


def test_empty_batch_is_accepted() -> None:
    gate = LIFGate(SOFT)
    state, spiked = gate.step(gate.initial_state(0), torch.zeros(0))
    assert isinstance(state, GateState)
    assert spiked.shape == (0,)
