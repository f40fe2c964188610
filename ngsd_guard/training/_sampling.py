"""The base's own answers, sampled in memory; nothing of them is ever written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import torch
from torch import Tensor

from ngsd_guard.training._documents import Document


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the base says after a document's context."""

    token_ids: list[int]
    """[sampled], at most what the document asks for; ends early after the end of the turn."""
    hidden: Tensor
    """[stub + sampled, hidden]; the base's last hidden state before each answer token. Empty where
    nothing was asked for."""


@torch.no_grad()
def sample_beginnings(
    base: Any,
    documents: Sequence[Document],
    *,
    eos_token_id: int | None,
    seed: int,
    batch_size: int = 96,
    stop: Event | None = None,
) -> list[Beginning]:
    """Continue every document with the base.

    Args:
        base: the unchanged causal LM, in eager attention.
        documents: of any length; those of similar length are sampled together, and those that
            ask for no token are not read at all.
        eos_token_id: ends an answer.
        seed: of the sampling; the same documents and seed give the same beginnings.
        batch_size: documents at a time.
        stop: set it to give up early; the rest of the beginnings are empty.
    """
    generator = torch.Generator().manual_seed(seed)
    # First by the number of steps, coarsely: a batch takes as many as its longest answer.
    order = sorted(
        (i for i, document in enumerate(documents) if document.sampled_tokens),
        key=lambda i: (documents[i].sampled_tokens // 15, len(documents[i].context_ids)),
    )
    nothing = torch.zeros(0, base.get_input_embeddings().weight.shape[1])
    found = {i: Beginning([], nothing) for i in range(len(documents))}
    for start in range(0, len(order), batch_size):
        if stop is not None and stop.is_set():
            break
        indices = order[start : start + batch_size]
        batch = [documents[i] for i in indices]
        found |= dict(
            zip(indices, _sample_batch(base, batch, eos_token_id, generator, stop), strict=True)
        )
    return [found[i] for i in range(len(documents))]


def _sample_batch(
    base: Any,
    documents: Sequence[Document],
    eos_token_id: int | None,
    generator: torch.Generator,
    stop: Event | None,
) -> list[Beginning]:
    device = base.get_input_embeddings().weight.device
    contexts = [document.context_ids for document in documents]
    longest = max(map(len, contexts))
    input_ids, mask = left_padded(contexts, longest, device)
    wanted = torch.tensor([d.sampled_tokens for d in documents], device=device)
    greedy = torch.tensor([d.greedy for d in documents], device=device)
    position_ids = (mask.cumsum(dim=1) - 1).clamp_min(0)
    output = base.base_model(
        input_ids=input_ids, attention_mask=mask, position_ids=position_ids, use_cache=True
    )
    states = output.last_hidden_state  # [documents, longest, hidden]
    num_stub = [len(d.stub_ids) for d in documents]
    rows: list[list[Tensor]] = [
        list(states[i, longest - n - 1 : longest - 1]) for i, n in enumerate(num_stub)
    ]
    tokens: list[list[int]] = [[] for _ in documents]
    last, past, position = states[:, -1], output.past_key_values, position_ids[:, -1:]
    alive = wanted > 0
    for step in range(int(wanted.max())):
        if not bool(alive.any()) or (stop is not None and stop.is_set()):
            break
        chosen = _choose(base.get_output_embeddings()(last), greedy, generator)  # [documents]
        for i in alive.nonzero()[:, 0].tolist():
            rows[i].append(last[i])
            tokens[i].append(int(chosen[i]))
        alive = alive & (chosen != eos_token_id) & (wanted > step + 1)
        mask = torch.cat([mask, torch.ones_like(mask[:, :1])], dim=1)
        position = position + 1
        output = base.base_model(
            input_ids=chosen[:, None], attention_mask=mask, position_ids=position,
            past_key_values=past, use_cache=True,
        )  # fmt: skip
        last = output.last_hidden_state[:, -1]
    return [Beginning(t, torch.stack(r)) for t, r in zip(tokens, rows, strict=True)]


def _choose(logits: Tensor, greedy: Tensor, generator: torch.Generator) -> Tensor:
    chosen = logits.argmax(dim=-1)  # [documents]
    if not bool(greedy.all()):
        probs = logits[~greedy].float().softmax(dim=-1).cpu()
        drawn = torch.multinomial(probs, 1, generator=generator)[:, 0]
        chosen[~greedy] = drawn.to(chosen.device)
    return chosen


def left_padded(
    contexts: Sequence[Sequence[int]], longest: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return token ids and mask, [documents, longest], padded on the left."""
    input_ids = torch.zeros(len(contexts), longest, dtype=torch.long)
    mask = torch.zeros(len(contexts), longest, dtype=torch.long)
    for i, context in enumerate(contexts):
        input_ids[i, longest - len(context) :] = torch.tensor(context)
        mask[i, longest - len(context) :] = 1
    return input_ids.to(device), mask.to(device)
