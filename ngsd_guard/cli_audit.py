"""`ngsd-guard audit`: whether a log is sound, and what it says."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

app = typer.Typer(
    name="audit",
    help="Verify and read audit logs.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
LogPath = Annotated[Path, typer.Argument(help="The log's file, or the folder of its audit.jsonl.")]


@app.command()
def verify(
    path: LogPath,
    public_key: Annotated[
        Path | None, typer.Option(help="Public key (PEM) that must have signed the log.")
    ] = None,
) -> None:
    """Verify every record, signature and end; exit status 1 and the first bad record if not."""
    from ngsd_guard.audit import verify as verify_log

    console = Console(highlight=False)
    report = verify_log(path, public_key)
    for chain in report.chains:
        if chain.problem is not None:
            console.print(Text(f"BAD  {chain.problem}", "bold red"), soft_wrap=True)
        state = "closed" if chain.is_closed else "open, or its writer did not end in order"
        signatures = {"none": "not signed", "valid": "signatures valid",
                      "unchecked": "signatures not checked: give --public-key"}  # fmt: skip
        console.print(
            f"{chain.log}: {chain.num_records} records sound, {signatures[chain.signatures]}, "
            f"{state}",
            soft_wrap=True,
        )
        for note in chain.notes:
            console.print(f"  note: {note}", soft_wrap=True)
    if not report.is_intact:
        raise typer.Exit(1)
