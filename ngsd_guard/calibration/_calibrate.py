"""Calibration of a pair, from its models to the artifact."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal

from ngsd_guard._version import __version__
from ngsd_guard.calibration._design import BIASES
from ngsd_guard.calibration._evidence import gather_evidence
from ngsd_guard.calibration._fit import check_counts
from ngsd_guard.calibration._reader import FitOptions, ReaderFit, fit_best
from ngsd_guard.calibration._recording import Recorder, rubric_risks
from ngsd_guard.calibration._store import RecordingStore
from ngsd_guard.calibration._types import Conversation, LabelledRequest
from ngsd_guard.engine import Engine
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.pairs import Calibration, ModelIdentity
from ngsd_guard.protocols import LanguageModel

ReaderChoice = Literal["auto", "rubric", "expert"]
_METHOD: Final = (
    "Split conformal. Currents are recorded along the base's own greedy answers. One third of the "
    "benign requests and half of the harmful ones choose bias, first current and ramp of the "
    "initial potential; v_threshold is just above the conformal quantile, on the second third, of "
    "the highest threshold at which each request would be intervened with; the rates are those of "
    "the remaining requests, with 95 % Wilson intervals."
)
_EXPERT_METHOD: Final = (
    " The expert's reading is a ridge logistic regression with balanced classes on the requests "
    "that choose; it is shifted so that risk 5 is just above the conformal quantile of the second "
    "third at the rail's budget. Areas have 95 % DeLong intervals."
)
_LIBRARIES: Final = ("torch", "transformers")


def calibrate(
    engine: Engine,
    benign: Sequence[Conversation | LabelledRequest],
    harmful: Sequence[Conversation | LabelledRequest],
    *,
    budget: float = 0.02,
    reader: ReaderChoice | None = None,
    rail_budget: float = 0.01,
    max_new_tokens: int = 64,
    max_prompt_tokens: int | None = None,
    biases: Sequence[float] = BIASES,
    top_alpha: float = 0.9,
    batch_size: int = 8,
    seed: int = 0,
    name: str | None = None,
    created: date | None = None,
    recordings: str | Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_fit: Callable[[ReaderFit], None] | None = None,
) -> Calibration:
    """Choose gate and reflection options for a pair, to a declared budget.

    The budget is kept, whatever the models, for benign requests like those given: at most that
    share of them sees an intervention within `max_new_tokens` of a greedy answer, on average over
    draws of the calibration requests. What is measured on harmful requests is the gate alone;
    whether their answers become refusals is for an evaluation to say.

    Args:
        engine: the pair; its signal, tau and reflection options are kept. It is left as it is.
        benign: ordinary traffic, without repetitions; wrapped and prefilled requests among it, if
            there are any among `harmful`.
        harmful: requests that ask for harm, attacks among them.
        budget: share of benign requests that may see an intervention; in (0, 1).
        reader: what reads the risk; `auto` for the one that ranks the choosing requests better;
            None for the engine's own.
        rail_budget: share of benign requests whose risk may reach 5, with the reader `expert`; in
            (0, 1). Raised where there are too few requests to promise it.
        max_new_tokens: length of the recorded answers, in tokens.
        max_prompt_tokens: longer prompts lose the middle of their longest turn; None for what the
            context leaves.
        biases: bias currents to try, each in [0, 1).
        top_alpha: guidance strength of a request that is surely harmful; 0.9 to 1.
        batch_size: conversations answered side by side.
        seed: of the split into parts.
        name: what the audit log calls the result; None for the base's name and the date.
        created: date of the artifact; None for today, in UTC.
        recordings: file in which recordings are looked up and kept, so that an interrupted run
            goes on; None keeps none.
        on_progress: called with the number of conversations done, and their total.
        on_fit: called with the fit and its recordings, for `budget_costs`.

    Raises:
        ConfigurationError: there are too few requests for the budget, an option is wrong, the gate
            is not a `lif`, or no design keeps to the budget.
        InvalidRequestError: the messages of a conversation are wrong.

    Source: spec section 6.
    """
    check_counts(len(benign), len(harmful), budget)
    if not 0 < rail_budget < 1:
        raise ConfigurationError(f"rail_budget={rail_budget} is outside (0, 1); pass 0.01")
    labelled = [[_labelled(item) for item in part] for part in (benign, harmful)]
    chosen = reader or engine.config.reflection.reader
    recorder = Recorder(
        engine,
        reader="rubric" if chosen == "rubric" else "expert",
        max_new_tokens=max_new_tokens,
        max_prompt_tokens=max_prompt_tokens,
        batch_size=batch_size,
        store=RecordingStore(None if recordings is None else Path(recordings)),
    )
    talks = [request.messages for part in labelled for request in part]
    found = recorder.record(talks, on_progress)
    rubric = rubric_risks(engine, talks, batch_size=batch_size) if chosen == "auto" else None
    used, fitted, compared = fit_best(
        found[: len(benign)],
        found[len(benign) :],
        rubric or [],
        engine.config,
        FitOptions(budget, rail_budget, tuple(biases), top_alpha, seed),
    )
    if on_fit is not None:
        on_fit(fitted)
    created = created or datetime.now(UTC).date()
    return Calibration(
        name=name or f"{engine.base.name} {created.isoformat()}",
        created=created,
        base=_identify(engine.base),
        expert=_identify(engine.expert),
        gate=fitted.fit.gate,
        reflection=fitted.fit.reflection,
        budget=budget,
        method=_METHOD + (_EXPERT_METHOD if used == "expert" else ""),
        seed=seed,
        max_new_tokens=max_new_tokens,
        num_benign=fitted.fit.num_benign,
        num_harmful=fitted.fit.num_harmful,
        benign_peak_quantile=fitted.fit.benign_peak_quantile,
        intervention_rate=fitted.fit.intervention_rate,
        recall=fitted.fit.recall,
        first_token_recall=fitted.fit.first_token_recall,
        library_versions={"ngsd-guard": __version__} | {lib: version(lib) for lib in _LIBRARIES},
        evidence=gather_evidence(fitted, *labelled, reader=used, compared=compared, seed=seed),
        num_cut=recorder.num_cut,
        prompt_hashes=_hashes([*labelled[0], *labelled[1]]),
    )


def _hashes(requests: Sequence[LabelledRequest]) -> tuple[str, ...] | None:
    found = {request.prompt_hash for request in requests if request.prompt_hash is not None}
    return tuple(sorted(found)) or None


def _labelled(item: Conversation | LabelledRequest) -> LabelledRequest:
    return item if isinstance(item, LabelledRequest) else LabelledRequest(item)


def _identify(model: LanguageModel) -> ModelIdentity:
    return ModelIdentity(name=model.name, weights_digest=model.weights_digest)
