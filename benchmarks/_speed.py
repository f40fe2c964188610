"""Tokens per second for several batch sizes, prompt lengths and output lengths."""

from collections.abc import Sequence

from rich.table import Table

from _agreement import Agreement
from _contenders import (
    ASSISTED,
    GENERATE,
    GUARDED,
    NO_CACHE,
    STEPWISE,
    UNGUARDED,
    Contender,
    Models,
    line_up,
)
from _prompts import Prompts
from _report import Figure, Section, make_table, note, show
from _settings import Cell, Settings
from _timing import (
    Measurements,
    Ratio,
    median,
    ratio,
    rotated,
    rounds_with_warm_up,
    timed,
)

_NAMES = (GUARDED, STEPWISE, UNGUARDED, GENERATE, ASSISTED, NO_CACHE)
_WARM_UP_TOKENS = 16


def measure_speed(models: Models, settings: Settings) -> list[Section]:
    """Time every contender on every cell, in every round."""
    contenders = line_up(models, endless=True, no_cache=True)
    prompts = Prompts(models.base, models.expert, seed=1)
    cells = settings.cells(models.context_length)
    found, agreement = Measurements(), Agreement(models.plain_base)
    for round_index in rounds_with_warm_up(settings.rounds):
        for contender in contenders:
            contender.renew()
        for cell in cells:
            note(f"speed, round {round_index + 1} of {settings.rounds}: {cell.name}")
            taking_part = _taking_part(contenders, cell, settings, round_index)
            _run_cell(cell, taking_part, prompts, round_index, found, agreement)
    return [_section(cells, found), agreement.section()]


def _taking_part(
    contenders: Sequence[Contender], cell: Cell, settings: Settings, round_index: int
) -> list[Contender]:
    """Return the contenders of a cell in a round, in order."""
    is_slow_round = round_index < settings.slow_rounds
    chosen = [
        contender
        for contender in contenders
        if (cell.batch == 1 or contender.is_batched)
        and (contender.name != NO_CACHE or is_slow_round)
    ]
    return rotated(chosen, round_index)


def _run_cell(
    cell: Cell,
    contenders: Sequence[Contender],
    prompts: Prompts,
    round_index: int,
    found: Measurements,
    agreement: Agreement,
) -> None:
    asked = [prompts.of_length(cell.prompt) for _ in range(cell.batch)]
    num_tokens = cell.output if round_index >= 0 else min(cell.output, _WARM_UP_TOKENS)
    runs = {}
    for contender in contenders:
        job = contender.prepare(asked, num_tokens)
        runs[contender.name] = timed(job)
        found.add(cell.name, contender.name, round_index, runs[contender.name])
    agreement.compare(asked, runs)


def _section(cells: Sequence[Cell], found: Measurements) -> Section:
    return Section(
        tables=[_rates(cells, found), _ratios(cells, found), _batching(cells, found)],
        figures=_figures(cells, found),
        data={"runs": found.as_json(), "cells": [cell.name for cell in cells]},
    )


def _rates(cells: Sequence[Cell], found: Measurements) -> Table:
    table = make_table(
        "Tokens per second, medians (answers of full length; including reflection when guarded, "
        "except in the loop without a cache)",
        [],
        ("batch", "prompt", "output", *_NAMES),
    )
    for cell in cells:
        rates = (median(found.rates(cell.name, name)) for name in _NAMES)
        table.add_row(*_label(cell), *(show(rate, ".0f") for rate in rates))
    return table


_RATIOS = (
    (GUARDED, GENERATE),
    (GUARDED, UNGUARDED),
    (GUARDED, STEPWISE),
    (GUARDED, NO_CACHE),
    (UNGUARDED, GENERATE),
)


def _ratios(cells: Sequence[Cell], found: Measurements) -> Table:
    table = make_table(
        "Ratios of median tokens per second [lowest, highest within a round]",
        [],
        ("batch", "prompt", "output", *(f"{top} ÷ {bottom}" for top, bottom in _RATIOS)),
    )
    for cell in cells:
        ratios = (_compare(found, cell, pair) for pair in _RATIOS)
        table.add_row(*_label(cell), *map(show, ratios))
    return table


def _batching(cells: Sequence[Cell], found: Measurements) -> Table:
    names = (GUARDED, UNGUARDED, GENERATE)
    table = make_table(
        "Throughput of a batch ÷ throughput of batch 1", [], ("batch", "prompt", "output", *names)
    )
    for cell in cells:
        if cell.batch > 1:
            table.add_row(*_label(cell), *(show(_gain(found, cell, name)) for name in names))
    return table


def _label(cell: Cell) -> tuple[str, str, str]:
    return str(cell.batch), str(cell.prompt), str(cell.output)


def _compare(found: Measurements, cell: Cell, pair: tuple[str, str]) -> Ratio | None:
    top, bottom = (found.rates(cell.name, name) for name in pair)
    return ratio(top, bottom)


def _gain(found: Measurements, cell: Cell, name: str) -> Ratio | None:
    alone = Cell(1, cell.prompt, cell.output)
    return ratio(found.rates(cell.name, name), found.rates(alone.name, name))


def _figures(cells: Sequence[Cell], found: Measurements) -> list[Figure]:
    figures = []
    for cell in cells:
        where = f"prompt {cell.prompt}, output {cell.output}"
        if cell.batch == 8:
            gain = show(_gain(found, cell, GUARDED))
            figures.append(Figure(f"guarded, batch 8 ÷ batch 1, {where}", gain, ">= 3"))
        is_longest = cell.output == max(c.output for c in cells)
        if cell.batch == 1 and is_longest and found.rates(cell.name, NO_CACHE):
            gain = show(_compare(found, cell, (GUARDED, NO_CACHE)))
            figures.append(Figure(f"guarded ÷ no cache, {where}", gain, ">= 20 at 512"))
    return figures
