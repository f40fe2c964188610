"""The two models reading the same rows: apart, or in one forward pass where they share weights."""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from ngsd_guard.protocols import KVCache, LanguageModel


class Readers(Protocol):
    """Base and expert, or the base alone, reading some rows."""

    drafts: bool
    """Whether the expert can be read by itself, for less than the base."""

    def read(self, input_ids: Tensor) -> tuple[Tensor, Tensor | None]:
        """Read [rows, 1] tokens with both; return logits of base and expert, [rows, 1, vocab]."""

    def read_expert(self, input_ids: Tensor) -> Tensor:
        """Read tokens with the expert alone; return logits of every position."""

    def read_base(self, input_ids: Tensor) -> Tensor:
        """Read tokens with the base alone; return logits of every position."""

    def can_roll_back(self, num_new: int) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row, in both."""

    def select(self, rows: Sequence[int]) -> "Readers":
        """Keep some of the rows."""

    def caches_of(self, row: int) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of one row; the row is given up."""


class Apart:
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
        self.drafts = expert is not None

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
        caches = [cache for cache in (self._base_cache, self._expert_cache) if cache is not None]
        return all(cache.can_roll_back(num_new) for cache in caches)

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row, in both."""
        self._base_cache.roll_back(num_tokens)
        if self._expert_cache is not None:
            self._expert_cache.roll_back(num_tokens)

    def select(self, rows: Sequence[int]) -> "Apart":
        """Keep some of the rows."""
        expert_cache = None if self._expert_cache is None else self._expert_cache.select(rows)
        return Apart(self._base, self._base_cache.select(rows), self._expert, expert_cache)

    def caches_of(self, row: int) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of one row; the row is given up."""
        return _one(self._base_cache, row), _one(self._expert_cache, row)


class Together:
    """A base and an adapter on it: both rows of every request in one forward pass."""

    drafts = False

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

    def read_expert(self, input_ids: Tensor) -> Tensor:
        """Not to be called: the expert is not read by itself."""
        raise NotImplementedError

    def read_base(self, input_ids: Tensor) -> Tensor:
        """Not to be called: the base is not read by itself."""
        raise NotImplementedError

    def can_roll_back(self, num_new: int) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""
        return self._cache.can_roll_back(num_new)

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row, in both."""
        self._cache.roll_back([*num_tokens, *num_tokens])

    def select(self, rows: Sequence[int]) -> "Together":
        """Keep some of the rows."""
        chosen = self._cache.select([*rows, *(self._num_rows + row for row in rows)])
        return Together(self._expert, chosen, len(rows))

    def caches_of(self, row: int) -> tuple[KVCache, KVCache | None]:
        """Return what base and expert hold of one row; the row is given up."""
        return self._cache.select([row]), self._cache.select([self._num_rows + row])


def make_readers(
    base: LanguageModel,
    base_caches: Sequence[KVCache],
    expert: LanguageModel | None,
    expert_caches: Sequence[KVCache],
) -> Readers:
    """Put rows that were read one by one side by side."""
    join = type(base_caches[0]).join
    if expert is None:
        return Apart(base, join(base_caches), None, None)
    if expert.adapts(base):
        return Together(expert, join([*base_caches, *expert_caches]), len(base_caches))
    return Apart(base, join(base_caches), expert, type(expert_caches[0]).join(expert_caches))


def _one(cache: Any, row: int) -> Any:
    if cache is None or len(cache.lengths) == 1:
        return cache
    return cache.select([row])
