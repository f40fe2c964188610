"""The one decode loop: draft, verify, gate, mix, choose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from ngsd_guard.config import DecodingConfig
from ngsd_guard.decoding._batch import Batch
from ngsd_guard.decoding._drafting import DraftPolicy, DraftSource
from ngsd_guard.decoding._guidance import Guidance
from ngsd_guard.decoding._lookup import Continuations
from ngsd_guard.decoding._request import DecodeRequest, Ended
from ngsd_guard.decoding._row import Row
from ngsd_guard.decoding._walk import Draft, Walk
from ngsd_guard.errors import as_ngsd_error
from ngsd_guard.gate import Gate
from ngsd_guard.prefill import PrefixCache
from ngsd_guard.protocols import KVCache
from ngsd_guard.types import DecodeStep

Event = tuple[int, DecodeStep | Ended]
"""The index of a request, and one of its tokens or its end."""


@dataclass(frozen=True, slots=True)
class Decoder:
    """A pair, and how it decodes; shared by all requests."""

    base: PrefixCache
    """The model being protected, and what it has read before."""
    expert: PrefixCache | None = None
    """The safety expert, likewise; None lets the base speak alone."""
    gate: Gate[Any] | None = None
    """Decides at which steps the expert is mixed in; needed with an expert."""
    config: DecodingConfig = field(default_factory=DecodingConfig)
    """How the two are mixed, and how far the expert drafts."""
    continuations: Continuations = field(default_factory=Continuations)
    """What answers went on with, to draft from."""


def decode(decoder: Decoder, requests: Sequence[DecodeRequest]) -> Iterator[Event]:
    """Answer requests side by side, token by token; the only decode loop of the package.

    Without an expert the base speaks alone. Without a spike a token is chosen from the base's own
    logits, so that an answer the gate never touched is the base's own, token for token. The expert
    drafts and the base verifies several positions in one step; the gate walks them in their order,
    and what was drafted behind the first token that differs is forgotten by both. So drafting,
    like answering side by side, changes no token.

    A request that fails ends with its error; the others go on.

    Args:
        decoder: the pair.
        requests: what to answer.

    Yields:
        The index of a request with each token it emits, the end-of-sequence token included, and
        at last with its end.

    Source: NGSD (arXiv 2602.02027), Algorithm 1.
    """
    loop = _Loop(decoder)
    # Contexts are entered anew in each of these calls: held across a yield they would leak into
    # the caller.
    for index, request in enumerate(requests):
        row = loop.start(index, request)
        yield from loop.emit(row)
    loop.gather()
    while loop.rows:
        loop.round()
        for row in loop.rows:
            yield from loop.emit(row)
        loop.drop_ended()


class _Loop:
    """Rows on their way, and what the two models have read of them."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._config = decoder.config
        self._guidance: Guidance | None = None
        self._expert = decoder.expert if decoder.gate is not None else None
        self._policy: DraftPolicy | None = None
        if self._expert is not None and decoder.gate is not None:
            self._guidance = Guidance(decoder.gate, self._config)
            self._policy = DraftPolicy(
                decoder.base.model, self._expert.model, self._config.max_draft_length
            )
        self._waiting: list[Batch] = []
        self._batch: Batch | None = None

    @property
    def rows(self) -> list[Row]:
        return [] if self._batch is None else self._batch.rows

    @torch.inference_mode()
    def start(self, index: int, request: DecodeRequest) -> Row:
        """Read a request's prompt and choose its first token."""
        decoder = self._decoder
        expert = None if self._expert is None else self._expert.model
        row = Row(index, request, decoder.base.model, expert, decoder.continuations)
        if request.is_cancelled():
            row.end("cancelled")
            return row
        try:
            base_cache, unread = decoder.base.start(request.base_prompt_ids)
            row.num_cached = len(request.base_prompt_ids) - len(unread)
            base_logits = decoder.base.model.read([unread], base_cache)
            expert_cache, expert_logits, state = None, None, None
            if self._expert is not None and decoder.gate is not None:
                expert_cache, unread = self._expert.start(request.expert_prompt_ids)
                expert_logits = self._expert.model.read([unread], expert_cache)
                state = decoder.gate.initial_state(
                    1, device=base_logits.device, initial_potential=request.initial_potential
                )
            row.ask_constraint()
            draft = Draft.none([row], base_logits, expert_logits)
            walk = Walk([row], draft, self._guidance, self._config, can_repair=False)
            _, state = walk.run(state)
        except Exception as error:
            row.end("cancelled", as_ngsd_error(error))
            return row
        self._waiting.append(Batch.of_one(row, base_cache, expert_cache, state))
        return row

    def gather(self) -> None:
        """Put the rows that have not ended side by side."""
        waiting = [batch for batch in self._waiting if batch.rows[0].ended is None]
        for batch in self._waiting:
            self._keep(batch, 0)
        self._waiting = []
        self._batch = Batch.join(waiting) if waiting else None

    @torch.inference_mode()
    def round(self) -> None:
        """Let every row choose one token or more, and hold them back until they are emitted."""
        if self._batch is None:
            return
        try:
            self._advance(self._batch)
        except Exception as error:  # it cannot be told whose fault it is
            for row in self.rows:
                if row.ended is None:
                    row.end("cancelled", as_ngsd_error(error))

    def _advance(self, batch: Batch) -> None:
        for row in batch.rows:
            row.ask_constraint()
        source, draft = self._draft(batch)
        num_read = draft.num_positions
        can_repair = self._config.max_repairs > 0 and batch.readers.can_roll_back(0)
        walk = Walk(batch.rows, draft, self._guidance, self._config, can_repair=can_repair)
        before = [(r.num_agreed, r.num_compared, r.num_held_drafts) for r in batch.rows]
        kept, batch.state = walk.run(batch.state)
        batch.readers.roll_back([num_read - number for number in kept])
        for row, number, (agreed, compared, held) in zip(batch.rows, kept, before, strict=True):
            row.num_rounds += 1
            if self._policy is not None and number > 0:
                self._policy.learn("expert", number, row.num_agreed - agreed)
                if source == "lookup":
                    num_compared = row.num_compared - compared
                    self._policy.learn("lookup", num_compared, row.num_held_drafts - held)

    def _draft(self, batch: Batch) -> tuple[DraftSource, Draft]:
        """Read on with both models, by one token a row or along a draft."""
        if self._policy is None:
            return "expert", batch.read_last()
        status, room = batch.speculation(self._config)
        room = min(room, self._config.max_draft_length)
        found = batch.look_up(room) if status == "on" and room > 0 else []
        source, length = self._policy.choose(len(batch.rows), max(map(len, found), default=0))
        length = min(length, room)
        if length > 0 and not batch.readers.can_roll_back(length + 1):
            status = "no_rollback"
        for row in batch.rows:
            if row.status != "no_rollback":  # which is for good
                row.status = status
        if status != "on" or length == 0:
            return "expert", batch.read_last()
        if source == "lookup":
            return source, batch.read_found(found, length)
        return source, batch.read_ahead(length)

    def emit(self, row: Row) -> Iterator[Event]:
        """Yield what a row may release, and its end."""
        if row.held and self._may_release(row):
            row.is_repairing = False
            for number, step in enumerate(row.release()):
                if number > 0 and row.request.is_cancelled():
                    row.end("cancelled")
                    break
                yield row.index, step
        if row.ended is None and row.request.is_cancelled():
            row.end("cancelled")
        if row.ended is not None:
            yield row.index, row.ended

    def _may_release(self, row: Row) -> bool:
        if self._config.max_repairs == 0 or self._guidance is None:
            return True
        return row.ended is None and (row.is_complete or row.is_at_sentence_end)

    def drop_ended(self) -> None:
        """Give up the rows that have ended, and keep what was read of them."""
        batch = self._batch
        if batch is None:
            return
        going_on = [n for n, row in enumerate(batch.rows) if row.ended is None]
        for number, row in enumerate(batch.rows):
            if row.ended is not None:
                self._keep(batch, number)
        if len(going_on) < len(batch.rows):
            self._batch = batch.select(going_on) if going_on else None

    def _keep(self, batch: Batch, number: int) -> None:
        row = batch.rows[number]
        if row.ended is None or row.ended.error is not None:
            return
        prompt_ids = row.request.base_prompt_ids
        if self._config.speculative:
            self._decoder.continuations.learn((*prompt_ids, *row.token_ids), len(prompt_ids))
        base_cache, expert_cache = batch.readers.caches_of(number)
        _keep_prefix(self._decoder.base, prompt_ids, row, base_cache)
        if self._expert is not None and expert_cache is not None:
            _keep_prefix(self._expert, row.request.expert_prompt_ids, row, expert_cache)


def _keep_prefix(
    prefixes: PrefixCache, prompt_ids: Sequence[int], row: Row, cache: KVCache
) -> None:
    read = (*prompt_ids, *row.token_ids)[: cache.lengths[0]]
    prefixes.keep(read, cache)
