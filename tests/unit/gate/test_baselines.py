import math

import pytest
import torch

from ngsd_guard import ConfigurationError, GateConfig, ShapeMismatchError
from ngsd_guard.gate import (
    DebounceGate,
    EMAGate,
    EWMAGate,
    Gate,
    LIFGate,
    SMGGate,
    make_gate,
)

CLASSES = {
    "lif": LIFGate,
    "ema": EMAGate,
    "smg": SMGGate,
    "debounce": DebounceGate,
    "ewma": EWMAGate,
}
RANDOM = torch.rand(60, generator=torch.Generator().manual_seed(1)).tolist()


def run(config: GateConfig, currents: list[float]) -> tuple[list[float], list[bool]]:
    """Return potentials and spikes of one gate."""
    gate = make_gate(config)
    state = gate.initial_state(1)
    potentials, spikes = [], []
    for current in currents:
        state, spiked = gate.step(state, torch.tensor([current]))
        assert torch.equal(state.membrane_potential, state.charged_potential)  # no reset
        potentials.append(state.membrane_potential.item())
        spikes.append(bool(spiked))
    return potentials, spikes


def test_ema_trace_equals_a_hand_calculation() -> None:
    config = GateConfig(kind="ema", v_threshold=0.5)
    potentials, spikes = run(config, [1.0, 0.0, 0.75, 0.75, 0.25])
    # 0.5*0 + 0.5*1; 0.5*0.5; 0.125 + 0.375; 0.25 + 0.375; 0.3125 + 0.125
    assert potentials == [0.5, 0.25, 0.5, 0.625, 0.4375]
    assert spikes == [True, False, True, True, False]


def test_ema_decay_is_the_share_that_is_kept() -> None:
    potentials, _ = run(GateConfig(kind="ema", decay=0.75), [1.0, 0.0])
    assert potentials == [0.25, 0.1875]


def test_ema_of_currents_below_one_never_reaches_one() -> None:
    assert not any(run(GateConfig(kind="ema"), [0.99] * 500)[1])


@pytest.mark.parametrize("currents", [RANDOM, [0.0, 0.0, 1e-3, 0.5], [1.0] * 40, [0.3, 0.0] * 20])
def test_smg_equals_a_plain_loop_over_adams_moments(currents: list[float]) -> None:
    m = s = v = 0.0
    expected = []
    for step, current in enumerate(currents, start=1):
        m = 0.9 * m + 0.1 * current
        s = 0.999 * s + 0.001 * current * current
        m_hat = m / (1 - 0.9**step)
        s_hat = s / (1 - 0.999**step)
        v = 0.5 * v + 0.5 * m_hat / (math.sqrt(s_hat) + 1e-8)
        expected.append(v)
    potentials, spikes = run(GateConfig(kind="smg", v_threshold=0.9), currents)
    assert potentials == pytest.approx(expected, abs=1e-6)  # float32 against float64
    assert spikes == [value >= 0.9 for value in expected]


def test_smg_without_current_stays_at_zero() -> None:
    potentials, spikes = run(GateConfig(kind="smg"), [0.0] * 5)
    assert potentials == [0.0] * 5
    assert not any(spikes)


def test_debounce_fires_from_the_third_consecutive_step_until_the_streak_ends() -> None:
    config = GateConfig(kind="debounce", v_threshold=0.5, persistence=3)
    potentials, spikes = run(config, [0.5, 0.9, 0.4, 0.6, 0.6, 0.6, 0.6, 0.1])
    assert potentials == pytest.approx([0.5, 0.9, 0.4, 0.6, 0.6, 0.6, 0.6, 0.1], abs=1e-6)
    assert spikes == [False] * 5 + [True, True, False]


def test_debounce_with_persistence_1_is_a_plain_threshold() -> None:
    config = GateConfig(kind="debounce", v_threshold=0.5, persistence=1)
    assert run(config, RANDOM)[1] == [current >= 0.5 for current in RANDOM]


