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
from ngsd_guard.risk import ExpertReader
from ngsd_guard.types import RiskScores


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
    reader = pair.risk_reader if request.guarded and request.rating is None else None
    prompt_reader = reader if isinstance(reader, ExpertReader) else None
    rating = request.rating if request.guarded else None
    if reader is not None and prompt_reader is None:
        rating = yield from reader.judging(request.messages)
    if rating is not None:
        on_rated(_rated(pair, rating))
    ends = request.num_rated if prompt_reader is not None else None
    reads, num_cached = _first_reads(pair, request, ends)
    logits = yield reads
    if prompt_reader is not None:
        rating = prompt_reader.rating(*(found[-1] for found in logits))
        on_rated(_rated(pair, rating))
    if ends is not None:  # the prefilled answer comes after what is rated
        for read, prompt_ids, end in zip(reads, _prompts(request), ends, strict=True):
            read.input_ids = list(prompt_ids[end:])
        logits = yield reads
    expert = pair.expert if request.guarded else None
    sequence = DecodingSequence(request, rating, pair.base, expert, continuations)
    sequence.num_cached = num_cached
    sequence.ask_constraint()
    base_logits, *expert_logits = (found[None] for found in logits)  # [1, 1, vocab] each
    draft = Draft.none([sequence], base_logits, expert_logits[0] if expert_logits else None)
    caches = reads[0].cache, reads[1].cache if request.guarded else None
    potential = None if rating is None else pair.gate.initial_potential(rating.risk)
    return Opened(sequence, caches, draft, potential)


def _prompts(request: Request) -> tuple[tuple[int, ...], ...]:
    prompts = request.base_prompt_ids, request.expert_prompt_ids
    return prompts if request.guarded else prompts[:1]


def _first_reads(
    pair: Pair, request: Request, ends: tuple[int, int] | None
) -> tuple[list[Read], int]:
    """Return what the models are to read of the prompts, up to `ends`, and how much is cached."""
    reads, num_cached = list[Read](), 0
    prefixes = pair.base_prefixes, pair.expert_prefixes
    for index, prompt_ids in enumerate(_prompts(request)):
        wanted = prompt_ids if ends is None else prompt_ids[: ends[index]]
        cache, unread = prefixes[index].start(wanted)
        reads.append(Read(prefixes[index].model, cache, unread))
        if index == 0:
            num_cached = len(wanted) - len(unread)
    return reads, num_cached


def _rated(pair: Pair, rating: RiskScores) -> Rated:
    return Rated(rating, pair.gate.initial_potential(rating.risk))
