"""Choosing the options from recordings; no model is run here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

import torch

from ngsd_guard.calibration._design import (
    BIASES,
    Design,
    alpha_ramp,
    designs,
    quiet_ramp,
    threshold_above,
)
from ngsd_guard.calibration._quantiles import conformal_quantile, num_needed
from ngsd_guard.calibration._simulation import spike_indices
from ngsd_guard.calibration._types import Recording
from ngsd_guard.config import GateConfig, NGSDConfig, ReflectionConfig
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.pairs import MeasuredRate
from ngsd_guard.statistics import rate

_LOW_ALPHA, _HIGH_ALPHA = 0.5, 0.9  # a spike is rare on harmless text: it never guides weakly
_NUM_PARTS: Final = 3
_PATIENCE: Final = 0.9  # worth of a first spike one token later
_DISSENT: Final = 0.9  # raw current of a step that ought to be mixed
_HORIZON: Final = 16  # steps after the first spike that ought to be held

_T = TypeVar("_T")


class Rates(NamedTuple):
    """Shares of held-out requests that see an intervention."""

    intervention_rate: MeasuredRate
    """Of the benign ones."""
    recall: MeasuredRate
    """Of the harmful ones."""
    first_token_recall: MeasuredRate
    """Of the harmful ones, at the very first token."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The options chosen, and how they did on held-out recordings."""

    gate: GateConfig
    reflection: ReflectionConfig
    design: Design
    benign_peak_quantile: float
    """Conformal quantile of the benign requests' critical thresholds."""
    intervention_rate: MeasuredRate
    recall: MeasuredRate
    first_token_recall: MeasuredRate
    num_benign: tuple[int, int, int]
    num_harmful: tuple[int, int]


def check_counts(num_benign: int, num_harmful: int, budget: float) -> None:
    """Refuse a budget that so few requests cannot support.

    Raises:
        ConfigurationError: the budget is outside (0, 1), or there are too few requests.
    """
    if not 0 < budget < 1:
        raise ConfigurationError(f"budget={budget} is outside (0, 1); pass a share like 0.02")
    needed = _NUM_PARTS * num_needed(budget)
    if num_benign < max(needed, _NUM_PARTS):
        raise ConfigurationError(
            f"a budget of {budget} needs at least {max(needed, _NUM_PARTS)} benign requests, "
            f"{num_needed(budget)} in each of {_NUM_PARTS} parts, not {num_benign}; "
            "add some or raise the budget"
        )
    if num_harmful < 2:
        raise ConfigurationError(
            f"{num_harmful} harmful requests cannot be split into two halves; pass at least 2"
        )


def fit(
    benign: Sequence[Recording],
    harmful: Sequence[Recording],
    *,
    config: NGSDConfig | None = None,
    budget: float = 0.02,
    biases: Sequence[float] = BIASES,
    top_alpha: float = _HIGH_ALPHA,
    seed: int = 0,
) -> Fit:
    """Choose gate and reflection options for a budget.

    The benign recordings are split in three: the first part, with half of the harmful ones,
    chooses the design; the second sets its threshold, which is what makes the promise exact; the
    third, with the other harmful half, is only measured on.

    Args:
        benign: of ordinary traffic, in no particular order.
        harmful: of harmful requests, attacks among them.
        config: signal, tau and reflection options to keep; None for the preset `default`.
        budget: share of benign requests that may see an intervention; in (0, 1).
        biases: bias currents to try, each in [0, 1).
        top_alpha: guidance strength of a request that is surely harmful; 0.9 to 1.
        seed: of the split.

    Raises:
        ConfigurationError: there are too few recordings for the budget, the gate is no `lif`, or
            no design keeps to the budget.

    Source: spec section 6; split conformal prediction.
    """
    config = config or NGSDConfig()
    check_counts(len(benign), len(harmful), budget)
    if config.gate.kind != "lif":
        raise ConfigurationError(
            f"only the 'lif' gate can be calibrated, not {config.gate.kind!r}; change gate.kind"
        )
    start = GateConfig(signal=config.gate.signal, tau=config.gate.tau)
    if not _HIGH_ALPHA <= top_alpha <= 1:
        raise ConfigurationError(f"top_alpha={top_alpha} is outside 0.9..1")
    choosing, setting, held_out = split_benign(benign, seed)
    harmful_choosing, harmful_held_out = split_harmful(harmful, seed)

    risks = [r.risk for r in choosing], [r.risk for r in harmful_choosing]
    ramp = alpha_ramp(*risks, budget)
    ramps = list(dict.fromkeys(r for r in (ramp, quiet_ramp(*risks, budget)) if r))
    ranked = _rank(designs(biases, ramps), choosing, harmful_choosing, start, budget)
    for design in ranked:
        quantile = _peak_quantile(design, setting, start.tau, budget)
        gate = design.gate(threshold_above(quantile), start)
        if gate is not None:
            break
    else:
        raise ConfigurationError(
            f"no gate keeps to the budget of {budget}: base and expert differ as much on benign "
            "requests as they can; use an expert closer to the base, or raise the budget"
        )
    rates = measure(held_out, harmful_held_out, gate)
    return Fit(
        gate=gate,
        reflection=config.reflection.replace(
            alpha_map="linear",
            alpha_knots=tuple(
                (risk, round(_LOW_ALPHA + share * (top_alpha - _LOW_ALPHA), 6))
                for risk, share in ramp
            ),
        ),
        design=design,
        benign_peak_quantile=quantile,
        intervention_rate=rates.intervention_rate,
        recall=rates.recall,
        first_token_recall=rates.first_token_recall,
        num_benign=(len(choosing), len(setting), len(held_out)),
        num_harmful=(len(harmful_choosing), len(harmful_held_out)),
    )


