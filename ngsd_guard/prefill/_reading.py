"""What a text asks a model to read.

What judges a text is a generator: it yields the readings it needs next and is sent their logits.
So there is one way to judge a text, be it alone or in a batch.
"""

from collections.abc import Generator, Sequence
from typing import TypeVar

from torch import Tensor

from ngsd_guard.protocols import KVCache, LanguageModel


class Read:
    """Some tokens that a model is to read for one text.

    Args:
        model: what reads.
        cache: of one row; grows by the tokens.
        input_ids: the tokens.
        num_logits: as `LanguageModel.read` takes it.
        branches: likewise, of one row.
        shared: whether others go on from the cache too, so that it must stay as it is.
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
        """What was read so far, in a cache of its own: not always the one that was passed."""
        if not self._is_own:
            if len(self._cache.lengths) > 1:
                self._cache = self._cache.select([self._row])
            else:
                self._cache = self._cache.spread(1, len(self.input_ids))
            self._row, self._is_own = 0, True
        return self._cache

    @property
    def source(self) -> KVCache | None:
        """What others go on from too; None if it has a cache of its own."""
        return None if self._is_own else self._cache

    @property
    def num_read(self) -> int:
        """Tokens read so far."""
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
        """Whether tokens can be forgotten after `num_new` more are read."""
        return self._cache.can_roll_back(num_new)

    def share(self, cache: KVCache, row: int) -> None:
        """Go on from a row of a cache that nobody reads with; it is copied when it is asked for."""
        self._cache, self._row, self._is_own = cache, row, False

    @property
    def num_own(self) -> int:
        """Tokens that are kept."""
        return len(self.input_ids) - len(self.branches)


ResultT = TypeVar("ResultT")
Judging = Generator[list[Read], list[Tensor], ResultT]
"""Yields readings that do not depend on each other, and is sent [num_logits, vocab] logits of
each; what goes wrong with one of them is thrown into it."""


def read_one(read: Read) -> Judging[Tensor]:
    """Ask for one reading and return its logits."""
    (logits,) = yield [read]
    return logits


def side_by_side(judgings: Sequence[Judging[ResultT]]) -> Judging[list[ResultT]]:
    """Do several things whose readings do not depend on each other."""
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
