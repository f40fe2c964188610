"""`ngsd-guard prepare-data`: fine-tuning data that leave a model's refusals in place."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer
from rich.console import Console
from rich.table import Table

from ngsd_guard.cli import _common
from ngsd_guard.datasets import (
    PHRASE,
    LookAhead,
    PreviewForm,
    Prompt,
    add_previews,
    chat_requests,
    read_prompts,
    require_disjoint,
)
from ngsd_guard.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable


def prepare_data(
    data: Annotated[
        Path | None, typer.Option(help="JSONL of chat rows: `messages`, the answer last.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="JSONL to write.")] = None,
    look_ahead: Annotated[
        bool, typer.Option("--look-ahead", help="Show the start of each answer in its prompt.")
    ] = False,
    form: Annotated[
        str, typer.Option(help="real: the answer's own start; virtual: one phrase for all.")
    ] = "real",
    tokens: Annotated[int, typer.Option(min=1, help="Tokens of a real preview.")] = 6,
    phrase: Annotated[str, typer.Option(help="The virtual preview.")] = PHRASE,
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the rows that get a preview.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every draw.")] = 0,
    base: Annotated[
        str | None,
        typer.Option(help="The model before fine-tuning; its tokens are counted."),
    ] = None,
    tuned: Annotated[
        str | None, typer.Option(help="The model or LoRA after it: measures how far it moved.")
    ] = None,
    held_out: Annotated[
        Path | None, typer.Option(help="JSONL of requests to measure on, not in the data.")
    ] = None,
    first: Annotated[int, typer.Option(min=1, help="Tokens of each answer to measure.")] = 8,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Measure on at most this many requests.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite OUT; measure on overlapping requests.")
    ] = False,
) -> None:
    """Write answer previews into a fine-tuning set, and measure what fine-tuning did to a model.

    With --look-ahead, rows go from --data to --out. With --base, --tuned and --held-out, the
    distance between the two models at the first tokens of their answers is printed.
    """
    if not look_ahead and tuned is None:
        raise ConfigurationError("give --look-ahead with --data and --out, or --base with --tuned")
    if look_ahead and (data is None or out is None):
        raise ConfigurationError("--look-ahead needs --data and --out")
    if tuned is not None and (base is None or held_out is None):
        raise ConfigurationError("--tuned needs --base and --held-out")
    requests = None if held_out is None or tuned is None else read_prompts(held_out)[:limit]
    if requests is not None and data is not None and not force:
        rows = [Prompt(prompt=text) for text in chat_requests(data)]
        require_disjoint({str(data): rows, str(held_out): requests})
    console = _common.make_console()
    if data is not None and out is not None and look_ahead:
        options = LookAhead(
            form=cast("PreviewForm", form), num_tokens=tokens, phrase=phrase, share=share, seed=seed
        )
        _prepare(console, data, out, options, base, force=force)
    if requests is not None and base is not None and tuned is not None:
        _measure(console, base, tuned, requests, first, seed)


def _prepare(
    console: Console, data: Path, out: Path, options: LookAhead, base: str | None, *, force: bool
) -> None:
    by_base = base is not None and options.form == "real"
    done = (
        add_previews(data, out, options, cut=_cutter(base or ""), force=force)
        if by_base
        else add_previews(data, out, options, force=force)
    )
    console.print(
        f"{done.num_rows} rows, {done.num_previews} with a preview, {done.num_too_short} with an "
        "answer too short for one"
    )
    console.print(str(out), style="bold", soft_wrap=True)


def _cutter(base: str) -> "Callable[[str], list[str]]":
    """Return what cuts a text into the tokens of a model."""
    import torch

    from ngsd_guard.training import load_chat_model

    _, tokenizer = load_chat_model(base, torch.bfloat16)

    def cut(text: str) -> list[str]:
        offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        starts = sorted({start for start, _ in offsets["offset_mapping"]} | {0})
        return [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]

    return cut


def _measure(
    console: Console, base: str, tuned: str, requests: list[Prompt], first: int, seed: int
) -> None:
    from ngsd_guard.calibration import early_distances

    with console.status(f"Loading {base}"):
        engine = _common.open_engine(base, tuned, "default", None)
    with console.status("Answering"):
        found = early_distances(
            engine,
            [[{"role": "user", "content": request.prompt}] for request in requests],
            num_tokens=first,
            seed=seed,
        )
    table = Table("token of the answer", title=f"Distance between {base} and {tuned}")
    table.add_column("total variation [95 % interval]", justify="right", no_wrap=True)
    table.add_column("n", justify="right")
    for each in found:
        cell = f"{each.value:.3f} [{each.low:.3f}, {each.high:.3f}]"
        table.add_row(str(each.position + 1), cell, str(each.n))
    console.print(table)
