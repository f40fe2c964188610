"""The cache of a batch of requests: places of sequences in a context, and how much each holds."""

from collections.abc import Sequence
from typing import Self

from ngsd_guard.errors import DecodingError
from ngsd_guard.models.llamacpp._context import Context, SequencePlace


class SequenceCache:
    """What some requests have read, one sequence of a context per row.

    Copies share memory with what they were copied from, so that a fork costs no more than a row.

    Args:
        context: whose sequences they are.
        places: one per row.
        lengths: tokens read, per row.
    """

    def __init__(
        self, context: Context, places: Sequence[SequencePlace], lengths: Sequence[int]
    ) -> None:
        self.context = context
        self.places = list(places)
        self._lengths = list(lengths)

    @classmethod
    def empty(cls, context: Context) -> Self:
        """Return a cache of one row that has read nothing."""
        return cls(context, [context.new_sequence()], [0])

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of tokens read, per row."""
        return tuple(self._lengths)

    def count(self, num_tokens: Sequence[int]) -> None:
        """Take note of tokens that were read, per row."""
        self._lengths = [n + new for n, new in zip(self._lengths, num_tokens, strict=True)]

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether the cache can roll back; always true: other models are refused when loaded."""
        return True

    @property
    def num_bytes(self) -> int:
        """Memory used, in bytes; shared memory counts for each row."""
        return sum(self._lengths) * self.context.weights.bytes_per_token

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Remove the last `num_tokens[row]` tokens of each row.

        Raises:
            DecodingError: a row has fewer tokens.
        """
        for length, number in zip(self._lengths, num_tokens, strict=True):
            if not 0 <= number <= length:
                raise DecodingError(f"cannot roll back {number} of {length} tokens")
        for row, number in enumerate(num_tokens):
            if number > 0:
                self._lengths[row] -= number
                self.context.cut(self.places[row].id, self._lengths[row])

    def fork(self, num_tokens: int | None = None) -> Self:
        """Return an independent copy of each row's first `num_tokens` tokens; None copies all."""
        lengths = [length if num_tokens is None else num_tokens for length in self._lengths]
        return self._copy(range(len(lengths)), lengths)

    def spread(self, num_rows: int, num_new: int = 0) -> Self:
        """Return `num_rows` independent copies of a single row."""
        return self._copy([0] * num_rows, self._lengths * num_rows)

    def select(self, rows: Sequence[int]) -> Self:
        """Return a cache of copies of the given rows, in that order."""
        return self._copy(rows, [self._lengths[row] for row in rows])

    def _copy(self, rows: Sequence[int], lengths: Sequence[int]) -> Self:
        places = [
            self.context.copy(self.places[row], length)
            for row, length in zip(rows, lengths, strict=True)
        ]
        return type(self)(self.context, places, lengths)

    @classmethod
    def join(cls, caches: Sequence["SequenceCache"]) -> "SequenceCache":
        """Return one cache with the rows of all `caches`, in order; `caches` are emptied."""
        first = caches[0]
        if len(caches) == 1:
            return first
        joined = cls(
            first.context,
            [place for cache in caches for place in cache.places],
            [length for cache in caches for length in cache.lengths],
        )
        for cache in caches:
            cache.places, cache._lengths = [], []
        return joined
