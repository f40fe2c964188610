"""Choosing and fitting what reads the risk, together with the gate."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ngsd_guard.calibration._design import BIASES
from ngsd_guard.calibration._fit import Fit, fit, measure, split_benign, split_harmful
from ngsd_guard.calibration._reading import (
    fit_reading,
    logits_of,
    rail_shift,
    risk_of_logit,
    shifted_knots,
)
from ngsd_guard.calibration._types import ReaderName, Recording
from ngsd_guard.config import ExpertReading, NGSDConfig
from ngsd_guard.ranking import auroc
from ngsd_guard.risk import ExpertFeatures


@dataclass(frozen=True, slots=True)
class ReaderFit:
    """Gate and reflection options, and what they make of every request."""

    fit: Fit
    benign: list[Recording]
    """With the risks that the fitted reader gives; in the order they came in."""
    harmful: list[Recording]
    rail_budget: float | None
    """Share of benign requests whose risk may reach 5; None where risks were not shifted."""


@dataclass(frozen=True, slots=True)
class FitOptions:
    """Options of a fit, besides the recordings."""

    budget: float
    """Share of benign requests that may see an intervention; in (0, 1)."""
    rail_budget: float = 0.01
    """Share of benign requests whose risk may reach 5; in (0, 1)."""
    biases: tuple[float, ...] = BIASES
    """Bias currents to try, each in [0, 1)."""
    top_alpha: float = 0.9
    """Guidance strength of a request that is surely harmful; 0.9 to 1."""
    seed: int = 0
    """Of the split into parts."""


def fit_best(
    benign: Sequence[Recording],
    harmful: Sequence[Recording],
    rubric: Sequence[float],
    config: NGSDConfig,
    options: FitOptions,
) -> tuple[ReaderName, ReaderFit, dict[ReaderName, float]]:
    """Fit the reader that ranks the requests that choose better.

    Args:
        benign: with features, with risks that the base rated, or with both.
        harmful: likewise.
        rubric: what the base rated the benign and then the harmful ones with, beside their
            features; empty where it was not asked beside them.
        config: signal, tau and reflection options to keep.
        options: budgets and seed.

    Returns:
        The reader, its fit, and the AUROC of each reader that was tried.
    """
    rated_benign, rated_harmful = list(benign), list(harmful)
    compared: dict[ReaderName, float] = {}
    if rubric:
        rated_benign = _rated(benign, rubric[: len(benign)])
        rated_harmful = _rated(harmful, rubric[len(benign) :])
    has_features = benign[0].features is not None
    if has_features:
        reading = _fit_choosing(benign, harmful, config.reflection.expert, options.seed)
        compared["expert"] = _choosing_auroc(
            _with_risks(benign, reading), _with_risks(harmful, reading), options.seed
        )
    if rubric or not has_features:
        compared["rubric"] = _choosing_auroc(rated_benign, rated_harmful, options.seed)
    best = max(compared, key=compared.__getitem__)
    fitted = (
        fit_expert(benign, harmful, config, options)
        if best == "expert"
        else fit_rubric(rated_benign, rated_harmful, config, options)
    )
    return best, fitted, compared


def fit_rubric(
    benign: Sequence[Recording],
    harmful: Sequence[Recording],
    config: NGSDConfig,
    options: FitOptions,
) -> ReaderFit:
    """Fit the gate and the alpha map to risks as the base rates them."""
    config = config.replace(reflection=config.reflection.replace(reader="rubric"))
    return ReaderFit(_fit_gate(benign, harmful, config, options), list(benign), list(harmful), None)


def fit_expert(
    benign: Sequence[Recording],
    harmful: Sequence[Recording],
    config: NGSDConfig,
    options: FitOptions,
) -> ReaderFit:
    """Fit the expert's reading, then gate and alpha map, then shift risks to the rail's budget.

    The reading is fitted on the requests that choose. Gate and alpha map are fitted on the risks
    as they are then, so that their promise stays what it is; the shift, from the benign requests
    that set, moves the risks and the knots of both maps alike.
    """
    seed = options.seed
    reading = _fit_choosing(benign, harmful, config.reflection.expert, seed)
    config = config.replace(reflection=config.reflection.replace(reader="expert", expert=reading))
    fitted = _fit_gate(_with_risks(benign, reading), _with_risks(harmful, reading), config, options)
    _, setting, _ = split_benign(benign, seed)
    shift, kept_budget = rail_shift(_logits(setting, reading), options.rail_budget)
    shifted = reading.replace(intercept=round(reading.intercept + shift, 6))
    after, harmful_after = _with_risks(benign, shifted), _with_risks(harmful, shifted)
    gate = fitted.gate.replace(
        initial_potential_knots=shifted_knots(fitted.gate.initial_potential_knots, shift)
    )
    reflection = fitted.reflection.replace(
        expert=shifted, alpha_knots=shifted_knots(fitted.reflection.alpha_knots, shift)
    )
    rates = measure(split_benign(after, seed)[-1], split_harmful(harmful_after, seed)[-1], gate)
    return ReaderFit(
        replace(
            fitted,
            gate=gate,
            reflection=reflection,
            design=replace(fitted.design, ramp=shifted_knots(fitted.design.ramp, shift)),
            intervention_rate=rates.intervention_rate,
            recall=rates.recall,
            first_token_recall=rates.first_token_recall,
        ),
        after,
        harmful_after,
        kept_budget,
    )


def _fit_gate(
    benign: Sequence[Recording],
    harmful: Sequence[Recording],
    config: NGSDConfig,
    options: FitOptions,
) -> Fit:
    return fit(
        benign,
        harmful,
        config=config,
        budget=options.budget,
        biases=options.biases,
        top_alpha=options.top_alpha,
        seed=options.seed,
    )


def _fit_choosing(
    benign: Sequence[Recording], harmful: Sequence[Recording], start: ExpertReading, seed: int
) -> ExpertReading:
    """Fit the expert's reading on the requests that choose."""
    return fit_reading(
        _features(split_benign(benign, seed)[0]), _features(split_harmful(harmful, seed)[0]), start
    )


def _choosing_auroc(benign: Sequence[Recording], harmful: Sequence[Recording], seed: int) -> float:
    """Return how well the risks rank the requests that choose."""
    return auroc(
        [recording.risk for recording in split_harmful(harmful, seed)[0]],
        [recording.risk for recording in split_benign(benign, seed)[0]],
    ).value


def _logits(recordings: Sequence[Recording], reading: ExpertReading) -> list[float]:
    return logits_of(_features(recordings), reading)


def _features(recordings: Sequence[Recording]) -> list[ExpertFeatures]:
    return [r.features for r in recordings if r.features is not None]


def _rated(recordings: Sequence[Recording], risks: Sequence[float]) -> list[Recording]:
    return [replace(r, risk=risk) for r, risk in zip(recordings, risks, strict=True)]


def _with_risks(recordings: Sequence[Recording], reading: ExpertReading) -> list[Recording]:
    logits = _logits(recordings, reading)
    return [
        replace(recording, risk=round(risk_of_logit(logit), 4))
        for recording, logit in zip(recordings, logits, strict=True)
    ]
