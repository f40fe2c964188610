"""Running the server with uvicorn, and stopping it without cutting answers off."""

import ipaddress
import math
import socket
import time
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI

from ngsd_guard.server._lifecycle import Lifecycle
from ngsd_guard.server._settings import ServerSettings
from ngsd_guard.server._state import ServerState

LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
_SPARE_CONNECTIONS: Final = 64


def is_loopback(host: str) -> bool:
    """Return whether only programs on this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def serve(app: FastAPI, *, on_start: Callable[[str], object] | None = None) -> None:
    """Run an application of `create_app` until SIGINT or SIGTERM, and finish running requests.

    Args:
        app: the application.
        on_start: called with the server's URL once it listens.

    Raises:
        OSError: the address cannot be listened on.
    """
    state: ServerState = app.state.ngsd
    listener = _listener(state.settings)
    host, port = listener.getsockname()[:2]
    if on_start is not None:
        on_start(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    with listener:
        make_server(app, state.settings, state.lifecycle).run([listener])


def _listener(settings: ServerSettings) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the address cannot be listened on.
    """
    host = settings.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, settings.port), family=family, backlog=2048)


def make_server(app: FastAPI, settings: ServerSettings, lifecycle: Lifecycle) -> "GracefulServer":
    """Return the web server of an application."""
    places = settings.max_concurrency + settings.max_queue
    config = uvicorn.Config(
        app,
        http="h11",  # bounds the size of headers
        ws="none",
        access_log=False,  # it would contain query strings
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=4 * places + _SPARE_CONNECTIONS,
        timeout_graceful_shutdown=math.ceil(settings.timeout_s),
    )
    return GracefulServer(config, lifecycle, settings.drain_s)


class GracefulServer(uvicorn.Server):
    """Says that it is not ready for a while before it stops listening.

    Args:
        config: uvicorn's options.
        lifecycle: told when the server is asked to stop.
        drain_s: time between that and the end of listening, in seconds.
    """

    def __init__(self, config: uvicorn.Config, lifecycle: Lifecycle, drain_s: float) -> None:
        super().__init__(config)
        self._lifecycle = lifecycle
        self._drain_s = drain_s
        self._exit_at_s: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop at the first signal, stop listening at the second, and quit at the third.

        The signal is not raised again in the end, so that the caller can close its log.
        """
        del sig, frame
        if self.should_exit:
            self.force_exit = True
        elif self._exit_at_s is None:
            self._lifecycle.is_draining = True
            self._exit_at_s = time.monotonic() + self._drain_s
        else:
            self.should_exit = True

    async def on_tick(self, counter: int) -> bool:
        """Stop listening once the time to drain is over."""
        if self._exit_at_s is not None and time.monotonic() >= self._exit_at_s:
            self.should_exit = True
        return await super().on_tick(counter)
