"""Rows side by side, what the two models have read of them, and how the expert runs ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ngsd_guard.decoding._drafting import DraftSource
from ngsd_guard.decoding._readers import Readers, SeparateModels, make_readers
from ngsd_guard.decoding._sequence import DecodingSequence, masked
from ngsd_guard.decoding._verifier import Draft, choose_tokens
from ngsd_guard.gate import GateState
from ngsd_guard.protocols import KVCache
from ngsd_guard.types import SpeculationStatus


@dataclass(slots=True, eq=False)
class Batch:
    """Sequences, a row each, of which both models have read all but the last token."""

    sequences: list[DecodingSequence]
    readers: Readers
    state: GateState | None

    @classmethod
    def of_one(
        cls,
        sequence: DecodingSequence,
        base_cache: KVCache,
        expert_cache: KVCache | None,
        state: GateState | None,
    ) -> "Batch":
        """Return a batch of a sequence whose prompt has just been read."""
        experts = [] if expert_cache is None else [expert_cache]
        return cls(
            [sequence],
            make_readers(sequence.base, [base_cache], sequence.expert, experts),
            state,
        )

    @classmethod
    def join(cls, batches: Sequence["Batch"]) -> "Batch":
        """Put batches side by side."""
        if len(batches) == 1:
            return batches[0]
        first = batches[0].sequences[0]
        caches = [batch.readers.caches() for batch in batches]
        readers = make_readers(
            first.base,
            [base for base, _ in caches],
            first.expert,
            [expert for _, expert in caches if expert is not None],
        )
        states = [batch.state for batch in batches if batch.state is not None]
        state = type(states[0]).join(states) if states else None
        sequences = [sequence for batch in batches for sequence in batch.sequences]
        return cls(sequences, readers, state)

    def select(self, rows: Sequence[int]) -> "Batch":
        """Keep some of the rows."""
        return Batch(
            [self.sequences[row] for row in rows],
            self.readers.select(rows),
            None if self.state is None else self.state.select(rows),
        )

    def speculation(self) -> tuple[SpeculationStatus, int]:
        """Return whether the expert may draft, and how many tokens there is room for."""
        if self.readers.drafter is None:
            return "adapter", 0
        room = min(sequence.room for sequence in self.sequences)
        return "on", max(0, min(room, max(s.num_left for s in self.sequences) - 1))

    def read_last(self) -> Draft:
        """Read every row's last token with both models."""
        return Draft.none(self.sequences, *self.readers.read(self._last))

    def look_up(self, length: int) -> list[list[int]]:
        """Return up to `length` tokens that may follow in each row."""
        return [row.look_up(length) for row in self.sequences]

    def read_found(
        self, drafter: SeparateModels, found: Sequence[Sequence[int]], length: int
    ) -> Draft:
        """Read every row's last token and tokens that were looked up, in one step of each model."""
        allowed = _Allowed(self.sequences)
        parts = [self._last]
        for ahead in range(length):
            # What is missing is filled with anything: a token counts only if it is emitted.
            drafted = [ids[ahead] if ahead < len(ids) else 0 for ids in found]
            if not allowed.advance(drafted):
                break
            parts.append(torch.tensor(drafted)[:, None])
        allowed.take_back()
        input_ids = torch.cat(parts, dim=1)
        return Draft(
            tokens=input_ids[:, 1:].tolist(),
            base_logits=allowed.apply(drafter.read_base(input_ids)),
            expert_logits=allowed.apply(drafter.read_expert(input_ids)),
        )

    def read_ahead(
        self, drafter: SeparateModels, length: int, source: DraftSource = "expert"
    ) -> Draft:
        """Read every row's last token, and up to `length` tokens that one of the models drafts."""
        steps, whole = drafter.read_expert, drafter.read_base
        if source == "base":
            steps, whole = whole, steps
        allowed = _Allowed(self.sequences)
        parts: list[Tensor] = []  # of [rows, 1]
        drafted: list[Tensor] = []  # logits, of [rows, vocab]
        input_ids = self._last
        try:
            for ahead in range(length + 1):
                logits = masked(steps(input_ids)[:, 0], allowed.masks[-1])
                drafted.append(logits)
                parts.append(input_ids.to(logits.device))
                if ahead == length:
                    break
                input_ids = choose_tokens(self.sequences, logits[:, None], ahead)
                if not allowed.advance([token_id for (token_id,) in input_ids.tolist()]):
                    break
        finally:
            allowed.take_back()
        input_ids = torch.cat(parts, dim=1)
        own, other = torch.stack(drafted, dim=1), allowed.apply(whole(input_ids))
        base_logits, expert_logits = (own, other) if source == "base" else (other, own)
        return Draft(input_ids[:, 1:].tolist(), base_logits, expert_logits)

    @property
    def _last(self) -> Tensor:
        return torch.tensor([[row.last_token_id] for row in self.sequences])


class _Allowed:
    """What the rows' constraints allow along a draft."""

    def __init__(self, rows: Sequence[DecodingSequence]) -> None:
        self._rows = rows
        self._num_read = [0] * len(rows)
        self._has_ended = [False] * len(rows)
        self.masks: list[list[Tensor | None]] = [[row.allowed for row in rows]]

    def advance(self, token_ids: Sequence[int]) -> bool:
        """Let each constraint read a drafted token; return whether the draft may go on with it.

        It may not once every row has ended, and not with a token that a constraint forbids or
        after which it allows nothing: the result would have to be unmasked.
        """
        masks: list[Tensor | None] = []
        for number, (row, token_id) in enumerate(zip(self._rows, token_ids, strict=True)):
            num_ahead = len(self.masks)
            self._has_ended[number] |= row.ends_with(token_id) or row.num_left <= num_ahead
            if row.request.constraint is None or self._has_ended[number]:
                masks.append(None)
                continue
            mask = self._mask_behind(number, token_id, row.num_left - num_ahead)
            if mask is None:
                return False
            masks.append(mask)
        if all(self._has_ended):
            return False
        self.masks.append(masks)
        return True

    def _mask_behind(self, number: int, token_id: int, num_left: int) -> Tensor | None:
        """Return what a row's constraint allows after a token; None where it allows nothing."""
        constraint: Any = self._rows[number].request.constraint
        allowed = self.masks[-1][number]
        if allowed is not None and not bool(allowed[token_id]):
            return None
        try:
            constraint.advance(token_id)
            self._num_read[number] += 1
            mask: Tensor = constraint.mask(num_left)
        except Exception:  # it is raised again if this place is reached
            return None
        return mask if bool(mask.any()) else None

    def take_back(self) -> None:
        """Let the constraints forget the draft."""
        for row, number in zip(self._rows, self._num_read, strict=True):
            if row.request.constraint is not None and number > 0:
                row.request.constraint.roll_back(number)

    def apply(self, logits: Tensor) -> Tensor:
        """Mask [rows, positions, vocab] logits."""
        if all(mask is None for masks in self.masks for mask in masks):
            return logits
        parts = [masked(logits[:, i], masks) for i, masks in enumerate(self.masks)]
        return torch.stack(parts, dim=1)
