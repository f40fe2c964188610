"""Readings that several texts ask for, done side by side.

What judges a text is a generator: it yields the readings it needs next and is sent their logits.
So there is one way to judge a text, be it alone or in a batch.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import torch
from torch import Tensor

from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.protocols import KVCache, LanguageModel

_MAX_TOKENS: Final = 4_096
"""Tokens, read before or now, of the rows that are read together: their keys and values bound the
memory of a batch."""
MAX_LOGITS: Final = 2**24
"""Logits held at once; 64 MiB in float32."""
_PADDING: Final = 12
"""Tokens that a row may be padded with; beyond a sixth of its own, it is sooner read apart."""


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


def judge(judging: Judging[ResultT]) -> ResultT:
    """Do what one text asks for, to its end."""
    (outcome,) = judge_together([judging])
    if isinstance(outcome, Failure):
        raise outcome.error
    return outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """What one of several came to that failed."""

    error: Exception


def judge_together(judgings: Sequence[Judging[ResultT]]) -> list[ResultT | Failure]:
    """Do what several texts ask for, side by side; one that fails spoils no other."""
    outcomes: dict[int, ResultT | Failure] = {}
    wanted: dict[int, list[Read]] = {}

    def advance(index: int, answers: list[Tensor | Exception] | None) -> None:
        judging = judgings[index]
        try:
            if answers is None:
                wanted[index] = next(judging)
                return
            logits = [answer for answer in answers if isinstance(answer, Tensor)]
            errors = [answer for answer in answers if isinstance(answer, Exception)]
            wanted[index] = judging.throw(errors[0]) if errors else judging.send(logits)
        except StopIteration as end:
            wanted.pop(index, None)
            outcomes[index] = end.value
        except Exception as error:
            wanted.pop(index, None)
            outcomes[index] = Failure(error)

    try:
        for index in range(len(judgings)):
            advance(index, None)
        while wanted:
            asked = dict(wanted)
            answers = iter(_read_all([read for reads in asked.values() for read in reads]))
            for index, reads in asked.items():
                advance(index, [next(answers) for _ in reads])
    finally:
        for judging in judgings:
            judging.close()
    return [outcomes[index] for index in range(len(judgings))]


def _read_all(reads: Sequence[Read]) -> list[Tensor | Exception]:
    found: dict[int, Tensor | Exception] = {}
    for group in _groups(reads):
        answers = _read_group([reads[index] for index in group])
        found.update(zip(group, answers, strict=True))
    return [found[index] for index in range(len(reads))]


def _groups(reads: Sequence[Read]) -> Iterator[list[int]]:
    """Yield indices of readings that go together: of one model, of like length, within memory."""
    kinds: dict[tuple[int, bool], list[int]] = {}
    for index, read in enumerate(reads):
        kinds.setdefault((id(read.model), len(read.branches) > 0), []).append(index)
    for indices in kinds.values():
        group: list[int] = []
        for index in sorted(indices, key=lambda i: -len(reads[i].input_ids)):
            if group and not _fits([reads[i] for i in group], reads[index]):
                yield group
                group = []
            group.append(index)
        yield group


def _fits(group: Sequence[Read], read: Read) -> bool:
    """Say whether a reading may join a group of longer ones."""
    rows = [*group, read]
    if not all(row.can_roll_back(row.num_own) for row in rows):
        return False
    longest, shortest = len(group[0].input_ids), len(read.input_ids)
    num_logits = max(row.num_logits for row in rows)
    width = max(row.num_read + len(row.input_ids) for row in rows)
    return (
        longest - shortest <= max(_PADDING, longest // 6)
        and num_logits <= min(row.num_own for row in rows)
        and width * len(rows) <= _MAX_TOKENS
        and num_logits * len(rows) * read.model.vocab_size <= MAX_LOGITS
    )


def _read_group(group: Sequence[Read]) -> list[Tensor | Exception]:
    """Return the logits of each reading, or what went wrong with it."""
    together = _read_together(group) if len(group) > 1 else None
    return [_read_alone(read) for read in group] if together is None else together


def _read_together(group: Sequence[Read]) -> list[Tensor | Exception] | None:
    """Return what a group's readings come to; None where they are to be tried apart."""
    lengths = [read.num_read for read in group]
    try:
        cache = _joined(group)
    except Exception:  # no memory for a copy of all: each goes on from its own
        return None
    error: Exception | None = None
    try:
        logits = _read_rows(group, cache)
    except Exception as failure:  # of one row or of all: which, is seen when they are apart
        error = failure
        cache.roll_back([n - old for n, old in zip(cache.lengths, lengths, strict=True)])
    for row, read in enumerate(group):
        read.share(cache, row)
    if error is not None:
        return None
    return [_checked(rows, read) for rows, read in zip(logits, group, strict=True)]


def _joined(group: Sequence[Read]) -> KVCache:
    """Return a cache with a row for each reading."""
    source = group[0].source
    is_common = source is not None and all(read.source is source for read in group)
    if source is not None and is_common and len(source.lengths) == 1:
        return source.spread(len(group), max(len(read.input_ids) for read in group) + 1)
    caches = [read.cache for read in group]
    joined: KVCache = type(caches[0]).join(caches)
    return joined


def _read_rows(group: Sequence[Read], cache: KVCache) -> list[Tensor]:
    num_branches = max(len(read.branches) for read in group)
    num_own = max(read.num_logits - len(read.branches) for read in group)
    ids, branches = [], []
    for read in group:
        # Rows have equally many branches: one is asked again where there are too few.
        missing, own = num_branches - len(read.branches), list(read.branches)
        ids.append([*read.input_ids, *read.input_ids[-1:] * missing])
        branches.append([*own, *own[-1:] * missing])
    logits = group[0].model.read(
        ids, cache, num_logits=num_own + num_branches, branches=branches if num_branches else ()
    )  # [rows, num_logits, vocab]
    found = []
    for read, row in zip(group, logits, strict=True):
        wanted = read.num_logits - len(read.branches)
        found.append(row[num_own - wanted : num_own + len(read.branches)])
    return found


def _read_alone(read: Read) -> Tensor | Exception:
    try:
        logits = read.model.read(
            [read.input_ids],
            read.cache,
            num_logits=read.num_logits,
            branches=read.branches,
        )[0]
    except Exception as error:
        return error
    return _checked(logits, read)


def _checked(logits: Tensor, read: Read) -> Tensor | Exception:
    if bool(logits.amax(dim=-1).isfinite().all()):
        return logits
    return NonFiniteLogitsError(read.model.name, read.cache.lengths[0])


@torch.inference_mode()
def at(logits: Tensor, positions: Sequence[int]) -> Tensor:
    """Return [positions, vocab] probabilities on the CPU at some of the positions."""
    return logits[list(positions)].softmax(dim=-1).cpu()
