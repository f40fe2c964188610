"""The `ngsd-guard` command line application."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from ngsd_guard._version import __version__
from ngsd_guard.cli import audit, patch
from ngsd_guard.cli._common import one_line
from ngsd_guard.cli.calibrate import calibrate_command
from ngsd_guard.cli.chat import chat
from ngsd_guard.cli.check import check
from ngsd_guard.cli.demo import demo
from ngsd_guard.cli.eval import eval_command
from ngsd_guard.cli.export import export
from ngsd_guard.cli.pairs import pairs
from ngsd_guard.cli.prepare_data import prepare_data
from ngsd_guard.cli.serve import serve
from ngsd_guard.cli.train_expert import train_expert_command
from ngsd_guard.errors import NGSDError


class _Commands(TyperGroup):
    """Prints errors of this package as one line on stderr and exits with code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except NGSDError as error:
            Console(stderr=True, soft_wrap=True, highlight=False).print(
                Text.assemble(("ngsd-guard: ", "bold red"), one_line(error))
            )
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # locals contain prompts and answers
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ngsd-guard {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Guard a local language model with a small safety expert during decoding."""


for _command in (demo, chat, check, pairs, export, serve):
    app.command()(_command)
app.command("train-expert")(train_expert_command)
app.command("prepare-data")(prepare_data)
app.command("calibrate")(calibrate_command)
app.command("eval")(eval_command)
app.add_typer(audit.app)
app.add_typer(patch.app)
