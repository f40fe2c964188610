"""What a text asks a model to read.

A text is judged by a generator that yields the reads it needs next and is sent their logits. The
same generator serves for a single text and in a batch.
"""

from collections.abc import Generator, Sequence
from typing import TypeVar

from torch import Tensor

from ngsd_guard.protocols import KVCache, LanguageModel


class Read:
    """Tokens that a model should read for one text.

    Args:
        model: the model.
        cache: a cache with one row; extended by the tokens.
        input_ids: the tokens.
        num_logits: see `LanguageModel.read`.
        branches: see `LanguageModel.read`; of one row.
        shared: the cache is also used by others and must not change.
    """

    def __init__(
        self,
        model: LanguageModel,
        cache: KVCache,
        input_ids: list[int],
        *,
        num_logits: int = 1,
        branches: Sequence[int] = (),
        shared: bool = False,
    ) -> None:
        self.model = model
        self.input_ids = input_ids
        self.num_logits = num_logits
        self.branches = branches
        self._cache = cache
        self._row = 0
        self._is_own = not shared

    @property
    def cache(self) -> KVCache:
        """The tokens read so far, in an unshared cache; not always the one passed."""
        if not self._is_own:
            if len(self._cache.lengths) > 1:
                self._cache = self._cache.select([self._row])
            else:
                self._cache = self._cache.spread(1, len(self.input_ids))
            self._row, self._is_own = 0, True
        return self._cache

    @property
    def source(self) -> KVCache | None:
        """The shared cache; None if the cache is not shared."""
        return None if self._is_own else self._cache

    @property
    def num_read(self) -> int:
        """Number of tokens read so far."""
        return self._cache.lengths[self._row]

    @property
    def num_uncounted(self) -> int:
        """How many of the first tokens nothing is asked of, so that they may be read before."""
        free = self.num_own - (self.num_logits - len(self.branches))
        return min([free, *self.branches])

    def read_piece(self, num_tokens: int) -> None:
        """Read the first of the tokens now, and leave the others."""
        piece, self.input_ids = self.input_ids[:num_tokens], self.input_ids[num_tokens:]
        self.branches = [index - num_tokens for index in self.branches]
        self.model.read([piece], self.cache)

    def can_roll_back(self, num_new: int) -> bool:
        """Whether the cache can still roll back after reading `num_new` more tokens."""
        return self._cache.can_roll_back(num_new)

    def share(self, cache: KVCache, row: int) -> None:
        """Continue from a row of a cache that no longer changes; it is copied on first use."""
        self._cache, self._row, self._is_own = cache, row, False

    @property
    def num_own(self) -> int:
        """Number of tokens that stay in the cache."""
        return len(self.input_ids) - len(self.branches)


ResultT = TypeVar("ResultT")
Judging = Generator[list[Read], list[Tensor], ResultT]
"""Yields independent reads and is sent the [num_logits, vocab] logits of each. If a read fails, its
exception is thrown into the generator."""


def read_one(read: Read) -> Judging[Tensor]:
    """Request one read and return its logits."""
    (logits,) = yield [read]
    return logits


def side_by_side(judgings: Sequence[Judging[ResultT]]) -> Judging[list[ResultT]]:
    """Run several independent judgings together, and return their results."""
    results: dict[int, ResultT] = {}
    wanted: dict[int, list[Read]] = {}

    def advance(index: int, logits: list[Tensor] | None) -> None:
        try:
            judging = judgings[index]
            wanted[index] = next(judging) if logits is None else judging.send(logits)
        except StopIteration as end:
            wanted.pop(index, None)
            results[index] = end.value

    for index in range(len(judgings)):
        advance(index, None)
    while wanted:
        asked = dict(wanted)
        answers = iter((yield [read for reads in asked.values() for read in reads]))
        for index, reads in asked.items():
            advance(index, [next(answers) for _ in reads])
    return [results[index] for index in range(len(judgings))]
