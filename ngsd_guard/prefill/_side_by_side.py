"""Batched reading for several texts.

A text is judged by a generator that yields the reads it needs next and is sent their logits. The
same generator serves for a single text and in a batch.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import torch
from torch import Tensor

from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.protocols import KVCache, LanguageModel

_MAX_TOKENS: Final = 4_096
"""Maximum number of tokens of a batch, cached or new, which bounds its memory."""
MAX_LOGITS: Final = 2**24
"""Maximum number of logits held at once; 64 MiB in float32."""
_PADDING: Final = 12
"""Maximum padding of a row, in tokens, unless a sixth of the longest row is more."""


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


def judge(judging: Judging[ResultT]) -> ResultT:
    """Run one judging and return its result."""
    (outcome,) = judge_together([judging])
    if isinstance(outcome, Failure):
        raise outcome.error
    return outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """The outcome of a judging that failed."""

    error: Exception


def judge_together(judgings: Sequence[Judging[ResultT]]) -> list[ResultT | Failure]:
    """Run several judgings together; a failure of one does not affect the others."""
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
    """Group reads of one model and similar length within the memory limits; yield indices."""
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
    """Return whether a read can join a group of longer ones."""
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
    """Return the logits of each read, or the exception it raised."""
    together = _read_together(group) if len(group) > 1 else None
    return [_read_alone(read) for read in group] if together is None else together


def _read_together(group: Sequence[Read]) -> list[Tensor | Exception] | None:
    """Return the logits of a group's reads; None if they must be retried one at a time."""
    lengths = [read.num_read for read in group]
    try:
        cache = _joined(group)
    except Exception:  # not enough memory for a joint copy
        return None
    error: Exception | None = None
    try:
        logits = _read_rows(group, cache)
    except Exception as failure:  # reading the rows separately shows which of them fail
        error = failure
        cache.roll_back([n - old for n, old in zip(cache.lengths, lengths, strict=True)])
    for row, read in enumerate(group):
        read.share(cache, row)
    if error is not None:
        return None
    return [_checked(rows, read) for rows, read in zip(logits, group, strict=True)]


def _joined(group: Sequence[Read]) -> KVCache:
    """Return a cache with one row per read."""
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
        # All rows need the same number of branches; repeat the last one where there are fewer.
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
    """Return probabilities at the given positions: [positions, vocab], on the CPU."""
    return logits[list(positions)].softmax(dim=-1).cpu()
