"""`ngsd-guard calibrate`: gate and risk options for a pair, to a declared budget."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ngsd_guard.cli import _common
from ngsd_guard.cli._common import BackendName, make_console
from ngsd_guard.errors import ConfigurationError

if TYPE_CHECKING:
    from ngsd_guard.calibration import BudgetCost, InjectionFit, ReaderChoice, Traffic
    from ngsd_guard.engine import Engine
    from ngsd_guard.pairs import Backend, Calibration
    from ngsd_guard.protocols import HiddenStateModel

_READERS: Final = ("auto", "rubric", "expert")


def calibrate_command(
    benign: Annotated[
        list[Path], typer.Option(help="JSONL of harmless requests; may be repeated.")
    ],
    harmful: Annotated[list[Path], typer.Option(help="JSONL of requests for harm; likewise.")],
    base: Annotated[
        str | None, typer.Option(help="Model to protect: a folder, a GGUF file or a hub id.")
    ] = None,
    expert: Annotated[str | None, typer.Option(help="Its expert: a folder or a hub id.")] = None,
    pair: Annotated[str | None, typer.Option(help="A known pair, instead of --base.")] = None,
    wrappings: Annotated[
        list[Path] | None,
        typer.Option(help="JSONL of templates with [INSERT PROMPT HERE]; may be repeated."),
    ] = None,
    documents: Annotated[
        list[Path] | None,
        typer.Option(help="JSONL of harmless documents like those your pipeline retrieves."),
    ] = None,
    budget: Annotated[
        float, typer.Option(help="Share of harmless requests that may see an intervention.")
    ] = 0.02,
    rail_budget: Annotated[
        float, typer.Option(help="Share of harmless requests whose risk may reach 5.")
    ] = 0.01,
    reader: Annotated[
        str, typer.Option(help="What reads the risk: expert, rubric or auto.")
    ] = "expert",
    max_new_tokens: Annotated[
        int, typer.Option(min=1, help="Length of the recorded answers, in tokens.")
    ] = 64,
    max_prompt_tokens: Annotated[
        int, typer.Option(min=16, help="Longer prompts lose the middle of their longest turn.")
    ] = 1024,
    top_alpha: Annotated[
        float, typer.Option(help="Guidance strength for the surely harmful, 0.9 to 1.")
    ] = 0.9,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Use at most this many requests of each file.")
    ] = None,
    whole: Annotated[
        bool,
        typer.Option(
            "--whole", help="Use all rows; by default the fifth that train-expert leaves for this."
        ),
    ] = False,
    batch_size: Annotated[int, typer.Option(min=1, help="Requests answered side by side.")] = 8,
    seed: Annotated[int, typer.Option(min=0, help="Seed of every draw.")] = 0,
    out: Annotated[
        Path | None, typer.Option(help="File to write; else calibration.json beside the expert.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Go on where prompt sets overlap.")
    ] = False,
    backend: BackendName = None,
) -> None:
    """Choose gate and risk options for a pair, and measure them on requests held out.

    An interrupted run goes on where it stopped when the same command is given again.
    """
    # Here, not above: `--help` should not wait for torch.
    from ngsd_guard.calibration import check_counts, read_traffic, require_untrained
    from ngsd_guard.config import ProbeReading
    from ngsd_guard.pairs import calibration_file

    if reader not in _READERS:
        raise ConfigurationError(f"--reader {reader!r} is unknown; take {', '.join(_READERS)}")
    console, started_s = make_console(), time.monotonic()
    source, expert = _sources(base, expert, pair)
    folder = _expert_folder(expert)
    path = out or (folder or Path()) / calibration_file(cast("Backend | None", backend))
    if not path.parent.is_dir():
        raise ConfigurationError(f"--out: folder {path.parent} does not exist; create it first")
    files = {
        "benign": benign, "harmful": harmful, "wrappings": wrappings or [],
        "documents": documents or [],
    }  # fmt: skip
    traffic = read_traffic(
        benign,
        harmful,
        wrappings or [],
        split=None if whole else "calibration",
        limit=limit,
        seed=seed,
        force=force,
    )
    check_counts(len(traffic.benign), len(traffic.harmful), budget)
    num_trained = None if folder is None else require_untrained(traffic, folder, force=force)
    if num_trained is None:
        console.print("No run card lists the expert's training prompts; overlap is not checked.")
    options: dict[str, Any] = {
        "budget": budget, "rail_budget": rail_budget, "reader": cast("ReaderChoice", reader),
        "max_new_tokens": max_new_tokens, "max_prompt_tokens": max_prompt_tokens,
        "top_alpha": top_alpha, "batch_size": batch_size, "seed": seed,
    }  # fmt: skip
    with console.status(f"Loading {source}"):
        engine = _common.open_engine(source, expert, "default", None, backend)
    found, costs = _calibrate(engine, traffic, path, console, options)
    injection = _fit_injection(engine, documents or [], console, seed)
    if injection is not None:
        probe = ProbeReading(facets=(injection.facet,))
        found = found.replace(reflection=found.reflection.replace(probe=probe))
    found.save(path)
    card = (
        options
        | {"injection": injection and _told(injection)}
        | {"split": "all" if whole else "calibration", "limit": limit, "force": force}
    )
    _write_run_card(
        path, card, files, traffic, found, costs, num_trained, time.monotonic() - started_s
    )
    _print(found, costs, path, console)
    if injection is not None:
        console.print(
            f"Instructions planted in documents: {injection.recall} found, false alarms "
            f"{injection.false_alarms}, AUROC {injection.auroc} (held out, our own sentences)"
        )


def _sources(base: str | None, expert: str | None, pair: str | None) -> tuple[str, str | None]:
    if (base is None) == (pair is None):
        raise ConfigurationError("give either --pair, or --base with --expert")
    if base is not None and expert is None:
        raise ConfigurationError("--base needs --expert: a folder with a model or an adapter")
    return base or pair or "", expert


def _expert_folder(expert: str | None) -> Path | None:
    folder = None if expert is None else Path(expert).expanduser()
    return folder if folder is not None and folder.is_dir() else None


def _calibrate(
    engine: "Engine", traffic: "Traffic", path: Path, console: Console, options: dict[str, Any]
) -> "tuple[Calibration, tuple[BudgetCost, ...]]":
    from ngsd_guard.calibration import ReaderFit, budget_costs, calibrate

    fits: list[ReaderFit] = []
    with _bar(console) as bar:
        task = bar.add_task("Recording", total=None)
        found = calibrate(
            engine,
            traffic.benign,
            traffic.harmful,
            recordings=path.with_suffix(".recordings.jsonl"),
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
            on_fit=fits.append,
            **options,
        )
    return found, budget_costs(fits[-1], options["budget"], seed=options["seed"])


def _bar(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=console)


def _fit_injection(
    engine: "Engine", documents: Sequence[Path], console: Console, seed: int
) -> "InjectionFit | None":
    """Fit what finds instructions in documents, where the base shows its hidden states."""
    from ngsd_guard.calibration import fit_injection, starter_documents, starter_injections
    from ngsd_guard.datasets import read_prompts

    if engine.config.reflection.reader == "probe" or not hasattr(engine.base, "hidden_states"):
        return None
    texts = starter_documents()
    texts += [row.prompt for path in documents for row in read_prompts(path)]
    with _bar(console) as bar:
        task = bar.add_task("Documents", total=None)
        return fit_injection(
            cast("HiddenStateModel", engine.base),
            list(dict.fromkeys(texts)),
            starter_injections(),
            seed=seed,
            on_progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _told(fit: "InjectionFit") -> dict[str, Any]:
    return {
        "recall": fit.recall._asdict(),
        "false_alarms": fit.false_alarms._asdict(),
        "auroc": fit.auroc._asdict(),
    }


def _write_run_card(
    path: Path,
    options: dict[str, Any],
    files: Mapping[str, Sequence[Path]],
    traffic: "Traffic",
    found: "Calibration",
    costs: "Sequence[BudgetCost]",
    num_trained: int | None,
    seconds: float,
) -> None:
    card = {
        "options": options,
        "files": {
            kind: {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in paths}
            for kind, paths in files.items()
        },
        "requests": traffic.counts(),
        "requests_cut": found.num_cut,
        "requests_trained_on": num_trained,
        "calibration_digest": found.digest,
        "budgets": [asdict(cost) for cost in costs],
        "seconds": round(seconds, 1),
        "versions": found.library_versions,
    }
    text = json.dumps(card, indent=2, sort_keys=True) + "\n"
    path.with_suffix(".run_card.json").write_text(text, encoding="utf-8")


def _print(
    found: "Calibration", costs: "Sequence[BudgetCost]", path: Path, console: Console
) -> None:
    from ngsd_guard.render import calibration_summary, calibration_table

    console.print(calibration_table(found))
    console.print(_budget_table(found, costs))
    for line in calibration_summary(found):
        console.print(line)
    console.print(f"{path}", style="bold", soft_wrap=True)


def _budget_table(found: "Calibration", costs: "Sequence[BudgetCost]") -> Table:
    title = "The same gate at other budgets: held-out requests, in %, with 95 % intervals"
    table = Table("budget", title=title)
    for column in ("threshold", "harmless touched", "harmful found"):
        table.add_column(column, justify="right", no_wrap=True)
    for cost in costs:
        is_own = cost.budget == found.budget
        budget = f"{100 * cost.budget:g} %" + (" (this one)" if is_own else "")
        cells = (
            (f"{cost.v_threshold:.3f}", str(cost.touched), str(cost.found))
            if cost.v_threshold is not None
            else ("cannot be kept", "", "")
        )
        table.add_row(budget, *cells)
    return table
