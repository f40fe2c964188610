"""`ngsd-guard audit`: whether a log is sound, and what it says."""

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


@app.command()
def tail(
    path: LogPath,
    number: Annotated[
        int, typer.Option("--number", "-n", min=0, help="Records from the end.")
    ] = 20,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with new records until Ctrl-C.")
    ] = False,
) -> None:
    """Print the last records of all writers by time, one a line."""
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
    """Count what the log says: interventions, verdicts, faults, risk and latency."""
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
    event_id: Annotated[str, typer.Argument(help="Id of a request or verdict, or its start.")],
) -> None:
    """Tell the story of one request or verdict, with the potential drawn."""
    from ngsd_guard.audit import read_story
    from ngsd_guard.render import print_story

    print_story(read_story(path, event_id), Console(highlight=False))


@app.command()
def report(
    path: LogPath,
    out: Annotated[Path, typer.Option(help="The page to write.")],
    public_key: Annotated[
        Path | None, typer.Option(help="Public key (PEM) that must have signed the log.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Verify the log and write it as one HTML page that needs no network."""
    from ngsd_guard.audit import write_report

    verification = write_report(path, out, public_key, force=force)
    sound = "sound" if verification.is_intact else "BAD, see the page or: ngsd-guard audit verify"
    typer.echo(f"{out}: {verification.num_records} records verified, {sound}")


@app.command()
def export(
    path: LogPath,
    format: Annotated[str, typer.Option("--format", help="otlp-json, ocsf, csv or parquet.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write the log in a format that other systems read."""
    from ngsd_guard.audit import export as export_log

    export_log(path, out, cast("ExportFormat", format), force=force)
    typer.echo(out)


@app.command()
def keygen(
    private: Annotated[Path, typer.Argument(help="File for the private key, which signs.")],
    public: Annotated[
        Path | None, typer.Argument(help="File for the public key, which verifies.")
    ] = None,
) -> None:
    """Make a key pair for signed logs."""
    from ngsd_guard.audit import write_key_pair

    if public is None:
        public = private.with_name(f"{private.stem}.pub{private.suffix}")
    key_id = write_key_pair(private, public)
    typer.echo(f"key {key_id}")
    typer.echo(f"{private}: signs; keep it where nobody else can read it")
    typer.echo(f"{public}: verifies; give it to auditors")


@app.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="File to write; else it is printed.")] = None,
    page: Annotated[bool, typer.Option("--page", help="As a page of Markdown.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Print the JSON Schema of a record."""
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
    event_id: Annotated[str, typer.Argument(help="The request or verdict that is overridden.")],
    decision: Annotated[str, typer.Argument(help="allow or block.")],
    reviewer: Annotated[str, typer.Option(help="An id your employer knows you by; no name.")],
    reason_code: Annotated[
        str | None, typer.Option(help="A code for the reason; no free text.")
    ] = None,
    signing_key: Annotated[
        Path | None, typer.Option(help="Private key (PEM) of a signed log.")
    ] = None,
) -> None:
    """Record that a human decided otherwise than the guard."""
    from ngsd_guard.audit import CODE_PATTERN, AuditLog, read_lines
    from ngsd_guard.errors import AuditError

    for name, code in (("--reviewer", reviewer), ("--reason-code", reason_code)):
        if code is not None and not re.fullmatch(CODE_PATTERN, code):
            raise typer.BadParameter(f"{name} is 1 to 64 letters, digits and . _ : @ -")
    if decision not in ("allow", "block"):
        raise typer.BadParameter(f"the decision is allow or block, not {decision!r}")
    if not any(
        fields.get("event_id") == event_id and fields.get("kind") in ("request", "verdict")
        for fields in read_lines(path)
    ):
        raise AuditError(
            f"no request or verdict {event_id!r} is in the audit log; `ngsd-guard audit tail` and "
            "`show` tell ids"
        )
    with AuditLog(path, signing_key=signing_key) as log:
        log.override(
            event_id,
            cast("Literal['allow', 'block']", decision),
            reviewer=reviewer,
            reason_code=reason_code,
        )
