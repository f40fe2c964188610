"""Thresholds at which other gates touch as many harmless requests as the pair under test."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch

from ngsd_guard.config import GateConfig, SignalName
from ngsd_guard.engine import Engine
from ngsd_guard.errors import NGSDError
from ngsd_guard.evaluation._sources import ORDINARY, Sources, is_short
from ngsd_guard.evaluation._store import Answer, Store, key_of
from ngsd_guard.evaluation._wrappings import PLACEHOLDER, in_template, user
from ngsd_guard.evaluation.baselines import GateAlone
from ngsd_guard.gate import make_gate
from ngsd_guard.types import Message

_SILENT: Final = 1e9
"""A threshold that no gate reaches."""
_BATCH: Final = 16
_ABOVE: Final = 1.001
_LEAST: Final = 1e-6

Conversation = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a gate would see along the base's own answers."""

    currents: Mapping[str, Sequence[Sequence[float]]]
    """By signal: for each request, the current at each token."""
    risks: Sequence[float]
    """Of each request, 0 to 10."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Gates brought to one intervention rate, on requests that no row uses."""

    n: int
    """Harmless requests, half of them in jailbreak templates."""
    num_touched: int
    """Of them, those in which the gate under test fires."""
    thresholds: Mapping[str, float]
    """By contender."""
    touched: Mapping[str, int]
    """By contender: as many as `num_touched`, or fewer where requests tie."""


def matching_requests(sources: Sources, used: Collection[str], size: int) -> list[Conversation]:
    """Return harmless requests that no row uses, every second one in a jailbreak template.

    Args:
        sources: the public prompts.
        used: ids of the prompts of all rows.
        size: number of requests.
    """
    ordinary = sources.of(*ORDINARY, keep=lambda p: is_short(p) and p.id not in used)[-size:]
    templates = sources.of(
        "selfreminder_jailbreak_templates", keep=lambda p: PLACEHOLDER in p.prompt
    )
    found = []
    for index, prompt in enumerate(ordinary):
        text = prompt.prompt
        if index % 2 and templates:
            text = in_template(templates[index // 2 % len(templates)].prompt, text)
        found.append(user(text))
    return found


def record(
    ours: Engine,
    identity: Mapping[str, Any],
    requests: Sequence[Conversation],
    signals: Sequence[SignalName],
    max_new_tokens: int,
    store: Store,
) -> Recorded:
    """Record currents along the base's own answers, under a gate that does not fire.

    Requests that fail are left out.
    """
    by_signal = {
        signal: _recorded(ours, identity, requests, signal, max_new_tokens, store)
        for signal in signals
    }
    kept = [i for i in range(len(requests)) if all(by_signal[s][i].potentials for s in signals)]
    first = by_signal[signals[0]]
    return Recorded(
        {s: [tuple(by_signal[s][i].potentials) for i in kept] for s in signals},
        [first[i].risk or 0.0 for i in kept],
    )


def _recorded(
    ours: Engine,
    identity: Mapping[str, Any],
    requests: Sequence[Conversation],
    signal: SignalName,
    max_new_tokens: int,
    store: Store,
) -> list[Answer]:
    gate = make_gate(GateConfig(signal=signal, v_threshold=_SILENT))
    engine = Engine(ours.pair, steering=GateAlone(gate, ours.config.decoding))
    keys = [key_of("currents", dict(identity), signal, turns, max_new_tokens) for turns in requests]
    missing = [i for i, key in enumerate(keys) if store.answer(key) is None]
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        generations = engine.generate_batch(
            [requests[i] for i in batch],
            max_new_tokens=max_new_tokens,
            trace=True,
            return_exceptions=True,
        )
        store.put((keys[i], _as_answer(g)) for i, g in zip(batch, generations, strict=True))
    return [answer for key in keys if (answer := store.answer(key)) is not None]


def _as_answer(generation: Any) -> Answer:
    if isinstance(generation, NGSDError):
        return Answer("failed", type(generation).__name__)
    currents = tuple(step.current for step in generation.steps or ())
    return Answer("answered", risk=generation.risk, potentials=currents)


def critical_thresholds(
    config: GateConfig, currents: Sequence[Sequence[float]], risks: Sequence[float] = ()
) -> list[float]:
    """Return, for each request, the highest threshold at which the gate fires at least once.

    Up to the first time a gate fires, nothing is reset and the answer is the base's own, so that
    the potentials of a silent gate decide.

    Args:
        config: the gate.
        currents: for each request, the current at each token.
        risks: of each request, which the gate starts at; empty for gates that start at rest.
    """
    gate = make_gate(config.replace(v_threshold=_SILENT))
    needed = config.persistence if config.kind in ("debounce", "ewma") else 1
    found = []
    for index, trace in enumerate(currents):
        potential = gate.initial_potential(risks[index]) if risks else None
        state = gate.initial_state(1, initial_potential=potential)
        potentials = []
        for current in trace:
            state, _ = gate.step(state, torch.tensor([current]))
            potentials.append(float(state.charged_potential))
        runs = [min(potentials[i : i + needed]) for i in range(len(potentials) - needed + 1)]
        found.append(max(runs, default=0.0))
    return found


def threshold_for(criticals: Sequence[float], num_touched: int) -> float:
    """Return a threshold that fires in so many requests, or in fewer where they tie.

    Args:
        criticals: of each request; a gate fires where its threshold is not above.
        num_touched: requests that are to be touched.
    """
    ordered = [math.inf, *sorted(criticals, reverse=True), 0.0]
    above, below = ordered[num_touched], ordered[num_touched + 1]
    middle = below * _ABOVE if math.isinf(above) else (above + below) / 2
    if middle <= below:  # a tie
        middle = below * _ABOVE
    return max(middle, _LEAST)


def match(
    gates: Mapping[str, tuple[GateConfig, bool]], own: GateConfig, recorded: Recorded
) -> Matched:
    """Bring gates to the intervention rate of the gate under test.

    Args:
        gates: by contender: its gate, and whether it starts at the risk.
        own: the gate under test.
        recorded: what the gates see.
    """
    own_criticals = critical_thresholds(own, recorded.currents[own.signal], recorded.risks)
    num_touched = sum(critical >= own.v_threshold for critical in own_criticals)
    thresholds, touched = {}, {}
    for name, (config, starts_at_risk) in gates.items():
        risks = recorded.risks if starts_at_risk else ()
        criticals = critical_thresholds(config, recorded.currents[config.signal], risks)
        thresholds[name] = threshold_for(criticals, num_touched)
        touched[name] = sum(critical >= thresholds[name] for critical in criticals)
    return Matched(len(own_criticals), num_touched, thresholds, touched)
