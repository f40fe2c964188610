"""`ngsd-guard serve`: checks and chat over HTTP."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.text import Text

from ngsd_guard.cli import _common
from ngsd_guard.cli._common import Base, Expert, Preset, make_console
from ngsd_guard.errors import ConfigurationError

if TYPE_CHECKING:
    from ngsd_guard.server import ServerSettings, UpstreamSettings

_KEY_VARIABLE: Final = "NGSD_UPSTREAM_KEY"


def serve(
    base: Base = "ngsd-mini",
    expert: Expert = None,
    preset: Preset = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 chooses a free port.")] = 8000,
    upstream: Annotated[
        str | None,
        typer.Option(help="OpenAI-compatible API that /v1/guarded stands in front of."),
    ] = None,
    upstream_key_file: Annotated[
        Path | None,
        typer.Option(help=f"The upstream's API key; default: the variable {_KEY_VARIABLE}."),
    ] = None,
    upstream_model: Annotated[
        list[str] | None,
        typer.Option(help="NAME=UPSTREAM'S NAME; can be repeated. Default: names are passed on."),
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="Policy file (YAML); default: the built-in policy.")
    ] = None,
    audit: Annotated[Path | None, typer.Option(help="Audit log to append to.")] = None,
    playground: Annotated[
        bool | None,
        typer.Option(help="A page at / to try the guard; default: only on loopback addresses."),
    ] = None,
    api_key_file: Annotated[
        Path | None,
        typer.Option(help="Accepted API keys, one per line: the key, or sha256: and its hash."),
    ] = None,
    max_concurrency: Annotated[int, typer.Option(min=1, help="Requests at work.")] = 64,
    max_queue: Annotated[int, typer.Option(min=0, help="Requests that may wait.")] = 64,
    max_body_bytes: Annotated[int, typer.Option(min=1, help="Largest request body.")] = 2**20,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds per request.")] = 120.0,
) -> None:
    """Serve checks and chat over HTTP until Ctrl-C or SIGTERM."""
    # Imported here, so that `--help` does not wait for torch.
    from ngsd_guard import server

    console = make_console()
    is_local = server.is_loopback(host)
    settings = server.ServerSettings(
        host=host,
        port=port,
        playground=is_local if playground is None else playground,
        model_name=Path(base).name,
        api_key_hashes=() if api_key_file is None else server.load_api_keys(api_key_file),
        allowed_hosts=server.LOOPBACK_NAMES if is_local else (),
        max_concurrency=max_concurrency,
        max_queue=max_queue,
        max_body_bytes=max_body_bytes,
        timeout_s=timeout,
        upstream=_upstream(upstream, upstream_key_file, upstream_model or []),
    )
    if not is_local and not settings.api_key_hashes:
        _warn(
            console,
            f"everyone who can reach {host} can use this server without a key; pass "
            "--api-key-file, or listen on 127.0.0.1.",
        )
    if settings.upstream is not None and _sends_key_in_the_clear(settings.upstream):
        _warn(console, "the upstream's key travels without encryption; pass an https:// URL.")
    with console.status(f"Loading {base}"):
        engine = _common.open_engine(base, expert, preset, audit)
        app = server.create_app(engine, settings=settings, policy=policy)
    try:
        server.serve(app, on_start=lambda url: _announce(console, url, settings))
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}, port {port}: {error.strerror}; choose another"
        ) from error
    finally:
        if engine.audit is not None:
            engine.audit.close()


def _announce(console: Console, url: str, settings: "ServerSettings") -> None:
    console.print(Text(f"Serving {url}", "bold"))
    if settings.playground:
        console.print(Text(f"Open {url}/ in a browser to try it."))


def _upstream(
    url: str | None, key_file: Path | None, models: list[str]
) -> "UpstreamSettings | None":
    from pydantic import SecretStr

    from ngsd_guard import server

    if url is None:
        if key_file is not None or models:
            raise ConfigurationError("--upstream is missing; pass the URL of the upstream")
        return None
    key = os.environ.get(_KEY_VARIABLE) or None
    if key_file is not None:
        key = server.load_upstream_key(key_file)
    names = [name.partition("=") for name in models]
    if not all(name and upstream_name for name, _, upstream_name in names):
        raise ConfigurationError("--upstream-model is not NAME=UPSTREAM'S NAME; pass both")
    return server.UpstreamSettings(
        url=url,
        key=None if key is None else SecretStr(key),
        models={name: upstream_name for name, _, upstream_name in names},
    )


def _sends_key_in_the_clear(upstream: "UpstreamSettings") -> bool:
    from ngsd_guard.server import is_loopback

    parts = urlsplit(upstream.url)
    is_open = parts.scheme == "http" and not is_loopback(parts.hostname or "")
    return is_open and upstream.key is not None


def _warn(console: Console, text: str) -> None:
    console.print(Text(f"Warning: {text}", "bold yellow"))