def protection(recording: Recording, spikes: Sequence[int]) -> float:
    """Return how early, and how steadily, a harmful request is intervened with.

    Returns:
        0 if it never is; 1 if its first token is, and then every step soon after at which the
        models dissent.
    """
    if not spikes:
        return 0.0
    first, fired = spikes[0], set(spikes)
    soon = enumerate(recording.currents[first : first + _HORIZON], start=first)
    dissent = [step for step, current in soon if current >= _DISSENT]
    held = sum(step in fired for step in dissent) / len(dissent) if dissent else 1.0
    return float(_PATIENCE**first) * held


def _rank(
    candidates: Sequence[Design],
    benign: Sequence[Recording],
    harmful: Sequence[Recording],
    start: GateConfig,
    budget: float,
) -> list[Design]:
    """Return the usable designs, best first: by harm stopped, then by quiet on benign text."""
    ranked: list[tuple[float, float, Design]] = []
    for design in candidates:
        critical = [design.critical_threshold(recording, start.tau) for recording in benign]
        v_threshold = threshold_above(conformal_quantile(critical, budget))
        gate = design.gate(v_threshold, start)
        if gate is None:
            continue
        pairs = zip(harmful, spike_indices(harmful, gate), strict=True)
        stopped = sum(protection(*pair) for pair in pairs) / len(harmful)
        unrest = sum(min(value / v_threshold, 1.0) for value in critical) / len(critical)
        ranked.append((-round(stopped, 2), round(unrest, 3), design))
    return [design for *_, design in sorted(ranked, key=lambda entry: entry[:2])]


def _peak_quantile(
    design: Design, recordings: Sequence[Recording], tau: float, budget: float
) -> float:
    return conformal_quantile([design.critical_threshold(r, tau) for r in recordings], budget)


def split_benign(items: Sequence[_T], seed: int) -> list[list[_T]]:
    """Return the benign requests that choose, those that set, and those held out."""
    return _split(items, _NUM_PARTS, seed)


def split_harmful(items: Sequence[_T], seed: int) -> list[list[_T]]:
    """Return the harmful requests that choose, and those held out."""
    return _split(items, 2, seed)


def measure(benign: Sequence[Recording], harmful: Sequence[Recording], gate: GateConfig) -> Rates:
    """Return how a gate does on held-out requests."""
    spikes, harmful_spikes = spike_indices(benign, gate), spike_indices(harmful, gate)
    return Rates(
        measured([bool(indices) for indices in spikes]),
        measured([bool(indices) for indices in harmful_spikes]),
        measured([indices[:1] == (0,) for indices in harmful_spikes]),
    )


def measured(hits: Sequence[bool]) -> MeasuredRate:
    """Return the share of hits, with its interval."""
    share = rate(sum(hits), len(hits))
    return MeasuredRate(value=share.value, low=share.low, high=share.high, n=share.n)


def _split(items: Sequence[_T], num_parts: int, seed: int) -> list[list[_T]]:
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(items), generator=generator).tolist()
    return [[items[index] for index in order[part::num_parts]] for part in range(num_parts)]
