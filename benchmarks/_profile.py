"""Profile of a guarded answer: operations, and Python functions."""

import cProfile
import pstats
import time
from pathlib import Path
from typing import Any

from rich.table import Table
from torch.profiler import ProfilerActivity, profile

from _contenders import Models, Ours
from _prompts import Prompts
from _report import Section, make_table

_NUM_ROWS = 20


def profile_answer(models: Models, name: str, num_tokens: int) -> list[Section]:
    """Profile one answer of full length with torch's and Python's profilers."""
    ours = Ours(models, name, endless=True)
    prompts = Prompts(models.base, models.expert, seed=7)
    ours.prepare([prompts.of_length(64)], num_tokens)()
    job = ours.prepare([prompts.of_length(64)], num_tokens)
    started = time.perf_counter()
    job()
    seconds = time.perf_counter() - started
    (generation,) = ours.generations
    made = generation.speculation
    section = Section(
        tables=[
            _operations(ours, prompts, num_tokens, name),
            _functions(ours, prompts, num_tokens, name),
        ]
    )
    section.notes.append(
        f"{name}, {num_tokens} tokens, unprofiled: {seconds:.3f} s, of which reflection "
        f"{generation.timing.reflection_s:.3f} s; {made.num_rounds} base forwards after the "
        f"prompt, {made.num_accepted} of {made.num_drafted} drafted tokens accepted. Profilers "
        "slow a run down, so only the shares are meaningful."
    )
    return [section]


def _operations(ours: Ours, prompts: Prompts, num_tokens: int, name: str) -> Table:
    job = ours.prepare([prompts.of_length(64)], num_tokens)
    with profile(activities=[ProfilerActivity.CPU]) as recorded:
        job()
    averages = sorted(recorded.key_averages(), key=lambda a: -a.self_cpu_time_total)
    total = sum(average.self_cpu_time_total for average in averages) / 1e6
    table = make_table(
        f"Operations of a {name} answer, by their own time",
        ["operation"],
        ("calls", "own milliseconds", "share", "microseconds per call"),
    )
    for average in averages[:_NUM_ROWS]:
        spent = average.self_cpu_time_total
        table.add_row(
            average.key,
            str(average.count),
            f"{spent / 1e3:.1f}",
            f"{spent / 1e6 / total:.1%}",
            f"{spent / average.count:.1f}",
        )
    return table


def _functions(ours: Ours, prompts: Prompts, num_tokens: int, name: str) -> Table:
    job = ours.prepare([prompts.of_length(64)], num_tokens)
    profiler = cProfile.Profile()
    profiler.runcall(job)
    stats = pstats.Stats(profiler)
    table = make_table(
        f"Functions of a {name} answer, by their own time",
        ["function"],
        ("calls", "own milliseconds", "share", "total milliseconds"),
    )
    entries: Any = stats
    rows = sorted(entries.stats.items(), key=lambda row: -row[1][2])
    total = sum(own for _, (_, _, own, _, _) in rows)
    for (path, line, function), (_, calls, own, cumulative, _) in rows[:_NUM_ROWS]:
        where = function if path == "~" else f"{Path(path).name}:{line} {function}"
        alone, in_all = (f"{1e3 * seconds:.1f}" for seconds in (own, cumulative))
        table.add_row(where, str(calls), alone, f"{own / total:.1%}", in_all)
    return table
