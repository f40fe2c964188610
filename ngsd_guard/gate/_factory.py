"""Construction of gates from their options."""

from typing import Any, Final

from ngsd_guard.config import GateConfig
from ngsd_guard.gate._base import Gate
from ngsd_guard.gate._baselines import DebounceGate, EMAGate, EWMAGate, SMGGate
from ngsd_guard.gate._lif import LIFGate

_GATES: Final[dict[str, type[Gate[Any]]]] = {
    gate.kind: gate for gate in (LIFGate, EMAGate, SMGGate, DebounceGate, EWMAGate)
}


def make_gate(config: GateConfig) -> Gate[Any]:
    """Return a gate of kind `config.kind`."""
    return _GATES[config.kind](config)