def test_ewma_fires_when_the_average_persists() -> None:
    config = GateConfig(kind="ewma", v_threshold=0.5, persistence=2)
    potentials, spikes = run(config, [1.0, 0.5, 0.5, 0.0, 1.0, 1.0])
    # 0.5; 0.25+0.25; 0.25+0.25; 0.25; 0.125+0.5; 0.3125+0.5
    assert potentials == [0.5, 0.5, 0.5, 0.25, 0.625, 0.8125]
    assert spikes == [False, True, True, False, False, True]


@pytest.mark.parametrize("kind", CLASSES)
def test_make_gate_returns_a_gate_of_that_kind(kind: str) -> None:
    config = GateConfig(kind=kind)
    gate = make_gate(config)
    assert type(gate) is CLASSES[kind]
    assert gate.config is config
    assert gate.initial_state(4).membrane_potential.tolist() == [0.0] * 4


@pytest.mark.parametrize("kind", CLASSES)
def test_options_of_another_kind_of_gate_are_refused(kind: str) -> None:
    other = "ema" if kind == "lif" else "lif"
    with pytest.raises(ConfigurationError, match=f"kind='{kind}'"):
        CLASSES[kind](GateConfig(kind=other))


@pytest.mark.parametrize("kind", CLASSES)
def test_every_gate_fires_on_a_nan_current(kind: str) -> None:
    options = {"persistence": 1} if kind in ("debounce", "ewma") else {}
    gate = make_gate(GateConfig(kind=kind, **options))
    _, spiked = gate.step(gate.initial_state(2), torch.tensor([torch.nan, 0.0]))
    assert spiked.tolist() == [True, False]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_gate_subtracts_the_bias(kind: str) -> None:
    plain, biased = make_gate(GateConfig(kind=kind)), GateConfig(kind=kind, bias_current=0.5)
    expected, _ = plain.step(plain.initial_state(2), torch.tensor([0.5, 0.0]))
    gate = make_gate(biased)
    state, _ = gate.step(gate.initial_state(2), torch.tensor([0.75, 0.25]))
    assert torch.equal(state.charged_potential, expected.charged_potential)


@pytest.mark.parametrize("kind", CLASSES)
def test_every_gate_treats_the_rows_of_a_batch_independently(kind: str) -> None:
    gate: Gate = make_gate(GateConfig(kind=kind, v_threshold=0.6))
    currents = torch.rand(30, 4, generator=torch.Generator().manual_seed(2))
    batch = gate.initial_state(4)
    rows = [gate.initial_state(1) for _ in range(4)]
    for current in currents:
        batch, spiked = gate.step(batch, current)
        for row in range(4):
            rows[row], alone = gate.step(rows[row], current[row : row + 1])
            assert bool(alone) == bool(spiked[row])
            assert rows[row].charged_potential[0] == batch.charged_potential[row]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_gate_returns_a_new_state(kind: str) -> None:
    gate: Gate = make_gate(GateConfig(kind=kind, v_threshold=0.5))
    old, _ = gate.step(gate.initial_state(1), torch.tensor([0.7]))
    before = {name: getattr(old, name) for name in _fields(old)}
    copies = {n: v.clone() if isinstance(v, torch.Tensor) else v for n, v in before.items()}
    gate.step(old, torch.tensor([0.9]))
    for name, copy in copies.items():
        assert getattr(old, name) is before[name]
        assert before[name] == copy


@pytest.mark.parametrize("kind", CLASSES)
def test_every_gate_refuses_a_current_of_another_shape(kind: str) -> None:
    gate = make_gate(GateConfig(kind=kind))
    with pytest.raises(ShapeMismatchError, match="gate current"):
        gate.step(gate.initial_state(2), torch.zeros(3))


def _fields(state: object) -> list[str]:
    return [field for cls in type(state).__mro__ for field in getattr(cls, "__slots__", ())]
