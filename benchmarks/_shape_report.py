"""Tables, figures and a plot of the measurements at realistic sizes."""

from dataclasses import asdict, dataclass
from typing import Final

import torch
from rich.table import Table

from _costs import Costs
from _loops import GENERATE, OWN_EXPERT, STEPWISE, UNGUARDED, Loops, arithmetic
from _memory import cache_bytes, growth_of, weight_bytes
from _parts import BOTH, Seconds
from _random_models import RandomPair
from _report import Figure, Section, make_table, show
from _svg import Axis, Line, line_plot
from _timing import median, ratio
from ngsd_guard.decoding._drafting import DraftPolicy

_ACCEPTANCES: Final = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_DRAFTS: Final = (1, 2, 4, 8)
_ANSWERS: Final = (64, 256)
_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of the measurements."""

    rounds: int
    loop_rounds: int
    prompt: int
    context: int
    num_tokens: int
    longest_draft: int
    device: torch.device
    dtype: torch.dtype


@dataclass(frozen=True, slots=True)
class Found:
    """Measurements of one pair."""

    pair: RandomPair
    parts: Seconds
    loops: Seconds
    costs: Costs
    by_round: tuple[Costs, ...]
    """Costs of each round, for their spread."""
    own: float
    """Seconds per token of `guarded by itself` in the cost model; 0 for an adapter."""
    is_adapter: bool


def report(found: Found, sizes: Sizes) -> Section:
    section = Section(tables=[_parts_table(found), _loops_table(found)])
    section.data = {
        "parts": found.parts.by_name,
        "loops": found.loops.by_name,
        "costs": asdict(found.costs),
    }
    if found.is_adapter:
        section.figures += _adapter_figures(found)
        return section
    section.tables += [_sweep(found), _break_even(found)]
    section.notes.append(
        "Acceptance is the chance that a drafted token holds, given that those before it did. "
        "The gate is silent; reflection counts one read of request and answer and two of half the "
        f"answer, after a rubric that was read; prompts have {sizes.prompt} tokens."
    )
    for draft in (1, 4, found.costs.longest_draft):
        if draft <= found.costs.longest_draft:
            what = f"{found.pair.name}: break-even acceptance, draft of {draft}"
            section.figures.append(Figure(what, _percent(found.costs.break_even(draft)), "-"))
    return section


def _parts_table(found: Found) -> Table:
    base = found.parts.of("base, 1 position")
    table = make_table(
        f"{found.pair.name}: milliseconds of the parts, batch 1 [lowest, highest within a round]",
        ["part"],
        ("median", "÷ the base's step"),
    )
    for name, seconds in found.parts.by_name.items():
        table.add_row(name, f"{1e3 * (median(seconds) or 0):.3f}", show(ratio(seconds, base)))
    return table


def _loops_table(found: Found) -> Table:
    table = make_table(
        f"{found.pair.name}: milliseconds between tokens, complete loops, batch 1",
        ["loop"],
        ("median", "cost model", f"÷ {UNGUARDED}", f"÷ {GENERATE}"),
    )
    both = found.parts.medians().get(BOTH)
    expected = arithmetic(found.costs, both) | {OWN_EXPERT: found.own}
    for name, seconds in found.loops.by_name.items():
        parts = expected.get(name)
        table.add_row(
            name,
            f"{1e3 * (median(seconds) or 0):.2f}",
            "-" if parts is None else f"{1e3 * parts:.2f}",
            *(show(ratio(seconds, found.loops.of(other))) for other in (UNGUARDED, GENERATE)),
        )
    return table


def _sweep(found: Found) -> Table:
    costs = found.costs
    drafts = [draft for draft in _DRAFTS if draft <= costs.longest_draft]
    table = make_table(
        f"{found.pair.name}: guarded tokens/s ÷ unguarded, by acceptance and draft length "
        "[lowest, highest within a round]",
        [],
        ("acceptance", *(f"draft {draft}" for draft in drafts), "best draft", "at best draft",
         f"÷ {GENERATE}", "tokens/s", "the engine drafts"),
    )  # fmt: skip
    generate = median(found.loops.of(GENERATE)) or 0.0
    for acceptance in _ACCEPTANCES:
        best = costs.best_draft(acceptance)
        seconds = costs.guarded(acceptance, best)
        table.add_row(
            f"{acceptance:.0%}",
            *(f"{costs.unguarded / costs.guarded(acceptance, draft):.2f}" for draft in drafts),
            str(best),
            _spread(found, acceptance, best),
            f"{generate / seconds:.2f}",
            f"{1 / seconds:.1f}",
            str(_engine_drafts(found, acceptance)),
        )
    return table


def _spread(found: Found, acceptance: float, draft: int) -> str:
    unguarded = {r: costs.unguarded for r, costs in enumerate(found.by_round)}
    guarded = {r: costs.guarded(acceptance, draft) for r, costs in enumerate(found.by_round)}
    return show(ratio(unguarded, guarded))


def _engine_drafts(found: Found, acceptance: float) -> int:
    """Return the draft length that the engine chooses at an acceptance."""
    policy = DraftPolicy(found.pair.base, found.pair.expert, found.costs.longest_draft)
    agreed = 0.0
    for _ in range(1_000):
        agreed += acceptance
        policy.learn("expert", 1, int(agreed >= 1))
        agreed -= agreed >= 1
    _, length = policy.choose(1)
    return length


def _break_even(found: Found) -> Table:
    costs = found.costs
    table = make_table(
        f"{found.pair.name}: acceptance from which guarding costs no time",
        [],
        ("draft", "tokens alone",
         *(f"answers of {number} tokens, including reflection" for number in _ANSWERS)),
    )  # fmt: skip
    for draft in range(1, costs.longest_draft + 1):
        lengths: tuple[int | None, ...] = (None, *_ANSWERS)
        points = (costs.break_even(draft, number) for number in lengths)
        table.add_row(str(draft), *map(_percent, points))
    return table


def _percent(acceptance: float | None) -> str:
    return "never" if acceptance is None else f"{acceptance:.0%}"


def _adapter_figures(found: Found) -> list[Figure]:
    name, target = found.pair.name, "<= 1.25"
    base, both = (found.parts.of(part) for part in ("base, 1 position", BOTH))
    stepwise, unguarded = (found.loops.of(loop) for loop in (STEPWISE, UNGUARDED))
    return [
        Figure(f"{name}: both rows' forward pass ÷ the base's", show(ratio(both, base)), target),
        Figure(f"{name}: guarded step ÷ the base's", show(ratio(stepwise, unguarded)), target),
    ]


def measure_memory(found: Found, loops: Loops, sizes: Sizes) -> Section:
    """Compare the peak memory of one guarded answer with weights, keys and values."""
    models = [found.pair.base.model, found.pair.expert.model]
    weights = weight_bytes(models)
    num_tokens = sizes.context + sizes.num_tokens
    caches = sum(cache_bytes(model.config, num_tokens, sizes.dtype) for model in models)
    grew = growth_of(loops.guarded_answer, sizes.device)
    peak = (weights + grew) / (weights + caches)
    table = make_table(
        f"{found.pair.name}: peak memory in MiB, one guarded answer of {num_tokens} tokens with "
        "its prompt",
        [],
        ("weights", "keys and values", "grew", "peak ÷ arithmetic"),
    )
    table.add_row(*(f"{number / _MIB:.1f}" for number in (weights, caches, grew)), f"{peak:.2f}")
    what = f"{found.pair.name}: peak memory ÷ weights and caches"
    figures = [Figure(what, f"{peak:.2f}", "<= 1.1")]
    data = {"weights": weights, "caches": caches, "grew": grew}
    return Section(tables=[table], figures=figures, data=data)


def plot_sweep(found: Found) -> str:
    costs = found.costs
    steps = [number / 50 for number in range(51)]
    lines = [
        Line(
            f"draft of {draft}",
            [(a, costs.unguarded / costs.guarded(a, draft)) for a in steps],
        )
        for draft in _DRAFTS
        if draft <= costs.longest_draft
    ]
    return line_plot(
        lines,
        heading=f"Guarded ÷ unguarded tokens per second, {found.pair.name}",
        x=Axis("acceptance of drafted tokens"),
        y=Axis("ratio"),
        reference=1.0,
        has_dots=False,
    )
