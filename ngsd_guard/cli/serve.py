"""`ngsd-guard serve`: checks and chat over HTTP."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ngsd_guard.cli import _common
from ngsd_guard.cli._common import Base, Expert, Preset, make_console
from ngsd_guard.errors import ConfigurationError

if TYPE_CHECKING:
    from ngsd_guard.server import ServerSettings


def serve(
    base: Base = "ngsd-mini",
    expert: Expert = None,
    preset: Preset = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 chooses a free port.")] = 8000,
    upstream: Annotated[
        str | None,
        typer.Option(help="Reserved for a guarding proxy, which is not in this version."),
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

    if upstream is not None:
        raise ConfigurationError(
            "--upstream: the guarding proxy is not in this version; leave the option out, and "
            "judge the upstream's texts through the check endpoints"
        )
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
    )
    if not is_local and not settings.api_key_hashes:
        console.print(
            Text(
                f"Warning: everyone who can reach {host} can use this server without a key; pass "
                "--api-key-file, or listen on 127.0.0.1.",
                "bold yellow",
            )
        )
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
