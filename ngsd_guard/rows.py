"""A batch of requests for models whose caches hold one request each."""

from collections.abc import Sequence
from typing import Generic, Protocol, Self, TypeVar


class SingleCache(Protocol):
    """The cache of one request."""

    @property
    def length(self) -> int:
        """Number of tokens read."""

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether the cache can still roll back after reading `num_new` more tokens."""

    def roll_back(self, num_tokens: int) -> None:
        """Remove the last `num_tokens` tokens."""

    def fork(self) -> Self:
        """Return an independent copy."""


CacheT = TypeVar("CacheT", bound=SingleCache)


class SeparateRows(Generic[CacheT]):
    """A batch of single-request caches, read in turn."""

    def __init__(self, rows: Sequence[CacheT]) -> None:
        self.rows = list(rows)

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of tokens read, per row."""
        return tuple(row.length for row in self.rows)

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether every row can still roll back after reading `num_new` more tokens."""
        return all(row.can_roll_back(num_new) for row in self.rows)

    @property
    def num_bytes(self) -> int:
        """Memory used; 0, because it is unknown."""
        return 0

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Remove the last `num_tokens[row]` tokens of each row."""
        for row, number in zip(self.rows, num_tokens, strict=True):
            row.roll_back(number)

    def fork(self, num_tokens: int | None = None) -> Self:
        """Return an independent copy of each row's first `num_tokens` tokens; None copies all."""
        copy = type(self)([row.fork() for row in self.rows])
        if num_tokens is not None:
            copy.roll_back([length - num_tokens for length in copy.lengths])
        return copy

    def spread(self, num_rows: int, num_new: int = 0) -> Self:
        """Return `num_rows` independent copies of a single row."""
        return type(self)([row.fork() for row in self.rows for _ in range(num_rows)])

    def select(self, rows: Sequence[int]) -> Self:
        """Return a cache of the given rows, in that order."""
        return type(self)([self.rows[row] for row in rows])

    @classmethod
    def join(cls, caches: Sequence["SeparateRows[CacheT]"]) -> "SeparateRows[CacheT]":
        """Return one cache with the rows of all `caches`, in order."""
        return SeparateRows([row for cache in caches for row in cache.rows])


def branches_of_rows(
    branches: Sequence[int] | Sequence[Sequence[int]], num_rows: int
) -> list[list[int]]:
    """Return the branches as one list per row; a flat list applies to every row."""
    rows: list[list[int]] = []
    for row in branches:
        if isinstance(row, int):
            return [[index for index in branches if isinstance(index, int)]] * num_rows
        rows.append(list(row))
    return rows or [[] for _ in range(num_rows)]
