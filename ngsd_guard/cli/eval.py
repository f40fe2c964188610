"""`ngsd-guard eval`: a pair measured on public prompts, attacks beside their controls."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ngsd_guard.cli._common import FAINT, BackendName, Base, Expert, make_console
from ngsd_guard.errors import ConfigurationError

if TYPE_CHECKING:
    from ngsd_guard.engine import Engine
    from ngsd_guard.evaluation import (
        ContenderName,
        Doing,
        Look,
        ModelJudge,
        Report,
        Sources,
        Store,
        Suite,
        SuiteName,
    )
    from ngsd_guard.pairs import Backend

_TITLE_WIDTH: Final = 52
_WORSE: Final = 3
"""Exit status."""


def open_pair(
    base: str, expert: str | None, calibration: Path | None, backend: str | None = None
) -> "Engine":
    """Load the pair to measure; tests replace this function with a scripted pair.

    Args:
        base: a known pair, a folder, a GGUF file or a hub id.
        expert: a folder or a hub id; None only with a known pair.
        calibration: path of one; None for the pair's own, or the preset `default`.
        backend: `transformers` or `llama.cpp`; None for transformers.

    Raises:
        NGSDError: a model cannot be loaded, or the calibration is for other weights.
    """
    from ngsd_guard.engine import load_engine

    return load_engine(
        base, expert, calibration=calibration, backend=cast("Backend | None", backend)
    )


def eval_command(
    data: Annotated[Path, typer.Option(help="Folder of public prompt sets.")],
    out: Annotated[
        Path, typer.Option(help="Folder for results; an interrupted run resumes there.")
    ],
    base: Base,
    expert: Expert = None,
    backend: BackendName = None,
    calibration: Annotated[
        Path | None, typer.Option(help="Calibration file; else the pair's own.")
    ] = None,
    suite: Annotated[str, typer.Option(help="quick, public or ablation.")] = "quick",
    limit: Annotated[int | None, typer.Option(help="Maximum requests per row.")] = None,
    rows: Annotated[str, typer.Option(help="Rows to measure, comma-separated; default: all.")] = "",
    contenders: Annotated[
        str, typer.Option(help="Contenders, comma-separated; default: the suite's.")
    ] = "",
    whole: Annotated[
        list[str] | None,
        typer.Option(help="Set to use completely: nothing was trained or calibrated on it."),
    ] = None,
    seen: Annotated[
        list[Path] | None,
        typer.Option(help="Run card or JSONL of prompts used for training or calibration."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Measure even on seen prompts.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ignore earlier results.")] = False,
    judge_model: Annotated[
        str | None,
        typer.Option(help="Second judge: MODULE:NAME of a LangChain chat model in Python."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Earlier results.json; exit with status 3 if anything became worse."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw of prompts.")] = 0,
) -> None:
    """Measure a pair on public prompts: attacks beside harmless requests in the same wrapping."""
    # Imported here, so that `--help` does not wait for torch.
    from ngsd_guard.evaluation import (
        Store,
        compare,
        find_run_card,
        print_comparison,
        print_report,
        read_report,
        read_sources,
        require_unseen,
        save_report,
    )

    console = make_console()
    earlier = None if against is None else read_report(against)
    second_judge = None if judge_model is None else _second_judge(judge_model)
    plan = _suite(suite, limit, _names(rows), _names(contenders))
    sources = read_sources(data, whole=whole or (), seed=seed)
    cards = [*(seen or ()), *find_run_card(_expert_folder(base, expert))]
    require_unseen(sources, cards, force=force)  # here, since loading a pair takes a while
    for file in sources.missing:
        console.print(Text(f"missing, skipped: {file}", FAINT))
    store = Store(out, fresh=fresh)
    try:
        with console.status(f"Loading {base}"):
            engine = open_pair(base, expert, calibration, backend)
        hashes = getattr(engine.calibration, "prompt_hashes", None) or ()
        num_seen = require_unseen(sources, cards, hashes=hashes, force=force)
        report = _measure(engine, sources, plan, store, num_seen, second_judge)
    except KeyboardInterrupt:
        console.print(f"Interrupted; the same command resumes from {out}.")
        raise typer.Exit(130) from None
    finally:
        store.close()
    print_report(report, console)
    for path in save_report(report, store.folder):
        console.print(Text(str(path), "bold"), soft_wrap=True)
    if earlier is not None:
        comparison = compare(earlier, report)
        print_comparison(comparison, console)
        if comparison.is_worse:
            raise typer.Exit(_WORSE)


def _measure(
    engine: "Engine",
    sources: "Sources",
    plan: "Suite",
    store: "Store",
    num_seen: int,
    second_judge: "ModelJudge | None",
) -> "Report":
    from ngsd_guard.evaluation import Report, add_look, evaluate, read_looks

    looks: Sequence[Look] = read_looks(store.folder)

    def note_look(identity: Mapping[str, Any]) -> None:
        nonlocal looks
        looks = add_look(store.folder, identity, seed=sources.seed, suite=plan.name)

    with _progress() as progress:
        task = progress.add_task("planning", total=None)

        def show(doing: "Doing") -> None:
            progress.update(
                task,
                description=doing.title,
                completed=doing.num_done,
                total=doing.num_total,
            )

        figures = evaluate(
            engine,
            sources,
            plan,
            store,
            on_progress=show,
            on_first_new=note_look,
            second_judge=second_judge,
        )
    return Report(
        figures=figures,
        suite=plan,
        sources=sources,
        pair=dict(engine.pair.identity),
        looks=tuple(looks),
        num_seen=num_seen,
        second_judge=None if second_judge is None else second_judge.version,
        v_threshold=engine.config.gate.v_threshold,
    )


def _second_judge(name: str) -> "ModelJudge":
    """Return a judge with the chat model at MODULE:NAME, or with what NAME returns if called."""
    from ngsd_guard.evaluation import ModelJudge

    module_name, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))  # as `python -m` has it
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            f"no chat model at {name!r} ({type(error).__name__}); give MODULE:NAME, such as "
            "my_judge:model"
        ) from error
    model = found if hasattr(found, "invoke") else found()
    if not hasattr(model, "invoke"):
        raise ConfigurationError(f"{name!r} is not a LangChain chat model: it has no `invoke`")
    return ModelJudge(model, name=name)


def _progress() -> Progress:
    return Progress(
        TextColumn(f"{{task.description:<{_TITLE_WIDTH}.{_TITLE_WIDTH}}}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _suite(name: str, limit: int | None, rows: Sequence[str], contenders: Sequence[str]) -> "Suite":
    from dataclasses import replace

    from ngsd_guard.evaluation import SUITES

    if name not in SUITES:
        raise ConfigurationError(f"no suite {name!r}; use one of {', '.join(SUITES)}")
    suite = SUITES[cast("SuiteName", name)].limited(limit, rows)
    if not contenders:
        return suite
    return replace(suite, contenders=tuple(cast("ContenderName", n) for n in contenders))


def _expert_folder(base: str, expert: str | None) -> str | Path | None:
    """Return where a run card would say what the expert was trained on."""
    from ngsd_guard.pairs import find_pair

    manifest = find_pair(base)
    if expert is not None or manifest is None:
        return expert
    return manifest.root / manifest.experts[0].folder


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
