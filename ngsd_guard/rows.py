"""Several requests side by side for models whose caches hold one request each."""

from collections.abc import Sequence
from typing import Generic, Protocol, Self, TypeVar


class SingleCache(Protocol):
    """What one request has read."""

    @property
    def length(self) -> int:
        """Tokens read so far."""

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""

    def roll_back(self, num_tokens: int) -> None:
        """Forget the last `num_tokens` tokens."""

    def fork(self) -> Self:
        """Return an independent copy."""


CacheT = TypeVar("CacheT", bound=SingleCache)


class SeparateRows(Generic[CacheT]):
    """Caches of single requests, read one after another."""

    def __init__(self, rows: Sequence[CacheT]) -> None:
        self.rows = list(rows)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens each row has read."""
        return tuple(row.length for row in self.rows)

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""
        return all(row.can_roll_back(num_new) for row in self.rows)

    @property
    def num_bytes(self) -> int:
        """Memory taken; not known."""
        return 0

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row."""
        for row, number in zip(self.rows, num_tokens, strict=True):
            row.roll_back(number)

    def fork(self, num_tokens: int | None = None) -> Self:
        """Return an independent copy, of each row's first `num_tokens` tokens or of all."""
        copy = type(self)([row.fork() for row in self.rows])
        if num_tokens is not None:
            copy.roll_back([length - num_tokens for length in copy.lengths])
        return copy

    def spread(self, num_rows: int, num_new: int = 0) -> Self:
        """Return independent copies of a lone row side by side."""
        return type(self)([row.fork() for row in self.rows for _ in range(num_rows)])

    def select(self, rows: Sequence[int]) -> Self:
        """Return a cache of some of the rows, in the order given."""
        return type(self)([self.rows[row] for row in rows])

    @classmethod
    def join(cls, caches: Sequence["SeparateRows[CacheT]"]) -> "SeparateRows[CacheT]":
        """Return one cache with the rows of several, in their order."""
        return SeparateRows([row for cache in caches for row in cache.rows])


def branches_of_rows(
    branches: Sequence[int] | Sequence[Sequence[int]], num_rows: int
) -> list[list[int]]:
    """Return the branches of each row; those of a lone row may be given as they are."""
    rows: list[list[int]] = []
    for row in branches:
        if isinstance(row, int):
            return [[index for index in branches if isinstance(index, int)]] * num_rows
        rows.append(list(row))
    return rows or [[] for _ in range(num_rows)]
