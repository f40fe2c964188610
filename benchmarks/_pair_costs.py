"""What guarding costs with a pair of real size: several dtypes, beside Hugging Face, in one run."""

import gc
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from _prompts import Prompt, Prompts
from _report import Figure, Section, make_table, note
from _timing import rotated, rounds_with_warm_up
from ngsd_guard import Engine, NGSDConfig, load_engine
from ngsd_guard.pairs import Calibration, Pair, find_pair

GUARDED, STEPWISE, UNGUARDED = "guarded", "guarded stepwise", "unguarded"
GENERATE, LOOKUP = "HF generate", "HF prompt lookup"
_MODES: Final[dict[str, dict[str, Any]]] = {
    GUARDED: {},
    STEPWISE: {"speculative": False},
    UNGUARDED: {"guarded": False, "speculative": False},
}
_TARGETS: Final = {"float32": ">= 2.0", "bfloat16": ">= 1.5"}
_EARLY, _LATE, _NUM_STEPS = 64, 1_984, 16


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of a run of `decode.py --pair`."""

    rounds: int = 3
    num_prompts: int = 3
    num_tokens: int = 64
    prompt_lengths: tuple[int, ...] = (64, 512)
    streams: tuple[int, ...] = (1, 4, 8, 16)
    late: bool = False


_WARM_UP: Final = Sizes(0, num_prompts=1, num_tokens=4, prompt_lengths=(64,), streams=(2,))


@dataclass(frozen=True, slots=True)
class _Cost:
    """Tokens, and what they took."""

    tokens: int
    wall_s: float
    processor_s: float
    """Of all threads of this process; other processes on the machine do not add to it."""


@dataclass(slots=True)
class _Costs:
    """Costs by cell and contender, one a job."""

    found: dict[tuple[str, str], list[_Cost]] = field(default_factory=lambda: defaultdict(list))

    def time(self, cell: str, name: str, job: Callable[[], int]) -> None:
        gc.collect()
        wall, processor = time.perf_counter(), time.process_time()
        tokens = job()
        cost = _Cost(tokens, time.perf_counter() - wall, time.process_time() - processor)
        self.found[cell, name].append(cost)

    def as_json(self) -> dict[str, Any]:
        """Return every job's tokens and seconds, of wall and of processor."""
        return {
            f"{cell}, {name}": [(c.tokens, c.wall_s, c.processor_s) for c in costs]
            for (cell, name), costs in self.found.items()
        }

    def rate(self, cell: str, name: str, *, processor: bool = False) -> float:
        """Return all tokens by all seconds."""
        costs = self.found[cell, name]
        seconds = sum(c.processor_s if processor else c.wall_s for c in costs)
        return sum(c.tokens for c in costs) / seconds

    def seconds(self, cell: str, name: str, *, processor: bool = False) -> float:
        """Return the median seconds of a job."""
        costs = self.found[cell, name]
        return statistics.median(c.processor_s if processor else c.wall_s for c in costs)


def measure_pair(name: str, dtypes: Sequence[str], sizes: Sizes) -> dict[str, Section]:
    """Measure a pair in several dtypes; every round runs all of them."""
    pairs = {dtype: _load(name, dtype) for dtype in dtypes}
    costs, reads = _Costs(), dict[str, int]()
    for round_index in rounds_with_warm_up(sizes.rounds):
        note(f"round {round_index + 1} of {sizes.rounds}")
        is_warm_up = round_index < 0
        taken, own = (_Costs(), _WARM_UP) if is_warm_up else (costs, sizes)
        for dtype in rotated(list(dtypes), round_index):
            _run_round(pairs[dtype], dtype, own, taken, reads, round_index)
    sections = {
        "answers": _answers(costs, dtypes, sizes),
        "first-token": _first_tokens(costs, reads, dtypes, sizes),
        "streams": _streams(costs, dtypes, sizes),
        **({"late": _late(costs, dtypes)} if sizes.late else {}),
    }
    sections["answers"].data = costs.as_json()
    return sections


def _load(name: str, dtype: str) -> Pair:
    manifest = find_pair(name)
    path = None if manifest is None else manifest.calibration_path(manifest.experts[0])
    if path is None:
        raise SystemExit(f"{name!r} is no known pair with a calibration")
    found = Calibration.load(path)
    # As options: a calibration is refused for weights rounded to another dtype.
    config = NGSDConfig(gate=found.gate, reflection=found.reflection)
    return load_engine(name, config=config, dtype=dtype).pair


