"""`python -m ray_ngsd check`: check the rows of large files."""

from pathlib import Path
from typing import Annotated, cast

import typer

from ngsd_guard import NGSDError
from ngsd_guard.guard import Stage
from ray_ngsd import check_records

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)


@app.callback()
def _main() -> None:
    """Guard texts with Ray; the server starts with `serve run ray_ngsd:application`."""


@app.command()
def check(
    input: Annotated[Path, typer.Argument(help="A .jsonl or .parquet file, or a folder of them.")],
    output: Annotated[Path, typer.Argument(help="Folder for the verdicts.")],
    column: Annotated[str, typer.Option(help="Column with a text, or a list of messages.")],
    stage: Annotated[
        str, typer.Option(help="One of input, output, retrieval, tool_args, tool_result.")
    ] = "input",
    keep: Annotated[
        list[str] | None, typer.Option(help="Column to keep, such as an id; may be repeated.")
    ] = None,
    pair: Annotated[str, typer.Option(help="A known pair, or the folder of a base.")] = "ngsd-mini",
    expert: Annotated[str | None, typer.Option(help="A folder or hub id.")] = None,
    policy: Annotated[str | None, typer.Option(help="Policy file (YAML).")] = None,
    audit: Annotated[
        str | None, typer.Option(help="Audit log; {node} stands for the id of the node.")
    ] = None,
    actors: Annotated[int, typer.Option(min=1, help="Number of actors.")] = 1,
    rows_per_block: Annotated[int, typer.Option(min=1, help="Rows checked together.")] = 1000,
) -> None:
    """Check each row and write its verdict; goes on where an earlier run stopped."""
    done = 0

    def show(num_rows: int) -> None:
        nonlocal done
        done += num_rows
        typer.echo(f"{done} rows checked", err=True)

    try:
        report = check_records(
            input,
            output,
            column=column,
            stage=cast("Stage", stage),
            keep=keep or (),
            pair=pair,
            expert=expert,
            policy=policy,
            audit=audit,
            num_actors=actors,
            rows_per_block=rows_per_block,
            on_progress=show,
        )
    except NGSDError as error:
        typer.echo(f"ray_ngsd: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(f"{report.num_rows} rows, {report.num_rows_before} of them checked before")
    for name, count in sorted((report.evaluations | report.actions).items()):
        typer.echo(f"{name}: {count}")


if __name__ == "__main__":
    app()
