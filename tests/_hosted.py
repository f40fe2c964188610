"""A plain decoder as a host: it reads whole texts, and chooses from what the gate returns."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from ngsd_guard.hosting import HostGate, HostRow, RowReport
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import Message
from vllm_ngsd._batch import PersistentBatch


def base_logits(base: LanguageModel, token_ids: Sequence[int]) -> Tensor:
    """Return [vocab] logits after a text, read without a cache."""
    return base.read([list(token_ids)], base.new_cache())[0, -1]


def decode_alone(
    gate: HostGate[str], messages: Sequence[Message], num_tokens: int, key: str = "row"
) -> tuple[list[int], RowReport]:
    """Decode one answer greedily, as the only row."""
    base = gate.pair.base
    prompt, output = base.encode_chat(messages), list[int]()
    gate.add(key, prompt)
    while len(output) < num_tokens:
        logits = base_logits(base, [*prompt, *output])[None]
        output.append(int(gate.apply([HostRow(key, output)], logits).argmax()))
        if output[-1] in base.eos_token_ids:
            break
    return output, gate.finish(key, output_ids=output)


class MoveDirectionality(Enum):
    """As vLLM has it."""

    UNIDIRECTIONAL = 1
    SWAP = 2


@dataclass
class HostRequest:
    prompt_ids: list[int]
    max_tokens: int
    output_ids: list[int] = field(default_factory=list)
    num_aborted_at: int | None = None
    params: Any = None

    def __post_init__(self) -> None:
        """Make its parameters once: they live as long as the request does."""
        self.params = SimpleNamespace(max_tokens=self.max_tokens, temperature=0.0, extra_args=None)


class ContinuousBatch:
    """Continuous batching as vLLM does it: a persistent batch of places, told by its changes.

    Requests arrive, are preempted, brought back, swapped, condensed and aborted at random.
    """

    def __init__(
        self, base: LanguageModel, batch: PersistentBatch, seed: int, max_rows: int = 6
    ) -> None:
        self._base = base
        self._batch = batch
        self._random = random.Random(seed)
        self._max_rows = max_rows
        self._rows: list[HostRequest] = []
        self.num_preempted = self.num_swapped = self.num_repeated = 0

    def run(self, requests: Sequence[HostRequest]) -> None:
        """Work on requests until all have ended or were aborted."""
        waiting = list(requests)
        while waiting or self._rows:
            removed = self._remove(waiting)
            self._update(removed, waiting)
            if self._rows:
                self._step()

    def _remove(self, waiting: list[HostRequest]) -> list[int]:
        removed = []
        for place, request in enumerate(self._rows):
            is_over = self._has_ended(request) or request.num_aborted_at == len(request.output_ids)
            if is_over:
                removed.append(place)
            elif self._random.random() < 0.08:
                self.num_preempted += 1
                waiting.append(request)
                removed.append(place)
        return removed

    def _has_ended(self, request: HostRequest) -> bool:
        ids = request.output_ids
        is_long = len(ids) >= request.max_tokens
        return is_long or bool(ids and ids[-1] in self._base.eos_token_ids)

    def _update(self, removed: list[int], waiting: list[HostRequest]) -> None:
        places: dict[int, HostRequest] = dict(enumerate(self._rows))
        for place in removed:
            del places[place]
        added = []
        free = [*sorted(removed), *range(len(self._rows), self._max_rows)]
        while waiting and free and self._random.random() < 0.7:
            request = waiting.pop(self._random.randrange(len(waiting)))
            place = free.pop(0)
            places[place] = request
            if place in removed:  # vLLM does not name a place that it fills again
                removed.remove(place)
            added.append((place, request.params, request.prompt_ids, request.output_ids))
        moved: list[tuple[int, int, MoveDirectionality]] = []
        while places and max(places) >= len(places):  # condensed: the last goes into a gap
            start, end = max(places), min(set(range(len(places))) - places.keys())
            places[end] = places.pop(start)
            if end in removed:
                removed.remove(end)
            moved.append((start, end, MoveDirectionality.UNIDIRECTIONAL))
        if len(places) > 1 and self._random.random() < 0.3:
            first, second = self._random.sample(sorted(places), 2)
            places[first], places[second] = places[second], places[first]
            moved.append((first, second, MoveDirectionality.SWAP))
            self.num_swapped += 1
        self._rows = [places[place] for place in range(len(places))]
        if removed or added or moved:
            self._batch.update(
                SimpleNamespace(
                    batch_size=len(places),
                    removed=sorted(removed, reverse=True),
                    added=added,
                    moved=moved,
                )
            )

    def _step(self) -> None:
        logits = self._logits()
        if self._random.random() < 0.1:  # a step whose tokens are thrown away: chunked prefill
            self.num_repeated += 1
            self._batch.apply(logits + torch.randn(logits.shape[1]))
            logits = self._logits()
        chosen = self._batch.apply(logits).argmax(dim=-1).tolist()
        for request, token_id in zip(self._rows, chosen, strict=True):
            request.output_ids.append(token_id)

    def _logits(self) -> Tensor:
        return torch.stack(
            [base_logits(self._base, [*r.prompt_ids, *r.output_ids]) for r in self._rows]
        )
