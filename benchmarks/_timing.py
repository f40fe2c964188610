"""Rounds, medians and ratios: every contender runs once a round, in an order that rotates."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch

T = TypeVar("T")
Answers = list[tuple[int, ...]]
"""The tokens a contender answered each prompt with."""
Job = Callable[[], Answers]
"""Work to be timed."""
ByRound = Mapping[int, float]
"""A figure of each round, by the round's number."""


@dataclass(frozen=True, slots=True)
class Run:
    """One timed job."""

    seconds: float
    answers: Answers

    @property
    def num_tokens(self) -> int:
        """Tokens answered, over all prompts."""
        return sum(len(answer) for answer in self.answers)


def timed(job: Job) -> Run:
    """Run a job between two readings of the clock, and wait for the device at both."""
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
    """Return the rounds' numbers; -1 is the warm-up, whose figures are thrown away."""
    return range(-1, num_rounds)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The ratio of two medians, and the least and greatest ratio within a round."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def ratio(top: ByRound, bottom: ByRound) -> Ratio | None:
    """Compare two figures over the rounds that have both; None where there is no such round."""
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
        """Keep a run, unless it is of the warm-up."""
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
        """Return every run, without its tokens."""
        return [
            {"cell": cell, "contender": contender, "round": r, "seconds": run.seconds,
             "tokens": run.num_tokens}
            for (cell, contender), runs in self.runs.items()
            for r, run in runs.items()
        ]  # fmt: skip


def median(figure: ByRound) -> float | None:
    """Return the median over the rounds; None where there is none."""
    return statistics.median(figure.values()) if figure else None
