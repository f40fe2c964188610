"""Gates that decide when to intervene, and the distances between distributions they integrate."""

from ngsd_guard.gate._base import Gate, GateState
from ngsd_guard.gate._baselines import (
    DebounceGate,
    EMAGate,
    EWMAGate,
    SMGGate,
    SMGState,
    StreakState,
)
from ngsd_guard.gate._factory import make_gate
from ngsd_guard.gate._lif import LIFGate
from ngsd_guard.gate._signals import (
    cosine_distance,
    jensen_shannon_divergence,
    signal,
    total_variation_distance,
)

__all__ = [
    "DebounceGate",
    "EMAGate",
    "EWMAGate",
    "Gate",
    "GateState",
    "LIFGate",
    "SMGGate",
    "SMGState",
    "StreakState",
    "cosine_distance",
    "jensen_shannon_divergence",
    "make_gate",
    "signal",
    "total_variation_distance",
]
