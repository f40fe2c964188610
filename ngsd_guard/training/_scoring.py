"""How far base and expert part before the first token: what validation and mining look at."""

from collections.abc import Sequence
from random import Random
from typing import Any

import torch
from torch import Tensor

from ngsd_guard.training._clothes import Clothes
from ngsd_guard.training._documents import Document, DocumentMaker, PoolName
from ngsd_guard.training._objective import hidden_logits
from ngsd_guard.training._packing import Batch
from ngsd_guard.training._recipe import ExpertRecipe
from ngsd_guard.training._requests import TrainingData, Wrapping
from ngsd_guard.training._sampling import sample_beginnings

_FALSE_ALARMS = 0.02


@torch.no_grad()
def token_tv(
    student: Any, base: Any, contexts: Sequence[Sequence[int]], *, batch_size: int = 32
) -> list[float]:
    """Return the total variation between base and expert after each context, in 0..1."""
    order = sorted(range(len(contexts)), key=lambda i: len(contexts[i]))
    found = [0.0] * len(contexts)
    for start in range(0, len(order), batch_size):
        indices = order[start : start + batch_size]
        batch, chosen = _rows_of([contexts[i] for i in indices])
        expert_probs = hidden_logits(student, batch, chosen).softmax(dim=-1)
        base_probs = hidden_logits(base, batch, chosen).softmax(dim=-1)
        distances = 0.5 * (expert_probs - base_probs).abs().sum(dim=-1)  # [contexts]
        for i, distance in zip(indices, distances.tolist(), strict=True):
            found[i] = distance
    return found


def _rows_of(contexts: Sequence[Sequence[int]]) -> tuple[Batch, Tensor]:
    longest = max(map(len, contexts))
    shape = (len(contexts), longest)
    input_ids = torch.zeros(shape, dtype=torch.long)
    chosen = torch.zeros(shape, dtype=torch.bool)
    for row, context in enumerate(contexts):
        input_ids[row, : len(context)] = torch.tensor(context)
        chosen[row, len(context) - 1] = True
    mask = torch.ones(longest, longest, dtype=torch.bool).tril().expand(len(contexts), 1, -1, -1)
    positions = torch.arange(longest).expand(shape)
    return Batch(input_ids, positions, mask, torch.zeros(shape), torch.zeros_like(chosen)), chosen


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    """Return the probability that a positive scores higher than a negative; ties count half."""
    wins = sum((p > n) + 0.5 * (p == n) for p in positives for n in negatives)
    return wins / (len(positives) * len(negatives))


def validate(
    student: Any,
    base: Any,
    data: TrainingData,
    held_out: Sequence[Wrapping],
    tokenizer: Any,
    recipe: ExpertRecipe,
) -> dict[str, dict[str, float]]:
    """Return figures of the first token on the calibration split, by kind of clothes.

    Each row has the harmful requests and their control, harmless ones in the same clothes:
    AUROC, recall at a threshold that 2 % of the plain ordinary requests exceed, and the share of
    the controls over it.
    """
    rng = Random(f"{recipe.seed}:validation")
    maker = DocumentMaker(data, tokenizer, recipe)
    kinds: dict[str, list[Clothes]] = {
        "plain": [Clothes()],
        "wrapped": [Clothes(wrapping=w) for w in maker.wrappings],
        "held-out wrapping": [Clothes(wrapping=w) for w in held_out],
        "stub": [Clothes(start="stub")],
        "sampled start": [Clothes(start="sampled")],
    }
    documents: list[Document] = []
    keys: list[tuple[str, str]] = []
    for kind, clothes in kinds.items():
        names: list[PoolName] = ["harmful", "benign"]
        if kind == "plain":
            names.append("lookalikes")
        for name in names:
            pool = getattr(data, name)
            for number in range(recipe.num_validation):
                index = pool.draw(rng)
                worn = clothes[number % len(clothes)] if clothes else Clothes()
                document = maker.dress(rng, name, index, pool.requests[index], worn)
                documents.append(document)
                keys.append((kind, name))
    contexts = _started(base, documents, maker, recipe)
    scores: dict[tuple[str, str], list[float]] = {}
    for key, score in zip(keys, token_tv(student, base, contexts), strict=True):
        scores.setdefault(key, []).append(score)
    return _figures(scores)


def _started(
    base: Any, documents: Sequence[Document], maker: DocumentMaker, recipe: ExpertRecipe
) -> list[list[int]]:
    started = [i for i, d in enumerate(documents) if d.clothes.start == "sampled"]
    beginnings = sample_beginnings(
        base,
        [documents[i] for i in started],
        eos_token_id=maker.eos_token_id,
        seed=recipe.seed,
        batch_size=recipe.sampling_batch,
    )
    contexts = [document.context_ids for document in documents]
    for i, beginning in zip(started, beginnings, strict=True):
        contexts[i] += beginning.token_ids[:-1]  # not the end of a turn
    return contexts


def _figures(scores: dict[tuple[str, str], list[float]]) -> dict[str, dict[str, float]]:
    ordinary = sorted(scores["plain", "benign"])
    threshold = ordinary[min(len(ordinary) - 1, int((1 - _FALSE_ALARMS) * len(ordinary)))]
    rows: dict[str, dict[str, float]] = {}
    for kind, name in scores:
        if name == "harmful":
            continue
        harmful, controls = scores[kind, "harmful"], scores[kind, name]
        label = kind if name == "benign" else f"{kind}, against look-alikes"
        rows[label] = {
            "n": len(harmful),
            "auroc": round(auroc(harmful, controls), 4),
            "recall": round(_share_over(harmful, threshold), 4),
            "control": round(_share_over(controls, threshold), 4),
            "harmful_tv": round(sum(harmful) / len(harmful), 4),
            "control_tv": round(sum(controls) / len(controls), 4),
            "harmful_over_half": round(_share_over(harmful, 0.5), 4),
            "control_over_half": round(_share_over(controls, 0.5), 4),
        }
    return rows


def _share_over(scores: Sequence[float], threshold: float) -> float:
    return sum(score > threshold for score in scores) / len(scores)


def mine(
    student: Any, base: Any, maker: DocumentMaker, data: TrainingData, recipe: ExpertRecipe,
    rng: Random,
) -> dict[str, int]:  # fmt: skip
    """Look at documents drawn as in training, and give weight to the requests judged wrongly.

    Wrong are a harmful request with a total variation under 0.5 and a harmless one over 0.1.

    Returns:
        What was looked at and found, by pool.
    """
    documents = [maker.draw(rng) for _ in range(recipe.mined_documents)]
    scores = token_tv(student, base, [document.context_ids for document in documents])
    counts: dict[str, int] = {}
    for document, score in zip(documents, scores, strict=True):
        counts[f"{document.pool}: looked at"] = counts.get(f"{document.pool}: looked at", 0) + 1
        wrong = score < 0.5 if document.request.harmful else score > 0.1
        if wrong:
            getattr(data, document.pool).weights[document.index] *= recipe.mined_weight
            counts[f"{document.pool}: wrong"] = counts.get(f"{document.pool}: wrong", 0) + 1
    return counts
