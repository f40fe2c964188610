"""Fitting what a guard sees in documents: instructions to the assistant, planted in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from random import Random
from typing import Final

import torch

from ngsd_guard.calibration._probe import (
    Labelled,
    Place,
    ProbeLabel,
    calibrated,
    choose_plane,
)
from ngsd_guard.config import ProbeFacet
from ngsd_guard.datasets import read_prompts
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.guard import document_windows
from ngsd_guard.protocols import HiddenStateModel
from ngsd_guard.ranking import AUROC, auroc
from ngsd_guard.risk import INJECTION_FACET, chat_states, pooled
from ngsd_guard.statistics import Rate, rate

_PARTS: Final = (0.45, 0.8, 1.0)
"""Ends of the shares that are fitted on, that choose and set the threshold, and that test."""
_BATCH: Final = 16
_NUM_DOCUMENTS: Final = 480
_POOLINGS: Final = ("last", "mean")
Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlantedDocument:
    """A document, and where in it an instruction was planted."""

    text: str
    planted: Bounds | None = None
    """Start and end in characters; None in a harmless document."""

    def windows(self) -> list[tuple[str, bool]]:
        """Return its windows that are clearly with or without the instruction, with a label."""
        found = []
        for start, end in document_windows(self.text):
            shared, least = 0, 1
            if self.planted is not None:
                shared = min(end, self.planted[1]) - max(start, self.planted[0])
                least = min(end - start, self.planted[1] - self.planted[0])
            if shared <= 0 or 2 * shared >= least:
                found.append((self.text[start:end], shared > 0))
        return found


@dataclass(frozen=True, slots=True)
class InjectionFit:
    """A facet, and how it did on documents and instructions that were held out."""

    facet: ProbeFacet
    auroc: AUROC
    recall: Rate
    """Of documents with an instruction, at score 5."""
    false_alarms: Rate
    """Of documents without one, half of them with an ordinary sentence planted, at score 5."""


def plant(
    documents: Sequence[str], instructions: Sequence[str], rng: Random
) -> list[PlantedDocument]:
    """Return each document as it is, with an instruction, and with another document's sentence.

    The third is the control: what is told apart must be the instruction, not the intrusion.
    """
    sentences = [
        text[start:end] for text in documents for start, end in document_windows(text)
    ]  # fmt: skip
    found = []
    for text in documents:
        found.append(PlantedDocument(text))
        instruction, control = rng.choice(instructions), rng.choice(sentences)
        place = rng.random()
        found.append(_with(text, instruction, place, is_instruction=True))
        found.append(_with(text, control, place, is_instruction=False))
    return found


def fit_injection(
    base: HiddenStateModel,
    documents: Sequence[str],
    instructions: Sequence[str],
    *,
    budget: float = 0.01,
    layer: int | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> InjectionFit:
    """Fit the facet `injection` of a probe: instructions to the assistant in documents.

    Documents and instructions are parted in three: one part is fitted on, one chooses and sets
    the threshold, one measures.

    Args:
        base: its hidden states are read.
        documents: harmless ones, without repetitions.
        instructions: what may be planted in them.
        budget: share of harmless documents whose score may reach 5; in (0, 1).
        layer: how many layers are run; a third of them if None.
        seed: of the draws.
        on_progress: called with the number of windows read, and their total.

    Raises:
        ConfigurationError: there are too few documents for the budget.

    Source: spec section 2, "Reading risk without asking".
    """
    rng = Random(seed)
    documents = rng.sample(list(documents), min(len(documents), _NUM_DOCUMENTS))
    instructions = rng.sample(list(instructions), len(instructions))
    parts = [
        plant(some, orders, rng)
        for some, orders in zip(_parted(documents), _parted(instructions), strict=True)
    ]
    layer = layer or max(1, round(base.num_layers / 3))
    labelled = [[document.windows() for document in part] for part in parts]
    texts = {text: None for part in labelled for windows in part for text, _ in windows}
    states = _read(base, list(texts), layer, on_progress)
    row_of = {text: row for row, text in enumerate(texts)}
    train, choosing, testing = (_labelled(part, states, row_of) for part in labelled)
    plane, _ = choose_plane(train[0], choosing[0])
    (facet,) = calibrated(
        {INJECTION_FACET: plane}, choosing[0], budget=budget, documents=choosing[1]
    )
    weights = torch.tensor(facet.weights, dtype=torch.float64)
    place = Place(facet.layer, facet.pooling)
    scores = testing[0].states[place].double() @ weights + facet.intercept
    worst: dict[int, float] = {}
    for owner, score in zip(testing[1], scores.tolist(), strict=True):
        worst[owner] = max(worst.get(owner, score), score)
    planted = [worst[i] for i, d in enumerate(parts[2]) if i in worst and d.planted]
    calm = [worst[i] for i, d in enumerate(parts[2]) if i in worst and not d.planted]
    area = auroc(planted, calm)
    return InjectionFit(
        facet.replace(auroc=(round(area.value, 4), round(area.low, 4), round(area.high, 4))),
        area,
        rate(sum(score >= 0 for score in planted), len(planted)),
        rate(sum(score >= 0 for score in calm), len(calm)),
    )


def starter_documents() -> list[str]:
    """Return the harmless documents in the package."""
    return _starter("documents")


def starter_injections() -> list[str]:
    """Return the instructions in the package that may be planted."""
    return _starter("injections")


def _starter(name: str) -> list[str]:
    with as_file(files("ngsd_guard") / "assets" / "starter" / f"{name}.jsonl") as path:
        return [row.prompt for row in read_prompts(Path(path))]


def _with(text: str, sentence: str, place: float, *, is_instruction: bool) -> PlantedDocument:
    """Put a sentence between two of a document, or at its end."""
    ends = sorted({0, len(text), *(end for _, end in document_windows(text))})
    at = ends[int(place * len(ends))]
    joint = "\n" if "\n" in text else " "
    before, after = (text[:at] + joint if at else ""), (joint + text[at:].lstrip())
    planted = (len(before), len(before) + len(sentence)) if is_instruction else None
    return PlantedDocument((before + sentence + after).rstrip(), planted)


def _parted(items: Sequence[str]) -> list[Sequence[str]]:
    ends = [int(share * len(items)) for share in _PARTS]
    parts = [items[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    if min(map(len, parts)) < 1:
        raise ConfigurationError(
            f"{len(items)} documents or instructions are too few for three parts; add some"
        )
    return parts


def _read(
    base: HiddenStateModel,
    texts: Sequence[str],
    layer: int,
    on_progress: Callable[[int, int], None] | None,
) -> dict[Place, torch.Tensor]:
    """Return the pooled states of each text, [texts, hidden], by place."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    rows: dict[Place, list[torch.Tensor]] = {Place(layer, pooling): [] for pooling in _POOLINGS}
    for start in range(0, len(order), _BATCH):
        batch = [texts[index] for index in order[start : start + _BATCH]]
        states, num_common = chat_states(base, batch, layer)
        for place, kept in rows.items():
            kept.append(pooled(states, place.pooling, num_common))
        if on_progress is not None:
            on_progress(start + len(batch), len(order))
    back = torch.tensor(order).argsort()
    return {place: torch.cat(kept)[back] for place, kept in rows.items()}


def _labelled(
    part: Sequence[Sequence[tuple[str, bool]]],
    states: dict[Place, torch.Tensor],
    row_of: dict[str, int],
) -> tuple[Labelled, list[int]]:
    """Return the windows of a part, and which document each belongs to."""
    rows, labels, owners = list[int](), list[ProbeLabel](), list[int]()
    for owner, windows in enumerate(part):
        for text, is_planted in windows:
            rows.append(row_of[text])
            labels.append(ProbeLabel(is_planted, request=str(owner)))
            owners.append(owner)
    index = torch.tensor(rows, dtype=torch.long)
    return Labelled({place: all_[index] for place, all_ in states.items()}, labels), owners
