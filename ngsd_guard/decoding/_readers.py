"""The two models reading the same rows: separately, or in one pass where they share weights."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from ngsd_guard.protocols import KVCache, LanguageModel


class Readers(Protocol):
    """Base and expert, or the base alone, reading some rows."""

    @property
    def drafter(self) -> "SeparateModels | None":
        """The two read separately, so that the expert may draft; None where it cannot."""

    def read(self, input_ids: Tensor) -> tuple[Tensor, Tensor | None]:
        """Read [rows, 1] tokens with both; return logits of base and expert, [rows, 1, vocab]."""

    def can_roll_back(self, num_new: int) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row, in both."""

    def mark(self) -> list[tuple[int, ...]]:
        """Return how much each row has read, for `rewind`."""

    def rewind(self, marked: list[tuple[int, ...]]) -> None:
        """Forget what was read since `mark`, by one model or both."""

    def select(self, rows: Sequence[int]) -> "Readers":
        """Keep some of the rows."""

    def caches(self) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of all rows; they are given up."""

    def caches_of(self, row: int) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of one row; the row is given up."""


class SeparateModels:
    """Two models with caches of their own, or the base alone."""

    def __init__(
        self,
        base: LanguageModel,
        base_cache: KVCache,
        expert: LanguageModel | None,
        expert_cache: KVCache | None,
    ) -> None:
        self._base, self._base_cache = base, base_cache
        self._expert, self._expert_cache = expert, expert_cache

    @property
    def drafter(self) -> "SeparateModels | None":
        """The two read separately, so that the expert may draft; None without an expert."""
        return None if self._expert is None else self

    def read(self, input_ids: Tensor) -> tuple[Tensor, Tensor | None]:
        """Read [rows, 1] tokens with both; return logits of base and expert, [rows, 1, vocab]."""
        return self.read_base(input_ids), self.read_expert(input_ids) if self._expert else None

    def read_expert(self, input_ids: Tensor) -> Tensor:
        """Read tokens with the expert alone; return logits of every position."""
        expert: Any = self._expert
        logits: Tensor = expert.read(input_ids, self._expert_cache, num_logits=input_ids.shape[1])
        return logits

    def read_base(self, input_ids: Tensor) -> Tensor:
        """Read tokens with the base alone; return logits of every position."""
        return self._base.read(input_ids, self._base_cache, num_logits=input_ids.shape[1])

    def can_roll_back(self, num_new: int) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""
        return all(cache.can_roll_back(num_new) for cache in self._caches)

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row, in both."""
        for cache in self._caches:
            cache.roll_back(num_tokens)

    def mark(self) -> list[tuple[int, ...]]:
        """Return how much each row has read, for `rewind`."""
        return [cache.lengths for cache in self._caches]

    def rewind(self, marked: list[tuple[int, ...]]) -> None:
        """Forget what was read since `mark`, by one model or both."""
        for cache, lengths in zip(self._caches, marked, strict=True):
            _rewind(cache, lengths)

    def select(self, rows: Sequence[int]) -> "SeparateModels":
        """Keep some of the rows."""
        expert_cache = None if self._expert_cache is None else self._expert_cache.select(rows)
        return SeparateModels(self._base, self._base_cache.select(rows), self._expert, expert_cache)

    def caches_of(self, row: int) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of one row; the row is given up."""
        return _one(self._base_cache, row), _one(self._expert_cache, row)

    def caches(self) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of all rows; they are given up."""
        return self._base_cache, self._expert_cache

    @property
    def _caches(self) -> list[KVCache]:
        return [c for c in (self._base_cache, self._expert_cache) if c is not None]


class SharedWeights:
    """A base and an adapter on it: both rows of every request in one forward pass."""

    drafter = None

    def __init__(self, expert: LanguageModel, cache: KVCache, num_rows: int) -> None:
        self._expert = expert
        self._cache = cache  # base rows first
        self._num_rows = num_rows

    def read(self, input_ids: Tensor) -> tuple[Tensor, Tensor | None]:
        """Read [rows, 1] tokens with both; return logits of base and expert, [rows, 1, vocab]."""
        logits = self._expert.read(
            torch.cat([input_ids, input_ids]), self._cache, num_base_rows=self._num_rows
        )
        return logits[: self._num_rows], logits[self._num_rows :]

    def can_roll_back(self, num_new: int) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""
        return self._cache.can_roll_back(num_new)

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row, in both."""
        self._cache.roll_back([*num_tokens, *num_tokens])

    def mark(self) -> list[tuple[int, ...]]:
        """Return how much each row has read, for `rewind`."""
        return [self._cache.lengths]

    def rewind(self, marked: list[tuple[int, ...]]) -> None:
        """Forget what was read since `mark`, by one model or both."""
        _rewind(self._cache, marked[0])

    def select(self, rows: Sequence[int]) -> "SharedWeights":
        """Keep some of the rows."""
        chosen = self._cache.select([*rows, *(self._num_rows + row for row in rows)])
        return SharedWeights(self._expert, chosen, len(rows))

    def caches_of(self, row: int) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of one row; the row is given up."""
        return self._cache.select([row]), self._cache.select([self._num_rows + row])

    def caches(self) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of all rows; they are given up."""
        num_rows = self._num_rows
        halves = range(num_rows), range(num_rows, 2 * num_rows)
        base_cache, expert_cache = (self._cache.select(half) for half in halves)
        return base_cache, expert_cache


def make_readers(
    base: LanguageModel,
    base_caches: Sequence[KVCache],
    expert: LanguageModel | None,
    expert_caches: Sequence[KVCache],
) -> Readers:
    """Put rows that were read apart side by side."""
    join = type(base_caches[0]).join
    if expert is None:
        return SeparateModels(base, join(base_caches), None, None)
    if expert.adapts(base):
        num_rows = sum(len(cache.lengths) for cache in base_caches)
        return SharedWeights(expert, join([*base_caches, *expert_caches]), num_rows)
    expert_cache = type(expert_caches[0]).join(expert_caches)
    return SeparateModels(base, join(base_caches), expert, expert_cache)


def _one(cache: Any, row: int) -> Any:
    if cache is None or len(cache.lengths) == 1:
        return cache
    return cache.select([row])


def _rewind(cache: KVCache, lengths: Sequence[int]) -> None:
    cache.roll_back([now - before for now, before in zip(cache.lengths, lengths, strict=True)])
