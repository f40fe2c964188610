"""The parts of our guidance, each in the place of the whole, at one intervention rate."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ngsd_guard._version import __version__
from ngsd_guard.config import GateConfig, GateKind, SignalName
from ngsd_guard.decoding import Steering
from ngsd_guard.engine import Engine
from ngsd_guard.errors import NGSDError
from ngsd_guard.evaluation._contenders import Contender, ContenderName, make_screened
from ngsd_guard.evaluation._matching import (
    Conversation,
    Matched,
    Recorded,
    match,
    threshold_for,
)
from ngsd_guard.evaluation._store import Reading, Store, key_of
from ngsd_guard.evaluation.baselines import (
    Anchor,
    FixedAlpha,
    GateAlone,
    ReaderAlone,
    screen_options,
)
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


def match_ablations(
    names: Sequence[ContenderName],
    own: GateConfig,
    recorded: Recorded,
    anchored: Sequence[float] = (),
) -> Matched:
    """Return the thresholds of ablations, from what was recorded of harmless requests.

    Args:
        names: the ablations.
        own: the gate under test.
        recorded: what the gates see.
        anchored: risks that the anchor reads of the same requests; empty without it.
    """
    gates = {name: (_gate(name, own), False) for name in (*_KINDS, *_SIGNALS) if name in names}
    found = match(gates, own, recorded)
    thresholds, touched = dict(found.thresholds), dict(found.touched)
    for name, risks in (("reader-alone", recorded.risks), ("anchor", anchored)):
        if name in names:
            thresholds[name] = threshold_for(risks, min(found.num_touched, len(risks)))
            touched[name] = sum(risk >= thresholds[name] for risk in risks)
    return Matched(found.n, found.num_touched, thresholds, touched)


def anchor_risks(ours: Contender, requests: Sequence[Conversation], store: Store) -> list[float]:
    """Return the anchor's risk of each request, 0 to 10; requests that fail are left out."""
    base, anchor = ours.engine.base, Anchor(0.0)
    digests = base.weights_digest, base.tokenizer_digest, screen_options(anchor), __version__
    found = []
    for turns in requests:
        key = key_of("anchor", *digests, turns)
        reading = store.reading(key)
        if reading is None:
            try:
                reading = Reading(anchor.risk(base, turns), None)
            except NGSDError as error:
                reading = Reading(None, None, type(error).__name__)
            store.put([(key, reading)])
        found.append(reading.risk)
    return [risk for risk in found if risk is not None]


def make_ablation(name: ContenderName, ours: Contender, matched: Matched) -> Contender:
    """Return an ablation of the pair under test.

    Args:
        name: one of `ABLATION_NAMES`.
        ours: the pair under test.
        matched: thresholds.
    """
    engine, decoding = ours.engine, ours.engine.config.decoding
    if name == "anchor":
        anchor = Anchor(matched.thresholds[name])
        return make_screened(name, engine, anchor, has_own_risk=True)
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
