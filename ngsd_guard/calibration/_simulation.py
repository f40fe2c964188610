"""Simulation of a gate on recorded currents."""

from collections.abc import Sequence

import torch

from ngsd_guard.calibration._types import Recording
from ngsd_guard.config import GateConfig
from ngsd_guard.gate import make_gate


def spike_indices(recordings: Sequence[Recording], config: GateConfig) -> list[tuple[int, ...]]:
    """Return the steps at which a gate fires on each recording, from its initial potential on.

    The first spike is exact. Later ones assume that the recorded currents would be the same after
    an override, which holds as long as the base keeps dissenting.
    """
    gate = make_gate(config)
    num_steps = max((len(recording.currents) for recording in recordings), default=0)
    currents = torch.zeros(num_steps, len(recordings))  # [steps, batch]; zero after the end
    for column, recording in enumerate(recordings):
        currents[: len(recording.currents), column] = torch.tensor(recording.currents)
    starts = torch.tensor([gate.initial_potential(recording.risk) for recording in recordings])
    state = gate.initial_state(len(recordings), initial_potential=starts)
    fired = []
    for current in currents:
        state, spiked = gate.step(state, current)
        fired.append(spiked.tolist())
    return [
        tuple(step for step in range(len(recording.currents)) if fired[step][column])
        for column, recording in enumerate(recordings)
    ]
