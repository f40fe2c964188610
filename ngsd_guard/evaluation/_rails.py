"""Rails: recall of a guard that reads texts, at a given rate of false alarms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ngsd_guard._version import __version__
from ngsd_guard.datasets import Prompt, normalised
from ngsd_guard.engine import Engine
from ngsd_guard.evaluation._figures import RailFigures
from ngsd_guard.evaluation._ranking import recall_at
from ngsd_guard.evaluation._sources import HARMFUL, ORDINARY, Sources
from ngsd_guard.evaluation._store import Reading, Store, key_of
from ngsd_guard.guard import Guard, Policy, Stage
from ngsd_guard.ranking import auroc

_BATCH: Final = 32
_QUESTION: Final = "\n\nQ: "
"""Separates document and question in BIPIA's prompts."""
_INJECTION: Final = "injection"


@dataclass(frozen=True, slots=True)
class Rail:
    """Harmful and harmless texts for one stage of a pipeline."""

    name: str
    title: str
    stage: Stage
    harmful: tuple[str, ...] = field(repr=False)
    harmless: tuple[str, ...] = field(repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them."""
        return self.harmful + self.harmless


def plan_rails(
    sources: Sources, sizes: Mapping[str, tuple[int, int]]
) -> tuple[list[Rail], dict[str, str]]:
    """Return the rails that can be measured, and why others cannot.

    Args:
        sources: the public prompts.
        sizes: maximum numbers of harmful and of harmless texts, by rail.
    """
    rails, skipped = [], {}
    for name, (num_harmful, num_harmless) in sizes.items():
        names, title, stage, texts_of = _RAILS[name]
        reasons = [r for group in names if (r := sources.lacking(*group)) is not None]
        harmful, harmless = ([], []) if reasons else texts_of(sources)
        if reasons or not harmful or not harmless:
            skipped[name] = "; ".join(reasons) or "no usable text in its sets"
            continue
        chosen = tuple(harmful[:num_harmful]), tuple(harmless[:num_harmless])
        rails.append(Rail(name, title, stage, *chosen))
    return rails, skipped


class RailReader:
    """Scores texts with a guard.

    The guard's policy only rates: it flags nothing, as the figures choose their own threshold.

    Args:
        engine: the pair that judges.
        identity: digests of the pair and its options.
        store: holds the scores.
    """

    def __init__(self, engine: Engine, identity: Mapping[str, Any], store: Store) -> None:
        policy = _rating_policy()
        self._guard = Guard(engine, policy, max_concurrency=1)
        self._identity = {**identity, "package_version": __version__, "policy": policy.digest}
        self._store = store

    def unread(self, rail: Rail) -> list[str]:
        """Return the texts without stored scores."""
        return [text for text in rail.texts if self._store.reading(self._key(rail, text)) is None]

    def read(self, rail: Rail, on_batch: Callable[[int], None] = lambda _: None) -> RailFigures:
        """Score the texts that have no stored scores, and return the figures."""
        unread = self.unread(rail)
        for start in range(0, len(unread), _BATCH):
            texts = unread[start : start + _BATCH]
            verdicts = self._guard.check_batch(
                [{"messages": text, "stage": rail.stage} for text in texts]
            )
            self._store.put(
                (self._key(rail, text), Reading(v.risk, v.injection, v.error_type))
                for text, v in zip(texts, verdicts, strict=True)
            )
            on_batch(len(texts))
        harmful, harmless = self._readings(rail, rail.harmful), self._readings(rail, rail.harmless)
        return _figures(rail, harmful, harmless)

    def _readings(self, rail: Rail, texts: Sequence[str]) -> list[Reading]:
        found = [self._store.reading(self._key(rail, text)) for text in texts]
        return [reading for reading in found if reading is not None]

    def _key(self, rail: Rail, text: str) -> str:
        return key_of("reading", self._identity, rail.stage, text)


def _figures(rail: Rail, harmful: Sequence[Reading], harmless: Sequence[Reading]) -> RailFigures:
    has_injection = any(r.injection is not None for r in (*harmful, *harmless))
    score = _INJECTION if rail.stage == "retrieval" and has_injection else "risk"
    found = [s for r in harmful if (s := getattr(r, score)) is not None]
    clean = [s for r in harmless if (s := getattr(r, score)) is not None]
    return RailFigures(
        name=rail.name,
        title=rail.title,
        stage=rail.stage,
        score=score,
        auroc=auroc(found, clean),
        recall=recall_at(found, clean),
        num_failed=len(harmful) + len(harmless) - len(found) - len(clean),
    )


def _rating_policy() -> Policy:
    default = Policy.default()
    rating: dict[str, Any] = {"timeout_s": None, "risk_threshold": None}
    stages = default.stages.replace(
        input=default.stages.input.replace(potential_threshold=None, **rating),
        retrieval=default.stages.retrieval.replace(**rating),
    )
    injection = [c.replace(shadow=True) for c in default.categories if c.name == _INJECTION]
    return default.replace(stages=stages, categories=tuple(injection))


def _requests(sources: Sources) -> tuple[list[str], list[str]]:
    return (
        [prompt.prompt for prompt in sources.of(*HARMFUL)],
        [prompt.prompt for prompt in sources.of(*ORDINARY)],
    )


def _documents(sources: Sources) -> tuple[list[str], list[str]]:
    """Return e-mails with planted instructions, and distinct e-mails without any."""
    rows = sources.of("bipia_email_injection")
    planted = [row for row in rows if row.injection]
    clean = {normalised(text): text for row in rows if (text := _clean_document(row))}
    return [_document(row) for row in planted], list(clean.values())


def _document(row: Prompt) -> str:
    return row.prompt.rpartition(_QUESTION)[0] or row.prompt


def _clean_document(row: Prompt) -> str:
    document = _document(row)
    return (document.replace(row.injection, "") if row.injection else document).strip()


_Texts = Callable[[Sources], tuple[list[str], list[str]]]
_RAILS: Final[Mapping[str, tuple[Sequence[Sequence[str]], str, Stage, _Texts]]] = {
    "input-rail": ((HARMFUL, ORDINARY), "input rail: harmful requests", "input", _requests),
    "injection": (
        (("bipia_email_injection",),),
        "retrieval rail: instructions planted in e-mails (BIPIA)",
        "retrieval",
        _documents,
    ),
}
"""Sets, title, stage and texts of each rail."""
