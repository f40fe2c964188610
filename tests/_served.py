"""The server over a scripted pair, called in this process."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from _guard_fakes import POLICY, FaultyModel, keyword_engine
from ngsd_guard import Engine
from ngsd_guard.server import ServerSettings, create_app
from ngsd_guard.server._serving import GracefulServer, make_server


def keyword_app(engine: Any = None, policy: Any = None, **settings: Any) -> FastAPI:
    """Return a server whose guard finds texts with HARM harmful."""
    return create_app(
        engine or keyword_engine(), settings=ServerSettings(**settings), policy=policy or POLICY
    )


def client_of(app: FastAPI, **options: Any) -> httpx.AsyncClient:
    """Return a client that calls an application without a socket."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", **options)


@contextmanager
def serving(app: FastAPI) -> Iterator[tuple[str, GracefulServer]]:
    """Run an application with uvicorn on a free port of this machine; yield its URL."""
    state = app.state.ngsd
    server = make_server(app, state.settings, state.lifecycle)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", server
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


class Held:
    """Holds every reading of a model until it is released."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.released.wait(10)


def held_engine(held: Held) -> Engine:
    """Return a scripted pair whose base waits in each reading."""
    return keyword_engine(base=FaultyModel(held, name="scripted-base"))
