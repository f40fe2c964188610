"""`ngsd-mcp`: a guard around an MCP server, as an MCP server over standard input and output."""

import logging
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from ngsd_guard import ConfigurationError, NGSDError

app = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)


@app.command()
def main(
    command: Annotated[
        list[str] | None,
        typer.Argument(help="Program of the server and its arguments, after `--`."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of a server over streamable HTTP.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(
            help="HTTP header for the server, as NAME=VARIABLE: the value is read from the "
            "environment. May be repeated."
        ),
    ] = None,
    pair: Annotated[
        str, typer.Option("--base", "--pair", help="Pair that judges: a known pair or a folder.")
    ] = "ngsd-mini",
    expert: Annotated[str | None, typer.Option(help="Safety expert, if the pair has none.")] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file (YAML); default: the built-in policy.")
    ] = None,
    audit: Annotated[Path | None, typer.Option(help="Audit log to append to.")] = None,
    allow_media: Annotated[
        bool, typer.Option(help="Let images, audio and binary resources pass unjudged.")
    ] = False,
    strict_descriptions: Annotated[
        bool,
        typer.Option(
            help="Leave out tools whose description the policy would redact, not only those that "
            "it would block."
        ),
    ] = False,
) -> None:
    """Guard an MCP server: `ngsd-mcp [OPTIONS] -- PROGRAM ARGUMENTS`, or `ngsd-mcp --url URL`."""
    try:
        # Imported here, so that `--help` does not wait for torch.
        from mcp_ngsd import McpGuard, serve
        from ngsd_guard import AuditLog, Guard, load_engine

        import anyio  # isort: skip  # comes with mcp, whose absence was reported above

        transport = _transport(command or [], url, header or [])
        logging.getLogger("mcp").setLevel(logging.CRITICAL + 1)  # its messages quote texts
        log = None if audit is None else AuditLog(audit)
        guard = Guard(load_engine(pair, expert, audit=log), policy)
        options = {"allow_media": allow_media, "strict_descriptions": strict_descriptions}
        try:
            anyio.run(serve, transport, McpGuard(guard, **options))
        finally:
            if log is not None:
                log.close()
    except NGSDError as error:
        typer.echo(f"ngsd-mcp: {error}", err=True)
        raise typer.Exit(1) from error


def _transport(command: list[str], url: str | None, header: list[str]) -> Any:
    if bool(command) == (url is not None):
        raise ConfigurationError("name one server: its program after `--`, or its --url")
    if url is None:
        if header:
            raise ConfigurationError("--header is for --url; a program reads its environment")
        from mcp.client.stdio import StdioServerParameters, stdio_client

        program, *arguments = command
        return stdio_client(
            StdioServerParameters(command=program, args=arguments, env={**os.environ})
        )
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    headers = dict(map(_header, header))
    timeout = httpx2.Timeout(30.0, read=300.0)
    return streamable_http_client(
        url, http_client=httpx2.AsyncClient(headers=headers, timeout=timeout)
    )


def _header(option: str) -> tuple[str, str]:
    name, _, variable = option.partition("=")
    value = os.environ.get(variable)
    if not name or value is None:
        raise ConfigurationError(
            f"--header {name}=…: pass NAME=VARIABLE, and set that environment variable"
        )
    return name, value
