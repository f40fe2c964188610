"""`ngsd-guard train-expert`: from prompt files to a safety expert for a base of your own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ngsd_guard.errors import ConfigurationError

if TYPE_CHECKING:
    from ngsd_guard.training import ExpertRecipe, ExpertTraining, Method, TrainingData

_LOGGED_STEPS: Final = 10
"""Without a terminal, a line is printed after so many steps."""
_METHODS: Final = ("lora", "prefix", "small", "full")
_RATES: Final = {"lora": 1e-3, "prefix": 1e-2, "small": 2e-5, "full": 2e-5}


def train_expert_command(
    base: Annotated[Path, typer.Option(help="Folder of the model to protect, with its tokenizer.")],
    out: Annotated[Path, typer.Option(help="Folder for the expert and its run card.")],
    method: Annotated[
        str, typer.Option(help="lora, prefix, full, or small (needs --start).")
    ] = "lora",
    harmful: Annotated[
        list[Path] | None,
        typer.Option(help="JSONL of harmful requests; may be repeated. Starter data are added."),
    ] = None,
    benign: Annotated[
        list[Path] | None,
        typer.Option(help="JSONL of ordinary requests; may be repeated. Starter data are added."),
    ] = None,
    wrappings: Annotated[
        list[Path] | None,
        typer.Option(help="JSONL of templates with [INSERT PROMPT HERE]; may be repeated."),
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Smaller model that --method small starts from.")
    ] = None,
    minutes: Annotated[float, typer.Option(min=0.01, help="Wall-clock budget of training.")] = 60.0,
    max_steps: Annotated[
        int | None, typer.Option(min=1, help="Budget in steps as well; reproducible.")
    ] = None,
    rank: Annotated[int, typer.Option(min=1, help="Rank of the LoRA.")] = 16,
    untouched_share: Annotated[
        float,
        typer.Option(
            min=0.0, max=0.99, help="Share of layers below the LoRA, which base and expert share."
        ),
    ] = 1 / 3,
    learning_rate: Annotated[
        float | None, typer.Option(help="Peak rate; each method has its own default.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every random choice.")] = 0,
    threads: Annotated[
        int | None, typer.Option(min=1, help="CPU threads; all cores by default.")
    ] = None,
    base_name: Annotated[
        str | None,
        typer.Option(help="What the adapter calls its base; the folder's name if unset."),
    ] = None,
    resume: Annotated[
        bool, typer.Option(help="Go on from the checkpoint in OUT; a larger budget trains on.")
    ] = False,
) -> None:
    """Train a safety expert for a base: it refuses harm, and is the base everywhere else.

    Half of every file trains, a fifth validates, and the rest is left for your own test; the split
    follows from the text of each prompt. The base's answers are sampled in memory and never kept.
    """
    import torch

    from ngsd_guard.training import ExpertRecipe, load_chat_model

    if method not in _METHODS:
        raise ConfigurationError(f"method={method!r} is unknown; take one of {', '.join(_METHODS)}")
    if threads is not None:
        torch.set_num_threads(threads)
    recipe = ExpertRecipe(
        method=cast("Method", method),
        minutes=minutes,
        max_steps=max_steps,
        rank=rank,
        untouched_share=untouched_share,
        seed=seed,
        learning_rate=_RATES[method] if learning_rate is None else learning_rate,
    )
    files = {"harmful": harmful or [], "benign": benign or [], "wrappings": wrappings or []}
    train_split, calibration = _read_splits(files, recipe)
    console = Console(highlight=False)
    model, tokenizer = load_chat_model(base, torch.bfloat16)
    started = None if start is None else load_chat_model(start, torch.bfloat16)[0]
    training = _training(model, tokenizer, train_split, recipe, started, out, resume=resume)
    card = _run(console, training, out, base_name or base.resolve().name, calibration)
    _print(console, card, out)


def _read_splits(
    files: dict[str, list[Path]], recipe: "ExpertRecipe"
) -> "tuple[TrainingData, TrainingData]":
    from ngsd_guard.training import read_training_data

    paths: dict[str, Any] = dict(files)
    excluded = recipe.excluded_subsets
    return (
        read_training_data(**paths, split="train", excluded_subsets=excluded),
        read_training_data(**paths, split="calibration", excluded_subsets=excluded),
    )


def _training(
    model: Any, tokenizer: Any, data: "TrainingData", recipe: "ExpertRecipe", start: Any | None,
    out: Path, *, resume: bool,
) -> "ExpertTraining":  # fmt: skip
    from ngsd_guard.training import ExpertTraining

    checkpoints = out / "checkpoint"
    if checkpoints.exists() and not resume:
        raise ConfigurationError(
            f"{checkpoints} holds an earlier run; give --resume to go on with it, or remove it"
        )
    training = ExpertTraining(model, tokenizer, data, recipe, start=start, checkpoints=checkpoints)
    training.resume()
    return training


def _run(
    console: Console, training: "ExpertTraining", out: Path, base_name: str, data: "TrainingData"
) -> dict[str, Any]:
    from ngsd_guard.training import TrainingProgress, held_out_wrappings, train_expert

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"),
               TextColumn("{task.fields[figures]}"), TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Training", total=1.0, figures="")

        def show(progress: TrainingProgress) -> None:
            parts = progress.parts
            figures = (
                f"step {progress.step}  refusal {parts['refusal']:.2f}  "
                f"distance to base {parts['tv']:.3f}"
            )
            bar.update(task, completed=progress.spent, figures=figures)
            if not console.is_terminal and progress.step % _LOGGED_STEPS == 0:
                console.print(f"{progress.spent:.0%}  {progress.seconds:.0f} s  {figures}")

        try:
            card = train_expert(
                training, out, base_name=base_name, validation=data,
                held_out=held_out_wrappings(), on_progress=show,
            )  # fmt: skip
        except KeyboardInterrupt:
            training.save_checkpoint()
            console.print(f"Interrupted; go on with the same command and --resume ({out})")
            raise typer.Exit(130) from None
        bar.update(task, completed=1.0)
    return card


def _print(console: Console, card: dict[str, Any], out: Path) -> None:
    table = Table("calibration split, first token", "n", "AUROC", "found at 2 %", "control")
    for kind, row in card["validation"].items():
        table.add_row(
            kind, f"{row['n']:.0f}", f"{row['auroc']:.3f}", f"{row['recall']:.0%}",
            f"{row['control']:.0%}",
        )  # fmt: skip
    console.print(table)
    console.print(f"{out}: {card['steps']} steps in {card['seconds'] / 60:.0f} minutes")
