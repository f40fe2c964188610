"""Sequences that advance together: draft, verify, gate, mix, choose."""

from collections.abc import Sequence

import torch

from ngsd_guard.decoding._batch import Batch
from ngsd_guard.decoding._drafting import DraftPolicy, DraftSource
from ngsd_guard.decoding._guidance import Steering
from ngsd_guard.decoding._lookup import Continuations
from ngsd_guard.decoding._sequence import DecodingSequence
from ngsd_guard.decoding._verifier import Draft, Verifier
from ngsd_guard.errors import NGSDError, as_ngsd_error
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import PrefixCache
from ngsd_guard.protocols import KVCache
from ngsd_guard.types import SpeculationStatus


class _ReadingError(Exception):
    """A model could not read on; no sequence has taken a token yet."""

    def __init__(self, failure: NGSDError) -> None:
        self.failure = failure
        super().__init__(str(failure))


class Lane:
    """Sequences of one kind, decoded side by side.

    Without an expert the base speaks alone. Without a spike a token is chosen from the base's own
    logits, so that an answer the gate never touched is the base's own, token for token. The expert
    drafts and the base verifies several positions in one step; the gate reads them in order, and
    what was drafted after the first token that differs is forgotten by both. So drafting, like
    decoding side by side, changes no token.

    Args:
        pair: both models, the gate and the options.
        continuations: what answers went on with, to draft from.
        steering: the guidance, or a decoder in its place; None where the base speaks alone.
        speculative: whether the expert may draft.

    Source: NGSD (arXiv 2602.02027), Algorithm 1.
    """

    def __init__(
        self,
        pair: Pair,
        continuations: Continuations,
        *,
        steering: Steering | None,
        speculative: bool,
    ) -> None:
        self._pair = pair
        self._config = pair.config.decoding
        self._continuations = continuations
        self._steering = steering
        self._speculative = speculative
        self._policy = self._new_policy()
        self._batch: Batch | None = None
        self._joining: list[Batch] = []  # of one sequence each; all join at the next step

    @property
    def sequences(self) -> list[DecodingSequence]:
        """Those under way."""
        return [sequence for batch in self._batches for sequence in batch.sequences]

    @property
    def _batches(self) -> list[Batch]:
        return [*([] if self._batch is None else [self._batch]), *self._joining]

    def start(
        self,
        sequence: DecodingSequence,
        caches: tuple[KVCache, KVCache | None],
        draft: Draft,
        initial_potential: float | None,
    ) -> None:
        """Choose a sequence's first token, and let it join.

        Args:
            sequence: whose prompt was read.
            caches: of base and expert.
            draft: what both predict after the prompt.
            initial_potential: where the gate starts.
        """
        state = None
        if self._steering is not None:
            state = self._steering.start(draft.base_logits.device, initial_potential)
        verifier = Verifier([sequence], draft, self._steering, self._config, can_repair=False)
        _, state = verifier.run(state)
        self._joining.append(Batch.of_one(sequence, *caches, state))

    @torch.inference_mode()
    def advance(self) -> None:
        """Let every sequence choose one token or more."""
        batches, self._joining = self._batches, []
        if not batches:
            return
        self._batch = batch = Batch.join(batches)
        marked = batch.readers.mark()
        try:
            self._advance(batch)
        except _ReadingError as error:
            if len(batch.sequences) == 1:
                batch.sequences[0].end("cancelled", error.failure)
                return
            batch.readers.rewind(marked)
            self._advance_alone(batch)
        except Exception as error:  # it cannot be known whose fault it is
            for sequence in batch.sequences:
                if sequence.ended is None:
                    sequence.end("cancelled", as_ngsd_error(error))

    def drop_ended(self) -> None:
        """Let sequences that have ended leave, and keep what was read of them."""
        self._joining = [batch for batch in self._joining if self._without_ended(batch)]
        if self._batch is not None:
            self._batch = self._without_ended(self._batch)
        if not self._batches:
            self._policy = self._new_policy()

    def _without_ended(self, batch: Batch) -> Batch | None:
        going_on = [n for n, sequence in enumerate(batch.sequences) if sequence.ended is None]
        if len(going_on) == len(batch.sequences):
            return batch
        for row, sequence in enumerate(batch.sequences):
            if sequence.ended is not None and sequence.ended.error is None:
                self._keep(sequence, *batch.readers.caches_of(row))
        return batch.select(going_on) if going_on else None

    def _advance_alone(self, batch: Batch) -> None:
        """Find out whose reading failed: each sequence goes on by itself."""
        batches = [batch.select([row]) for row in range(len(batch.sequences))]
        for alone in batches:
            try:
                self._advance(alone)
            except Exception as error:
                failure = error.failure if isinstance(error, _ReadingError) else error
                alone.sequences[0].end("cancelled", as_ngsd_error(failure))
        self._batch, self._joining = None, batches

    def _new_policy(self) -> DraftPolicy | None:
        if self._steering is None or not self._speculative:
            return None
        return DraftPolicy(self._pair.base, self._pair.expert, self._config.max_draft_length)

    def _advance(self, batch: Batch) -> None:
        for sequence in batch.sequences:
            sequence.ask_constraint()
        try:
            source, draft = self._draft(batch)
        except Exception as error:
            raise _ReadingError(as_ngsd_error(error)) from error
        num_read = draft.num_positions
        can_repair = self._config.max_repairs > 0 and batch.readers.can_roll_back(0)
        verifier = Verifier(
            batch.sequences, draft, self._steering, self._config, can_repair=can_repair
        )
        before = [(s.num_agreed, s.num_compared, s.num_held_drafts) for s in batch.sequences]
        kept, batch.state = verifier.run(batch.state)
        batch.readers.roll_back([num_read - number for number in kept])
        for sequence, number, counts in zip(batch.sequences, kept, before, strict=True):
            sequence.num_rounds += 1
            if self._policy is not None and number > 0:
                agreed, compared, held = counts
                self._policy.learn("expert", number, sequence.num_agreed - agreed)
                if source != "expert":
                    num_compared = sequence.num_compared - compared
                    self._policy.learn(source, num_compared, sequence.num_held_drafts - held)

    def _draft(self, batch: Batch) -> tuple[DraftSource, Draft]:
        """Read on with both models, by one token a row or along a draft."""
        drafter = batch.readers.drafter
        status: SpeculationStatus = "off"
        length, found = 0, list[list[int]]()
        source: DraftSource = "expert"
        if self._policy is not None:
            status, room = batch.speculation()
            room = min(room, self._config.max_draft_length)
            found = batch.look_up(room) if room > 0 else []
            source, length = self._policy.choose(
                len(batch.sequences), max(map(len, found), default=0)
            )
            length = min(length, room)
            if length > 0 and not batch.readers.can_roll_back(length + 1):
                status = "no_rollback"
        elif self._steering is not None and drafter is None:
            status = "adapter"
        for sequence in batch.sequences:
            if sequence.status != "no_rollback":  # which is for good
                sequence.status = status
        if drafter is None or status != "on" or length == 0:
            return "expert", batch.read_last()
        if source == "lookup":
            return source, batch.read_found(drafter, found, length)
        return source, batch.read_ahead(drafter, length, source)

    def _keep(
        self, sequence: DecodingSequence, base_cache: KVCache, expert_cache: KVCache | None
    ) -> None:
        request = sequence.request
        if self._speculative:
            ids = (*request.base_prompt_ids, *sequence.token_ids)
            self._continuations.learn(ids, len(request.base_prompt_ids))
        _keep_prefix(self._pair.base_prefixes, request.base_prompt_ids, sequence, base_cache)
        if expert_cache is not None:
            prefixes = self._pair.expert_prefixes
            _keep_prefix(prefixes, request.expert_prompt_ids, sequence, expert_cache)


def _keep_prefix(
    prefixes: PrefixCache,
    prompt_ids: Sequence[int],
    sequence: DecodingSequence,
    cache: KVCache,
) -> None:
    read = (*prompt_ids, *sequence.token_ids)[: cache.lengths[0]]
    prefixes.keep(read, cache)
