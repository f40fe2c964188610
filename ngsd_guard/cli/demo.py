"""`ngsd-guard demo`: a few requests, answered without and with the guard."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from ngsd_guard.cli import _common
from ngsd_guard.cli._common import FAINT, BackendName, Base, Expert, Preset, make_console


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the audit log and the picture.")] = Path(
        "ngsd-demo"
    ),
    base: Base = "ngsd-mini",
    expert: Expert = None,
    preset: Preset = None,
    backend: BackendName = None,
    max_new_tokens: Annotated[
        int, typer.Option(min=1, help="Maximum answer length, in tokens.")
    ] = 64,
) -> None:
    """Answer a few harmless and hostile requests, without and with the guard."""
    # Imported here, so that `--help` does not wait for torch.
    from ngsd_guard.cli._demo_requests import REQUESTS
    from ngsd_guard.cli._demo_run import run_demo, save_picture
    from ngsd_guard.render import legend_line, results_table, summary_line

    console = make_console()
    audit_path, picture_path = out / "audit.jsonl", out / "potential.svg"
    with console.status(f"Loading {base}") as status:
        engine = _common.open_engine(base, expert, preset, audit_path, backend)
        results = run_demo(
            engine,
            max_new_tokens=max_new_tokens,
            on_request=lambda index, request: status.update(
                f"Request {index + 1} of {len(REQUESTS)}: {request.kind}"
            ),
        )
    save_picture(results, engine, picture_path)
    console.print(results_table(results, engine.config.gate.v_threshold, console))
    console.print()
    console.print(legend_line())
    console.print(summary_line(results))
    for path, content in (
        (picture_path, "membrane potential along every guarded answer"),
        (audit_path, "audit log of every decision; see ngsd-guard audit"),
    ):
        console.print(Text.assemble((str(path), "bold"), (f"  {content}", FAINT)), soft_wrap=True)
