"""The HTTP server: checks and chat.

::

    app = create_app(load_engine("ngsd-mini"), settings=ServerSettings())    an ASGI application
    serve(app)                                                               runs it with uvicorn

A group of endpoints is a folder with one function, `router(state) -> APIRouter`.
"""

from ngsd_guard.errors import MissingDependencyError as _MissingDependencyError

try:
    import fastapi as _fastapi  # noqa: F401
    import httpx as _httpx  # noqa: F401
    import prometheus_client as _prometheus_client  # noqa: F401
    import uvicorn as _uvicorn  # noqa: F401
except ImportError as error:
    raise _MissingDependencyError(
        "the server needs FastAPI, httpx, prometheus-client and uvicorn; install the extra: "
        "pip install 'ngsd-guard[server]'"
    ) from error

from ngsd_guard.server._app import create_app
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._keys import load_api_keys, load_upstream_key
from ngsd_guard.server._serving import LOOPBACK_NAMES, is_loopback, serve
from ngsd_guard.server._settings import ServerSettings, UpstreamSettings
from ngsd_guard.server._state import ServerState

__all__ = [
    "LOOPBACK_NAMES",
    "ApiError",
    "ServerSettings",
    "ServerState",
    "UpstreamSettings",
    "create_app",
    "is_loopback",
    "load_api_keys",
    "load_upstream_key",
    "serve",
]
