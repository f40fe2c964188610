"""Rounds, medians and ratios: every contender runs once per round, in rotating order."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch

T = TypeVar("T")
Answers = list[tuple[int, ...]]
"""A contender's answer to each prompt, as tokens."""
Job = Callable[[], Answers]
"""Work to be timed."""
ByRound = Mapping[int, float]
"""One figure per round, by the number of the round."""


@dataclass(frozen=True, slots=True)
class Run:
    """One timed job."""

    seconds: float
    answers: Answers

    @property
    def num_tokens(self) -> int:
        """Number of tokens in the answers to all prompts."""
        return sum(len(answer) for answer in self.answers)


def timed(job: Job) -> Run:
    """Time a job; synchronise with the device before and after."""
    gc.collect()
    _synchronise()
    started = time.perf_counter()
    answers = job()
    _synchronise()
    return Run(time.perf_counter() - started, answers)


def _synchronise() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def rotated(items: Sequence[T], by: int) -> list[T]:
    """Return the items rotated by `by` places."""
    start = by % len(items) if items else 0
    return [*items[start:], *items[:start]]


def rounds_with_warm_up(num_rounds: int) -> range:
    """Return the numbers of the rounds; -1 is the warm-up, whose figures are discarded."""
    return range(-1, num_rounds)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The ratio of two medians, with the lowest and highest ratio within a round."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def ratio(top: ByRound, bottom: ByRound) -> Ratio | None:
    """Compare two figures over the rounds that have both; None if no round has both."""
    common = sorted(top.keys() & bottom.keys())
    if not common:
        return None
    within = [top[r] / bottom[r] for r in common]
    medians = [statistics.median(figure[r] for r in common) for figure in (top, bottom)]
    return Ratio(medians[0] / medians[1], min(within), max(within))


@dataclass(slots=True)
class Measurements:
    """Runs by cell, contender and round."""

    runs: dict[tuple[str, str], dict[int, Run]] = field(default_factory=dict)

    def add(self, cell: str, contender: str, round_index: int, run: Run) -> None:
        """Store a run, unless it belongs to the warm-up."""
        if round_index >= 0:
            self.runs.setdefault((cell, contender), {})[round_index] = run

    def seconds(self, cell: str, contender: str) -> dict[int, float]:
        """Return the seconds of each round."""
        return {r: run.seconds for r, run in self.runs.get((cell, contender), {}).items()}

    def rates(self, cell: str, contender: str) -> dict[int, float]:
        """Return the tokens per second of each round."""
        runs = self.runs.get((cell, contender), {})
        return {r: run.num_tokens / run.seconds for r, run in runs.items()}

    def seconds_per_token(self, cell: str, contender: str) -> dict[int, float]:
        """Return the seconds per token of each round."""
        return {r: 1 / rate for r, rate in self.rates(cell, contender).items()}

    def as_json(self) -> list[dict[str, object]]:
        """Return all runs, without their tokens."""
        return [
            {"cell": cell, "contender": contender, "round": r, "seconds": run.seconds,
             "tokens": run.num_tokens}
            for (cell, contender), runs in self.runs.items()
            for r, run in runs.items()
        ]  # fmt: skip


def median(figure: ByRound) -> float | None:
    """Return the median over the rounds; None without rounds."""
    return statistics.median(figure.values()) if figure else None
