"""The command line: watch the guard at work, and talk to a guarded pair."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from ngsd_guard._version import __version__
from ngsd_guard.cli import audit
from ngsd_guard.cli._common import one_line
from ngsd_guard.cli.calibrate import calibrate_command
from ngsd_guard.cli.chat import chat
from ngsd_guard.cli.check import check
from ngsd_guard.cli.demo import demo
from ngsd_guard.errors import NGSDError


class _Commands(TyperGroup):
    """The one place where this package's errors become a line on stderr and exit code 1."""

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
    pretty_exceptions_show_locals=False,  # locals hold prompts and answers
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ngsd-guard {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version"),
    ] = False,
) -> None:
    """Guard a local language model's decoding with a small safety expert."""


for _command in (demo, chat, check):
    app.command()(_command)
app.command("calibrate")(calibrate_command)
app.add_typer(audit.app)
