"""The server over a scripted pair, called in this process."""

from typing import Any

import httpx
from fastapi import FastAPI

from _guard_fakes import POLICY, keyword_engine
from ngsd_guard.server import ServerSettings, create_app


def keyword_app(engine: Any = None, policy: Any = None, **settings: Any) -> FastAPI:
    """Return a server whose guard finds texts with HARM harmful."""
    return create_app(
        engine or keyword_engine(), settings=ServerSettings(**settings), policy=policy or POLICY
    )


def client_of(app: FastAPI, **options: Any) -> httpx.AsyncClient:
    """Return a client that calls an application without a socket."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", **options)
