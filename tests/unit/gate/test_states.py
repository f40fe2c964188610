"""Gate states are gathered, selected and joined row by row."""

import pytest
import torch

from ngsd_guard import GateConfig
from ngsd_guard.gate import GateState, make_gate

KINDS = ("lif", "ema", "smg", "debounce", "ewma")
CURRENTS = torch.tensor([[0.9, 0.1, 0.8, 0.4], [0.2, 0.7, 0.3, 0.9], [0.5, 0.5, 0.1, 0.6]])


def states_along(kind: str) -> list[GateState]:
    gate = make_gate(GateConfig(kind=kind, v_threshold=0.5))  # type: ignore[arg-type]
    state, states = gate.initial_state(3), []
    for current in CURRENTS.T:
        state, _ = gate.step(state, current)
        states.append(state)
    return states


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_stop_at_different_steps_continue_as_they_would_alone(kind: str) -> None:
    gate = make_gate(GateConfig(kind=kind, v_threshold=0.5))  # type: ignore[arg-type]
    states = states_along(kind)
    stops = [1, 3, 0]
    picked = type(states[0]).at(states, stops)
    after, spiked = gate.step(picked, torch.tensor([0.6, 0.6, 0.6]))
    for row, stop in enumerate(stops):
        alone = gate.initial_state(1)
        for current in [*CURRENTS[row, : stop + 1], torch.tensor(0.6)]:
            alone, fired = gate.step(alone, current[None])
        assert torch.equal(after.select([row]).membrane_potential, alone.membrane_potential)
        assert bool(spiked[row]) == bool(fired)


@pytest.mark.parametrize("kind", KINDS)
def test_joining_selected_rows_restores_the_state(kind: str) -> None:
    state = states_along(kind)[-1]
    parts = [state.select([row]) for row in (2, 0, 1)]
    joined = type(state).join(parts)
    assert torch.equal(joined.membrane_potential, state.membrane_potential[[2, 0, 1]])
    again = joined.select([1, 2, 0])
    for name in ("membrane_potential", "charged_potential"):
        assert torch.equal(getattr(again, name), getattr(state, name))
