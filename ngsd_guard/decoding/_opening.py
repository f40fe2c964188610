"""What happens before a request's first token: it is rated, and both models read its prompt."""

from collections.abc import Callable
from dataclasses import dataclass

from ngsd_guard.decoding._lookup import Continuations
from ngsd_guard.decoding._request import Rated, Request
from ngsd_guard.decoding._sequence import DecodingSequence
from ngsd_guard.decoding._verifier import Draft
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Judging, Read
from ngsd_guard.protocols import KVCache


@dataclass(frozen=True, slots=True)
class Opened:
    """A sequence whose prompt was read."""

    sequence: DecodingSequence
    caches: tuple[KVCache, KVCache | None]
    """Of base and expert."""
    draft: Draft
    """What both predict after the prompt."""
    initial_potential: float | None
    """Where the gate starts; None where it is off."""


def opening(
    pair: Pair,
    request: Request,
    continuations: Continuations,
    on_rated: Callable[[Rated], None],
) -> Judging[Opened]:
    """Rate a request and read its prompt, beside others.

    Args:
        pair: both models and the risk reader.
        request: what to answer.
        continuations: what answers went on with, to draft from.
        on_rated: called with the rating, before the prompt is read.

    Raises:
        ContextOverflowError: the risk reader has no room for the request.
        NonFiniteLogitsError: a model's logits are NaN or infinite.
    """
    rating, initial_potential = request.rating, None
    if request.guarded:
        if rating is None:
            rating = yield from pair.risk_reader.judging(request.messages)
        initial_potential = pair.gate.initial_potential(rating.risk)
        on_rated(Rated(rating, initial_potential))
    expert = pair.expert if request.guarded else None
    sequence = DecodingSequence(request, rating, pair.base, expert, continuations)
    base_cache, unread = pair.base_prefixes.start(request.base_prompt_ids)
    sequence.num_cached = len(request.base_prompt_ids) - len(unread)
    reads = [Read(pair.base, base_cache, unread)]
    if request.guarded:
        expert_cache, unread = pair.expert_prefixes.start(request.expert_prompt_ids)
        reads.append(Read(pair.expert, expert_cache, unread))
    logits = yield reads
    sequence.ask_constraint()
    base_logits, *expert_logits = (found[None] for found in logits)  # [1, 1, vocab] each
    draft = Draft.none([sequence], base_logits, expert_logits[0] if expert_logits else None)
    caches = reads[0].cache, reads[1].cache if request.guarded else None
    return Opened(sequence, caches, draft, initial_potential)
