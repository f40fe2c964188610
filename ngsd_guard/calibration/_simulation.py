"""The gate itself, run over recorded currents."""

from collections.abc import Sequence

import torch

from ngsd_guard.calibration._types import Recording
from ngsd_guard.config import GateConfig
from ngsd_guard.gate import make_gate


def spike_indices(recordings: Sequence[Recording], config: GateConfig) -> list[tuple[int, ...]]:
    """Return the steps at which a gate fires along each recording, from its initial potential on.

    The first one is exact. Those after it take the recorded currents for what they would have
    been after an override, which holds as long as the base goes on dissenting.
    """
    gate = make_gate(config)
    num_steps = max((len(recording.currents) for recording in recordings), default=0)
    currents = torch.zeros(num_steps, len(recordings))  # [steps, batch]; zero after an end
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
