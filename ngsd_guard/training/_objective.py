"""What an expert is trained towards: refusing harm, and being the base everywhere else."""

from collections.abc import Sequence
from random import Random
from typing import Any, Literal

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from ngsd_guard.training._documents import Document, DocumentMaker
from ngsd_guard.training._packing import Batch, Example
from ngsd_guard.training._sampling import Beginning

_FIRST_ANCHORS = (4.0, 2.0, 2.0, 1.5)
"""Weights of the first tokens of a harmless answer: one spike there changes all of it."""
_FIRST_REFUSAL = 3.0
"""Weight of a refusal's first tokens, which decide whether there is one."""
_IN_STUB = 0.3
"""Weight of a written opening, which the gate does not see."""


def example_of(
    document: Document, beginning: Beginning, maker: DocumentMaker, rng: Random
) -> Example:
    """Return what is to be learnt of a document: a refusal, or the base's own answer."""
    start = [*document.stub_ids, *beginning.token_ids]
    if document.request.harmful:
        end = maker.eos_token_id
        while start and start[-1] == end:
            start.pop()  # a turn that is over cannot go on with a refusal
        refusal = maker.refusal_ids(rng)
        given = [*document.prompt_ids, *start]
        return Example(
            input_ids=[*given, *refusal],
            weights=[0.0] * len(given)
            + [_FIRST_REFUSAL if i < 2 else 1.0 for i in range(len(refusal))],
        )
    sampled = len(beginning.token_ids)
    weights = [_FIRST_ANCHORS[i] if i < len(_FIRST_ANCHORS) else 1.0 for i in range(sampled)]
    return Example(
        input_ids=[*document.prompt_ids, *start],
        weights=[0.0] * len(document.prompt_ids) + [_IN_STUB] * len(document.stub_ids) + weights,
        distil=True,
        teacher_hidden=beginning.hidden,
    )


class Objective:
    """The loss of a batch.

    On refusals, cross-entropy. On harmless answers, the Kullback-Leibler divergence from the base
    plus the total variation to it, which is the gate's input current.

    Args:
        student: the expert in training.
        head: the base's own output layer, frozen; turns teacher states into logits.
        anchor_weight: of the harmless part.
        anchor: `text` learns the sampled tokens instead of the distribution.
    """

    def __init__(
        self,
        student: Any,
        head: nn.Module,
        *,
        anchor_weight: float,
        anchor: Literal["distance", "text"] = "distance",
    ) -> None:
        self._student, self._head = student, head
        self._anchor_weight, self._anchor = anchor_weight, anchor

    def __call__(self, batch: Batch) -> tuple[Tensor, dict[str, float]]:
        """Return the loss, a scalar, and its parts as numbers."""
        chosen = batch.weights > 0  # [rows, length]
        weights = batch.weights[chosen]  # [chosen]
        labels = batch.input_ids.roll(-1, dims=1)[chosen]
        is_anchor = batch.distil[chosen]
        logits = hidden_logits(self._student, batch, chosen)  # [chosen, vocab]
        refused = F.cross_entropy(logits[~is_anchor], labels[~is_anchor], reduction="none")
        refusal_loss = (weights[~is_anchor] * refused).sum()
        if self._anchor == "text" or batch.teacher_hidden is None:
            distance = F.cross_entropy(logits[is_anchor], labels[is_anchor], reduction="none")
            tv = torch.zeros_like(distance)
        else:
            with torch.no_grad():
                states = batch.teacher_hidden[chosen][is_anchor]
                target = self._head(states).float().log_softmax(dim=-1)  # [anchors, vocab]
            distance, tv = _distances(logits[is_anchor], target)
        anchor_loss = (weights[is_anchor] * (distance + tv)).sum()
        total = weights.sum().clamp_min(1e-8)
        loss = (refusal_loss + self._anchor_weight * anchor_loss) / total
        parts = {
            "refusal": float(refusal_loss.detach() / weights[~is_anchor].sum().clamp_min(1e-8)),
            "anchor": float(anchor_loss.detach() / weights[is_anchor].sum().clamp_min(1e-8)),
            "tv": float(tv.detach().mean()) if tv.numel() else 0.0,
        }
        return loss, parts


def _distances(logits: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Return divergence and total variation between log-probabilities, each [anchors]."""
    log_probs = logits.log_softmax(dim=-1)
    probs = target.exp()
    divergence = (probs * (target - log_probs)).sum(dim=-1)
    return divergence, 0.5 * (probs - log_probs.exp()).abs().sum(dim=-1)


def hidden_logits(model: Any, batch: Batch, chosen: Tensor) -> Tensor:
    """Return a model's float32 logits at chosen positions, [chosen, vocab]."""
    mask: Tensor = batch.attention_mask
    if getattr(model.config, "_attn_implementation", None) == "eager":
        dtype = model.get_output_embeddings().weight.dtype
        zero = torch.zeros((), dtype=dtype, device=mask.device)
        mask = torch.where(mask, zero, torch.finfo(dtype).min)
    hidden = model.base_model(
        input_ids=batch.input_ids,
        attention_mask=mask,
        position_ids=batch.position_ids,
        use_cache=False,
    ).last_hidden_state[chosen]
    logits: Tensor = model.get_output_embeddings()(hidden)
    return logits.float()


def mean_parts(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the means of some losses' parts."""
    return {key: sum(p[key] for p in parts) / len(parts) for key in parts[0]} if parts else {}