def _run_round(
    pair: Pair,
    dtype: str,
    sizes: Sizes,
    costs: _Costs,
    reads: dict[str, int],
    round_index: int,
) -> None:
    base: Any = pair.base
    expert: Any = pair.expert
    prompts = Prompts(base, expert, seed=100 + round_index)
    asked = prompts.everyday(sizes.num_prompts)
    for number, prompt in enumerate(asked):
        for name in rotated([*_MODES, GENERATE, LOOKUP], round_index + number):
            costs.time(dtype, name, _job(pair, name, prompt, sizes.num_tokens))
    for length in sizes.prompt_lengths:
        for _ in asked:
            for name in rotated([GUARDED, UNGUARDED], round_index):
                engine, prompt = _fresh(pair), prompts.of_length(length)
                cell = f"{dtype} first {length}"
                with _Counting(pair) as counting:
                    costs.time(cell, name, _first(engine, name, prompt))
                reads[f"{cell} {name}"] = counting.number
    for number in sizes.streams:
        many = [prompts.of_length(64) for _ in range(number)]
        for name in (GUARDED, UNGUARDED):
            costs.time(f"{dtype} x{number}", name, _together(pair, name, many, sizes.num_tokens))
    if sizes.late:
        for length in (_EARLY, _LATE):
            _time_steps(pair, prompts.of_length(length), f"{dtype} at {length}", costs)


def _fresh(pair: Pair) -> Engine:
    """Return an engine that has read nothing and remembers no earlier answer."""
    return Engine(Pair(pair.base, pair.expert, pair.config))


def _job(pair: Pair, name: str, prompt: Prompt, num_tokens: int) -> Callable[[], int]:
    if name in _MODES:
        engine = _fresh(pair)
        messages = list(prompt.messages)
        return lambda: len(
            engine.generate(messages, max_new_tokens=num_tokens, **_MODES[name]).token_ids
        )
    base: Any = pair.base
    ids = torch.tensor([prompt.base_ids])
    options: dict[str, Any] = {"do_sample": False, "pad_token_id": 0, "max_new_tokens": num_tokens}
    options["eos_token_id"] = sorted(base.eos_token_ids)
    if name == LOOKUP:
        options["prompt_lookup_num_tokens"] = 4
    mask = torch.ones_like(ids)
    return lambda: base.model.generate(ids, attention_mask=mask, **options).shape[1] - ids.shape[1]


def _first(engine: Engine, name: str, prompt: Prompt) -> Callable[[], int]:
    def job() -> int:
        stream = engine.stream(list(prompt.messages), max_new_tokens=2, **_MODES[name])
        next(stream)
        stream.close()
        return 1

    return job


def _together(
    pair: Pair, name: str, prompts: Sequence[Prompt], num_tokens: int
) -> Callable[[], int]:
    engine = _fresh(pair)
    asked = [list(prompt.messages) for prompt in prompts]
    options: dict[str, Any] = {"max_new_tokens": num_tokens, **_MODES[name]}
    return lambda: sum(len(g.token_ids) for g in engine.generate_batch(asked, **options))


def _time_steps(pair: Pair, prompt: Prompt, cell: str, costs: _Costs) -> None:
    """Time single steps of base and expert after a prompt."""
    expert: Any = pair.expert
    cache = expert.new_cache()
    expert.read([prompt.expert_ids], cache)
    rows = cache.spread(2, _NUM_STEPS + 1)

    def job() -> int:
        for token_id in range(100, 100 + _NUM_STEPS):
            expert.read([[token_id]] * 2, rows, num_base_rows=1)
        return _NUM_STEPS

    costs.time(cell, GUARDED, job)


