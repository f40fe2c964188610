"""The parts of our guidance, each in the place of the whole, at one intervention rate."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ngsd_guard.config import GateConfig, GateKind, SignalName
from ngsd_guard.decoding import Steering
from ngsd_guard.engine import Engine
from ngsd_guard.evaluation._contenders import Contender, ContenderName
from ngsd_guard.evaluation._matching import Matched, Recorded, match, threshold_for
from ngsd_guard.evaluation.baselines import FixedAlpha, GateAlone, ReaderAlone
from ngsd_guard.gate import make_gate
from ngsd_guard.pairs import Pair

SIGNALS: Final[tuple[SignalName, ...]] = ("tv", "jsd", "cosine")
_ALPHA: Final = 0.9
"""The paper's strength for a risky request."""
_RISK_AS_POTENTIAL: Final = GateConfig(
    initial_potential_knots=((0.0, 0.0), (10.0, 10.0)), v_threshold=11.0
)
_KINDS: Final[Mapping[str, GateKind]] = {
    "gate-lif": "lif",
    "gate-ema": "ema",
    "gate-smg": "smg",
    "gate-debounce": "debounce",
    "gate-ewma": "ewma",
    "gate-alone": "lif",
}
_SIGNALS: Final[Mapping[str, SignalName]] = {"signal-jsd": "jsd", "signal-cosine": "cosine"}


def match_ablations(names: Sequence[ContenderName], own: GateConfig, recorded: Recorded) -> Matched:
    """Return the thresholds of ablations, from what was recorded of harmless requests."""
    gates = {name: (_gate(name, own), False) for name in (*_KINDS, *_SIGNALS) if name in names}
    found = match(gates, own, recorded)
    if "reader-alone" not in names:
        return found
    threshold = threshold_for(recorded.risks, found.num_touched)
    touched = sum(risk >= threshold for risk in recorded.risks)
    return Matched(
        found.n,
        found.num_touched,
        {**found.thresholds, "reader-alone": threshold},
        {**found.touched, "reader-alone": touched},
    )


def make_ablation(name: ContenderName, ours: Contender, matched: Matched) -> Contender:
    """Return an ablation of the pair under test.

    Args:
        name: one of `ABLATION_NAMES`.
        ours: the pair under test.
        matched: thresholds.
    """
    engine, decoding = ours.engine, ours.engine.config.decoding
    own = engine.config.gate
    pair, config = engine.pair, own
    steering: Steering = FixedAlpha(engine.pair.gate, decoding, _ALPHA)
    if name == "reader-alone":
        pair = Pair(engine.base, engine.expert, engine.config.replace(gate=_RISK_AS_POTENTIAL))
        steering = ReaderAlone(matched.thresholds[name])
    elif name != "alpha-fixed":
        config = _gate(name, own).replace(v_threshold=matched.thresholds[name])
        alpha = _ALPHA if name == "gate-alone" else None
        steering = GateAlone(make_gate(config), decoding, alpha)
    identity: dict[str, Any] = dict(ours.identity) | {
        "ablation": name,
        "gate_digest": config.digest,
        "threshold": matched.thresholds.get(name),
        "alpha": _ALPHA if name in ("gate-alone", "alpha-fixed") else None,
    }
    return Contender(name, Engine(pair, steering=steering), True, identity)


def _gate(name: str, own: GateConfig) -> GateConfig:
    """Return the gate of an ablation, without its threshold."""
    kind = _KINDS.get(name, "lif")
    shared: dict[str, Any] = {
        "kind": kind,
        "signal": _SIGNALS.get(name, own.signal),
        "bias_current": own.bias_current,
    }
    if kind == "lif" and own.kind == "lif":
        shared |= {"tau": own.tau, "v_reset": own.v_reset, "reset_retention": own.reset_retention}
    return GateConfig(**shared)
