"""The time to the first token, and the time per step."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from rich.table import Table

from _contenders import (
    GENERATE,
    GUARDED,
    STEPWISE,
    UNGUARDED,
    Contender,
    HuggingFace,
    Models,
    Ours,
)
from _prompts import Prompt, Prompts
from _report import Figure, Section, make_table, note, show
from _settings import Settings
from _timing import Measurements, Run, median, ratio, rotated, rounds_with_warm_up, timed
from ngsd_guard.types import Message

_SYSTEM_TOKENS = 256
_CONTEXT = 128
"""Tokens in the caches while steps are timed."""
_FORWARDS = 20
_DRAFT = 4


def measure_first_token(models: Models, settings: Settings) -> list[Section]:
    """Time the first token of new prompts, with the rubric and system prompt cached."""
    ours = [Ours(models, name, endless=False) for name in (GUARDED, UNGUARDED)]
    contenders: list[Contender] = [*ours, HuggingFace(models, endless=False)]
    prompts, found = Prompts(models.base, models.expert, seed=3), Measurements()
    system: Message = {
        "role": "system",
        "content": prompts.of_length(_SYSTEM_TOKENS).messages[0]["content"],
    }
    kinds = _kinds_of_prompts(prompts, settings, system)
    for round_index in rounds_with_warm_up(settings.rounds):
        note(f"first token, round {round_index + 1} of {settings.rounds}")
        for contender in contenders:
            contender.renew()
        for our in ours:
            our.warm([system])
        for kind, make in kinds.items():
            asked = [make(number) for number in range(settings.num_first_tokens)]
            for contender in rotated(contenders, round_index):
                runs = [_first_token(contender, prompt) for prompt in asked]
                seconds = statistics.median(run.seconds for run in runs)
                found.add(kind, contender.name, round_index, Run(seconds, [(0,)]))
    return [_first_token_section(list(kinds), found)]


def _kinds_of_prompts(
    prompts: Prompts, settings: Settings, system: Message
) -> dict[str, Callable[[int], Prompt]]:
    questions = prompts.everyday(settings.num_first_tokens)
    kinds: dict[str, Callable[[int], Prompt]] = {"everyday question": questions.__getitem__}
    for length in settings.prompt_lengths:
        kinds[f"{length} tokens"] = lambda _, n=length: prompts.of_length(n)  # type: ignore[misc]
    kinds[f"64 tokens after a system prompt of {_SYSTEM_TOKENS}"] = lambda _: prompts.of_length(
        64, [system]
    )
    return kinds


def _first_token(contender: Contender, prompt: Prompt) -> Run:
    if not isinstance(contender, Ours):
        return timed(contender.prepare([prompt], 1))
    job, clean_up = contender.prepare_first_token(prompt)
    run = timed(job)
    clean_up()
    return run


def _first_token_section(kinds: Sequence[str], found: Measurements) -> Section:
    table = make_table(
        "Milliseconds to the first token, medians, and their ratio [lowest, highest within a "
        "round]; the prompts are new, the rubric and the system prompt are not",
        ["prompt"],
        (f"{GUARDED}, with reflection", f"{UNGUARDED}, without", GENERATE,
         f"{GUARDED} ÷ {UNGUARDED}", f"{GUARDED} ÷ {GENERATE}"),
    )  # fmt: skip
    section = Section(tables=[table], data={"runs": found.as_json()})
    for kind in kinds:
        names = (GUARDED, UNGUARDED, GENERATE)
        guarded, unguarded, generate = (found.seconds(kind, name) for name in names)
        milliseconds = (1e3 * (median(s) or 0.0) for s in (guarded, unguarded, generate))
        measured = ratio(guarded, unguarded)
        table.add_row(
            kind,
            *(f"{ms:.1f}" for ms in milliseconds),
            show(measured),
            show(ratio(guarded, generate)),
        )
        section.figures.append(
            Figure(f"first token, guarded ÷ unguarded, {kind}", show(measured), "<= 1.5")
        )
    return section


class _Forwards:
    """Single forward passes of the pair, each rolled back afterwards."""

    def __init__(self, models: Models, prompt: Prompt) -> None:
        self._base, self._expert = models.base, models.expert
        self._token = prompt.base_ids[-1]
        self._base_cache: Any = self._base.new_cache()
        self._expert_cache: Any = self._expert.new_cache()
        self._base.read([prompt.base_ids], self._base_cache)
        self._expert.read([prompt.expert_ids], self._expert_cache)
        self._joined: Any = None
        if self._expert.adapts(self._base):
            join: Any = type(self._base_cache).join
            self._joined = join([self._base_cache, self._expert_cache])

    def jobs(self) -> dict[str, Callable[[], object]]:
        """Return the forward passes by name."""
        jobs: dict[str, Callable[[], object]] = {
            "base, 1 position": lambda: self._read_base(1),
            f"base, {_DRAFT + 1} positions": lambda: self._read_base(_DRAFT + 1),
        }
        if self._joined is not None:
            jobs["base and adapter, 1 position"] = self._read_both
        else:
            jobs["expert, 1 position"] = self._read_expert
        return jobs

    def _read_base(self, num_positions: int) -> None:
        ids = torch.full((1, num_positions), self._token)
        self._base.read(ids, self._base_cache, num_logits=num_positions)
        self._base_cache.roll_back([num_positions])

    def _read_expert(self) -> None:
        self._expert.read([[self._token]], self._expert_cache)
        self._expert_cache.roll_back([1])

    def _read_both(self) -> None:
        ids = torch.full((2, 1), self._token)
        self._expert.read(ids, self._joined, num_base_rows=1)
        self._joined.roll_back([1, 1])


def measure_steps(models: Models, settings: Settings) -> list[Section]:
    """Time forward passes, and the steps of complete loops."""
    prompts, found = Prompts(models.base, models.expert, seed=4), Measurements()
    loops = [Ours(models, name, endless=True) for name in (GUARDED, STEPWISE, UNGUARDED)]
    passes = _Forwards(models, prompts.of_length(_CONTEXT)).jobs()
    for round_index in rounds_with_warm_up(settings.rounds):
        note(f"steps, round {round_index + 1} of {settings.rounds}")
        for name, job in rotated(list(passes.items()), round_index):
            found.add(name, "forward", round_index, _mean_of(job, _FORWARDS))
        prompt = prompts.of_length(64)
        for loop in rotated(loops, round_index):
            loop.renew()
            seconds = _step_seconds(loop, prompt, settings.num_step_tokens)
            found.add(loop.name, "loop", round_index, Run(seconds, [(0,)]))
    return [_step_section(models, list(passes), found)]


def _mean_of(job: Callable[[], object], count: int) -> Run:
    started = time.perf_counter()
    for _ in range(count):
        job()
    return Run((time.perf_counter() - started) / count, [(0,)])


def _step_seconds(loop: Ours, prompt: Prompt, num_tokens: int) -> float:
    """Return the mean seconds between tokens, without the first."""
    stream = loop.engine.stream(prompt.messages, max_new_tokens=num_tokens, **loop.options)
    next(stream)
    started = time.perf_counter()
    following = sum(1 for _ in stream)
    return (time.perf_counter() - started) / max(following, 1)


def _step_section(models: Models, passes: Sequence[str], found: Measurements) -> Section:
    base = found.seconds("base, 1 position", "forward")
    table = make_table(
        "Milliseconds per forward pass, batch 1", ["pass"], ("median", "÷ the base's")
    )
    for name in passes:
        seconds = found.seconds(name, "forward")
        table.add_row(name, f"{1e3 * (median(seconds) or 0):.2f}", show(ratio(seconds, base)))
    section = Section(tables=[table, _loops(found)], data={"runs": found.as_json()})
    if models.expert.adapts(models.base):
        both = found.seconds("base and adapter, 1 position", "forward")
        steps = (found.seconds(name, "loop") for name in (STEPWISE, UNGUARDED))
        section.figures += [
            Figure("adapter expert: forward pass ÷ the base's own", show(ratio(both, base)),
                   "<= 1.25"),
            Figure("adapter expert: guarded step ÷ the base's own", show(ratio(*steps)),
                   "<= 1.25"),
        ]  # fmt: skip
    return section


def _loops(found: Measurements) -> Table:
    table = make_table(
        "Milliseconds between tokens, batch 1, without the first",
        ["loop"],
        ("median", f"÷ {UNGUARDED}"),
    )
    unguarded = found.seconds(UNGUARDED, "loop")
    for name in (UNGUARDED, STEPWISE, GUARDED):
        seconds = found.seconds(name, "loop")
        table.add_row(name, f"{1e3 * (median(seconds) or 0):.2f}", show(ratio(seconds, unguarded)))
    return table
