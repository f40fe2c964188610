"""`ngsd-guard audit`: verify and read audit logs."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer
from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from ngsd_guard.audit import ExportFormat

app = typer.Typer(
    name="audit",
    help="Verify and read audit logs.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
LogPath = Annotated[Path, typer.Argument(help="Log file, or a folder with audit.jsonl.")]


@app.command()
def verify(
    path: LogPath,
    public_key: Annotated[
        Path | None, typer.Option(help="Public key (PEM) to check the log's signatures against.")
    ] = None,
    anchor: Annotated[
        Path | None, typer.Option(help="Checkpoints kept elsewhere, one JSON object per line.")
    ] = None,
) -> None:
    """Verify a log; if it is not intact, name the first bad record and exit with status 1."""
    from ngsd_guard.audit import verify as verify_log
    from ngsd_guard.audit.read.views import printable

    console = Console(highlight=False)

    def say(line: str, style: str = "") -> None:
        console.print(Text(printable(line), style), soft_wrap=True)  # no markup from outside

    report = verify_log(path, public_key, anchors=() if anchor is None else anchor)
    for chain in report.chains:
        if chain.problem is not None:
            say(f"BAD  {chain.problem}", "bold red")
        state = "closed" if chain.is_closed else "open, or not closed properly"
        signatures = {"none": "not signed", "valid": "signatures valid",
                      "unchecked": "signatures not checked: pass --public-key"}  # fmt: skip
        say(
            f"{chain.log}: {chain.num_records} records valid, {signatures[chain.signatures]}, "
            f"{state}"
        )
        for note in chain.notes:
            say(f"  note: {note}")
    for problem in report.log_problems:
        say(f"BAD  {problem}", "bold red")
    say(report.limits)
    if not report.is_intact:
        raise typer.Exit(1)


@app.command()
def tail(
    path: LogPath,
    number: Annotated[int, typer.Option("--number", "-n", min=0, help="Number of records.")] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Keep printing new records until Ctrl-C.")
    ] = False,
) -> None:
    """Print the last records of all writers by time, one per line."""
    from ngsd_guard.audit import tail as tail_log
    from ngsd_guard.audit.read.views import describe, printable

    with suppress(KeyboardInterrupt):
        for fields in tail_log(path, number, follow=follow):
            time = printable(str(fields.get("time_utc"))[:23].replace("T", " "))
            typer.echo(f"{time}Z  {describe(fields)}")


@app.command()
def stats(
    path: LogPath,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Summarise the log: interventions, verdicts, faults, risk and latency."""
    from dataclasses import asdict

    from ngsd_guard.audit import read_stats
    from ngsd_guard.render import print_stats

    found = read_stats(path)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        print_stats(found, Console(highlight=False))


@app.command()
def show(
    path: LogPath,
    event_id: Annotated[str, typer.Argument(help="Id of a request or verdict, or a prefix of it.")],
) -> None:
    """Explain one request or verdict, with a plot of the potential."""
    from ngsd_guard.audit import read_story
    from ngsd_guard.render import print_story

    print_story(read_story(path, event_id), Console(highlight=False))


@app.command()
def report(
    path: LogPath,
    out: Annotated[Path, typer.Option(help="HTML file to write.")],
    public_key: Annotated[
        Path | None, typer.Option(help="Public key (PEM) to check the log's signatures against.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Verify the log and write a self-contained HTML report."""
    from ngsd_guard.audit import write_report

    verification = write_report(path, out, public_key, force=force)
    state = "intact" if verification.is_intact else "BAD, see the report or ngsd-guard audit verify"
    typer.echo(f"{out}: {verification.num_records} records checked, {state}")


@app.command()
def export(
    path: LogPath,
    format: Annotated[str, typer.Option("--format", help="One of otlp-json, ocsf, csv, parquet.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Export the log for other systems."""
    from ngsd_guard.audit import export as export_log

    export_log(path, out, cast("ExportFormat", format), force=force)
    typer.echo(out)


@app.command()
def keygen(
    private: Annotated[Path, typer.Argument(help="File for the private key (signing).")],
    public: Annotated[
        Path | None, typer.Argument(help="File for the public key (verification).")
    ] = None,
) -> None:
    """Generate a key pair for signed logs."""
    from ngsd_guard.audit import write_key_pair

    if public is None:
        public = private.with_name(f"{private.stem}.pub{private.suffix}")
    key_id = write_key_pair(private, public)
    typer.echo(f"key {key_id}")
    typer.echo(f"{private}: private key for signing; keep it secret")
    typer.echo(f"{public}: public key for verification; give it to auditors")


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="File to write; default: stdout.")] = None,
    page: Annotated[bool, typer.Option("--page", help="Print a Markdown page instead.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Print the JSON Schema of the records."""
    from ngsd_guard.audit import json_schema, new_file, schema_page

    text = schema_page().rstrip("\n") if page else json.dumps(json_schema(), indent=2)
    if out is None:
        typer.echo(text)
        return
    with new_file(out, force=force) as file:
        file.write(f"{text}\n".encode())


@app.command()
def override(
    path: LogPath,
    event_id: Annotated[str, typer.Argument(help="Id of the request or verdict to override.")],
    decision: Annotated[str, typer.Argument(help="allow or block.")],
    reviewer: Annotated[str, typer.Option(help="Internal id of the reviewer, not a name.")],
    reason_code: Annotated[
        str | None, typer.Option(help="Code of the reason, not free text.")
    ] = None,
    signing_key: Annotated[
        Path | None, typer.Option(help="Private key (PEM), if the log is signed.")
    ] = None,
) -> None:
    """Record a human decision that overrides the guard."""
    from ngsd_guard.audit import CODE_PATTERN, AuditLog, read_lines
    from ngsd_guard.errors import AuditError

    for name, code in (("--reviewer", reviewer), ("--reason-code", reason_code)):
        if code is not None and not re.fullmatch(CODE_PATTERN, code):
            raise typer.BadParameter(f"{name} must be 1 to 64 letters, digits and . _ : @ -")
    if not re.fullmatch(CODE_PATTERN, event_id):
        raise AuditError("no request or verdict has such an id; `ngsd-guard audit tail` prints ids")
    if decision not in ("allow", "block"):
        raise typer.BadParameter(f"the decision must be allow or block, not {decision!r}")
    if not any(
        fields.get("event_id") == event_id and fields.get("kind") in ("request", "verdict")
        for fields in read_lines(path)
    ):
        raise AuditError(
            f"no request or verdict {event_id!r} in the audit log; `ngsd-guard audit tail` and "
            "`show` print ids"
        )
    with AuditLog(path, signing_key=signing_key) as log:
        log.override(
            event_id,
            cast("Literal['allow', 'block']", decision),
            reviewer=reviewer,
            reason_code=reason_code,
        )
