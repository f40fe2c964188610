"""Judgings under way, whose readings are done side by side and a bounded piece at a time."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from torch import Tensor

from ngsd_guard.prefill._reading import Judging, Read, ResultT
from ngsd_guard.prefill._side_by_side import read_all

KeyT = TypeVar("KeyT", bound=Hashable)
_Answer = Tensor | Exception


@dataclass(frozen=True, slots=True)
class Failure:
    """The outcome of a judging that failed."""

    error: Exception


@dataclass(slots=True)
class _Entry(Generic[ResultT]):
    """A judging, the readings it waits for, and those of them that are done."""

    judging: Judging[ResultT]
    reads: list[Read] = field(default_factory=list)
    answers: dict[int, _Answer] = field(default_factory=dict)

    @property
    def open_reads(self) -> list[tuple[int, Read]]:
        return [(n, read) for n, read in enumerate(self.reads) if n not in self.answers]


class ReadingPool(Generic[KeyT, ResultT]):
    """Judgings of several texts, advanced together; a failure of one does not affect the others."""

    def __init__(self) -> None:
        self._entries: dict[KeyT, _Entry[ResultT]] = {}
        self._finished: dict[KeyT, ResultT | Failure] = {}

    def __len__(self) -> int:
        return len(self._entries) + len(self._finished)

    def add(self, key: KeyT, judging: Judging[ResultT]) -> None:
        """Let a judging ask for its first readings."""
        self._entries[key] = _Entry(judging)
        self._send(key, None)

    def drop(self, key: KeyT) -> None:
        """Give up a judging."""
        self._finished.pop(key, None)
        entry = self._entries.pop(key, None)
        if entry is not None:
            entry.judging.close()

    def step(self, max_tokens: int | None = None) -> dict[KeyT, ResultT | Failure]:
        """Do readings, and return what has come to its end.

        Args:
            max_tokens: how many tokens to read, of all texts together; a longer reading is done
                in pieces. None does all readings that are asked for.
        """
        chosen = self._choose(max_tokens)
        for (key, number), answer in zip(
            [place for place, _ in chosen], read_all([read for _, read in chosen]), strict=True
        ):
            self._entries[key].answers[number] = answer
        for key, entry in list(self._entries.items()):
            if len(entry.answers) == len(entry.reads):
                answers = [entry.answers[number] for number in range(len(entry.reads))]
                self._send(key, answers)
        finished, self._finished = self._finished, {}
        return finished

    def _choose(self, max_tokens: int | None) -> list[tuple[tuple[KeyT, int], Read]]:
        """Return readings to be done now; of one that is too long, a piece is read here."""
        chosen: list[tuple[tuple[KeyT, int], Read]] = []
        left = max_tokens
        for key, entry in self._entries.items():
            for number, read in entry.open_reads:
                if left is None or len(read.input_ids) <= left:
                    chosen.append(((key, number), read))
                    left = None if left is None else left - len(read.input_ids)
                    continue
                size = min(left, read.num_uncounted)
                if not chosen and size > 0:
                    try:
                        read.read_piece(size)
                    except Exception as error:
                        entry.answers[number] = error
                elif not chosen:  # it cannot be cut any further
                    chosen.append(((key, number), read))
                return chosen
        return chosen

    def _send(self, key: KeyT, answers: Sequence[_Answer] | None) -> None:
        entry = self._entries[key]
        try:
            if answers is None:
                reads = next(entry.judging)
            else:
                errors = [answer for answer in answers if isinstance(answer, Exception)]
                logits = [answer for answer in answers if isinstance(answer, Tensor)]
                reads = entry.judging.throw(errors[0]) if errors else entry.judging.send(logits)
            entry.reads, entry.answers = reads, {}
        except StopIteration as end:
            self._finish(key, end.value)
        except Exception as error:
            self._finish(key, Failure(error))

    def _finish(self, key: KeyT, outcome: ResultT | Failure) -> None:
        del self._entries[key]
        self._finished[key] = outcome

    def close(self) -> None:
        """Give up all judgings."""
        for key in [*self._entries, *self._finished]:
            self.drop(key)


def judge(judging: Judging[ResultT]) -> ResultT:
    """Run one judging and return its result."""
    (outcome,) = judge_together([judging])
    if isinstance(outcome, Failure):
        raise outcome.error
    return outcome


def judge_together(judgings: Sequence[Judging[ResultT]]) -> list[ResultT | Failure]:
    """Run several judgings together; a failure of one does not affect the others."""
    pool = ReadingPool[int, ResultT]()
    outcomes: dict[int, ResultT | Failure] = {}
    try:
        for index, judging in enumerate(judgings):
            pool.add(index, judging)
        while len(pool):
            outcomes.update(pool.step())
    finally:
        pool.close()
        for judging in judgings:
            judging.close()
    return [outcomes[index] for index in range(len(judgings))]
