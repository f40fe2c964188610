"""Calibration of a pair, from the models to the artifact."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any, Final

from ngsd_guard._version import __version__
from ngsd_guard.calibration._design import BIASES
from ngsd_guard.calibration._fit import check_counts, fit
from ngsd_guard.calibration._recording import record
from ngsd_guard.engine import Engine
from ngsd_guard.pairs import Calibration, ModelIdentity
from ngsd_guard.protocols import LanguageModel

_METHOD: Final = (
    "Split conformal. Currents are recorded along the base's own greedy answers. One third of the "
    "benign requests and half of the harmful ones choose bias, first current and ramp of the "
    "initial potential; v_threshold is just above the conformal quantile, on the second third, of "
    "the highest threshold at which each request would be intervened with; the rates are those of "
    "the remaining requests, with 95 % Wilson intervals."
)
_LIBRARIES: Final = ("torch", "transformers")


def calibrate(
    engine: Engine,
    benign: Sequence[Sequence[Mapping[str, Any]]],
    harmful: Sequence[Sequence[Mapping[str, Any]]],
    *,
    budget: float = 0.02,
    max_new_tokens: int = 64,
    biases: Sequence[float] = BIASES,
    seed: int = 0,
    name: str | None = None,
    created: date | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Calibration:
    """Choose a pair's gate and reflection options for a declared budget.

    For benign requests like those given, at most the share `budget` sees an intervention within
    `max_new_tokens` of a greedy answer, on average over draws of the calibration requests and
    whatever the models. On harmful requests only the gate is measured; an evaluation must show
    whether their answers become refusals.

    Args:
        engine: the pair; its signal, tau and reflection options are kept. It is not changed.
        benign: conversations from ordinary traffic, without duplicates.
        harmful: conversations that ask for harm, including attacks.
        budget: share of benign requests that may see an intervention; in (0, 1).
        max_new_tokens: length of the recorded answers, in tokens.
        biases: bias currents to try, each in [0, 1).
        seed: seed of the split into parts.
        name: name of the calibration in the audit log; None for the base's name and the date.
        created: date of the artifact; None for today, in UTC.
        on_progress: called with the number of conversations done and their total.

    Raises:
        ConfigurationError: there are too few requests for the budget, the gate is not `lif`, or no
            design meets the budget.
        InvalidRequestError: the messages of a conversation are wrong.
        ContextOverflowError: a conversation does not fit the context.
    """
    check_counts(len(benign), len(harmful), budget)
    created = created or datetime.now(UTC).date()
    recordings = record(
        engine, [*benign, *harmful], max_new_tokens=max_new_tokens, on_progress=on_progress
    )
    fitted = fit(
        recordings[: len(benign)],
        recordings[len(benign) :],
        config=engine.config,
        budget=budget,
        biases=biases,
        seed=seed,
    )
    return Calibration(
        name=name or f"{engine.base.name} {created.isoformat()}",
        created=created,
        base=_identify(engine.base),
        expert=_identify(engine.expert),
        gate=fitted.gate,
        reflection=fitted.reflection,
        budget=budget,
        method=_METHOD,
        seed=seed,
        max_new_tokens=max_new_tokens,
        num_benign=fitted.num_benign,
        num_harmful=fitted.num_harmful,
        benign_peak_quantile=fitted.benign_peak_quantile,
        intervention_rate=fitted.intervention_rate,
        recall=fitted.recall,
        first_token_recall=fitted.first_token_recall,
        library_versions={"ngsd-guard": __version__} | {lib: version(lib) for lib in _LIBRARIES},
    )


def _identify(model: LanguageModel) -> ModelIdentity:
    return ModelIdentity(name=model.name, weights_digest=model.weights_digest)