class _Counting:
    """Counts a pair's forward passes."""

    def __init__(self, pair: Pair) -> None:
        self.number = 0
        self._models: list[Any] = [pair.base, pair.expert]

    def __enter__(self) -> "_Counting":
        for model in self._models:
            model.read = self._counted(model.read)
        return self

    def __exit__(self, *_: object) -> None:
        for model in self._models:
            del model.read  # the method of its class shows again

    def _counted(self, read: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            self.number += 1
            return read(*args, **options)

        return counted


def _answers(costs: _Costs, dtypes: Sequence[str], sizes: Sizes) -> Section:
    table = make_table(
        f"Answers of up to {sizes.num_tokens} tokens, greedy, one at a time",
        ["dtype", "contender"],
        ("tokens/s", "tokens/processor s", "÷ HF generate", "÷ unguarded", "both, processor time"),
    )
    section = Section(tables=[table])
    for dtype in dtypes:
        for name in (*_MODES, GENERATE, LOOKUP):
            wall, processor = costs.rate(dtype, name), costs.rate(dtype, name, processor=True)
            against = [
                costs.rate(dtype, name, processor=p) / costs.rate(dtype, other, processor=p)
                for p in (False, True)
                for other in (GENERATE, UNGUARDED)
            ]
            shown = [f"{ratio:.2f}" for ratio in against]
            table.add_row(
                dtype, name, f"{wall:.1f}", f"{processor:.1f}", *shown[:2], " / ".join(shown[2:])
            )
            if name == GUARDED:
                what = f"guarded ÷ HF generate, {dtype}"
                section.figures.append(Figure(what, shown[0], _TARGETS.get(dtype, "")))
                section.figures.append(Figure(f"guarded ÷ unguarded, {dtype}", shown[1], ">= 0.95"))
    return section


def _first_tokens(
    costs: _Costs, reads: dict[str, int], dtypes: Sequence[str], sizes: Sizes
) -> Section:
    table = make_table(
        "First token, medians in seconds of wall and of processor time",
        ["dtype", "prompt"],
        ("guarded", "unguarded", "ratio", "processor time", "ratio", "forwards"),
    )
    section = Section(tables=[table])
    for dtype in dtypes:
        for length in sizes.prompt_lengths:
            cell = f"{dtype} first {length}"
            wall = [costs.seconds(cell, name) for name in (GUARDED, UNGUARDED)]
            own = [costs.seconds(cell, name, processor=True) for name in (GUARDED, UNGUARDED)]
            table.add_row(
                dtype,
                str(length),
                *(f"{seconds:.3f}" for seconds in wall),
                f"{wall[0] / wall[1]:.2f}",
                " / ".join(f"{seconds:.3f}" for seconds in own),
                f"{own[0] / own[1]:.2f}",
                " / ".join(str(reads[f"{cell} {name}"]) for name in (GUARDED, UNGUARDED)),
            )
            what = f"first token, guarded ÷ unguarded, {dtype}, {length} tokens"
            section.figures.append(Figure(what, f"{wall[0] / wall[1]:.2f}", "<= 1.3"))
    return section


def _streams(costs: _Costs, dtypes: Sequence[str], sizes: Sizes) -> Section:
    table = make_table(
        "Answers at once, prompts of 64 tokens: tokens/s together (of processor time)",
        ["dtype", "contender"],
        [*map(str, sizes.streams), "most ÷ one"],
    )
    section = Section(tables=[table])
    for dtype in dtypes:
        for name in (GUARDED, UNGUARDED):
            cells = [f"{dtype} x{number}" for number in sizes.streams]
            rates = [costs.rate(cell, name) for cell in cells]
            own = [costs.rate(cell, name, processor=True) for cell in cells]
            shown = [f"{a:.0f} ({b:.0f})" for a, b in zip(rates, own, strict=True)]
            gain = f"{rates[-1] / rates[0]:.2f} ({own[-1] / own[0]:.2f})"
            table.add_row(dtype, name, *shown, gain)
            if name == GUARDED and sizes.streams[-1] == 16:
                figure = f"{rates[-1] / rates[0]:.2f}"
                section.figures.append(Figure(f"16 streams ÷ 1, guarded, {dtype}", figure, ">= 5"))
    return section


def _late(costs: _Costs, dtypes: Sequence[str]) -> Section:
    section = Section()
    for dtype in dtypes:
        early, late = (costs.seconds(f"{dtype} at {length}", GUARDED) for length in (_EARLY, _LATE))
        what = f"step after {_LATE} ÷ step after {_EARLY} tokens, {dtype}"
        section.figures.append(Figure(what, f"{late / early:.2f}", "<= 1.1"))
    return section
