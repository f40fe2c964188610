"""The application: state, routers and error handling."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI

from ngsd_guard._version import __version__
from ngsd_guard.audit import AuditLog
from ngsd_guard.chat import ChatEngine
from ngsd_guard.engine import Engine
from ngsd_guard.guard import Guard, Policy
from ngsd_guard.server import _operations, checks, completions, guarded, playground
from ngsd_guard.server._boundary import Boundary
from ngsd_guard.server._errors import add_handlers
from ngsd_guard.server._memory import trim_memory, trim_regularly
from ngsd_guard.server._metrics import Metrics
from ngsd_guard.server._settings import ServerSettings
from ngsd_guard.server._state import ServerState
from ngsd_guard.server._upstream import Upstream
from ngsd_guard.server._work import Work

_ROUTERS: Final[tuple[Callable[[ServerState], APIRouter], ...]] = (
    _operations.router,
    checks.router,
    completions.router,
    guarded.router,
)


def create_app(
    engine: Engine,
    *,
    settings: ServerSettings,
    audit: AuditLog | None = None,
    policy: Policy | str | Path | None = None,
) -> FastAPI:
    """Return the server as an ASGI application.

    Args:
        engine: the pair that judges and answers.
        settings: options of the server.
        audit: log for the verdicts; None for the engine's log, if it has one.
        policy: the guard's policy, or its path; None for the default policy.

    Raises:
        ConfigurationError: the policy is wrong.
    """
    log = engine.audit if audit is None else audit
    upstream = None
    if settings.upstream is not None:
        upstream = Upstream(settings.upstream, settings.timeout_s)
    state = ServerState(
        engine=engine,
        guard=Guard(engine, policy, audit=log, max_queue=settings.max_concurrency),
        chat=ChatEngine(engine, max_queue=settings.max_concurrency),
        audit=log,
        settings=settings,
        metrics=Metrics(),
        upstream=upstream,
    )
    app = FastAPI(
        title="ngsd-guard",
        version=__version__,
        docs_url=None,  # their pages load scripts from the network
        redoc_url=None,
        lifespan=partial(_lifespan, state),
    )
    app.state.ngsd = state
    add_handlers(app)
    for router in _ROUTERS:
        app.include_router(router(state))
    if settings.playground:
        app.include_router(playground.router(state))
    app.add_middleware(Work, state=state)
    app.add_middleware(Boundary, state=state)  # the last one added is the outermost
    return app


@asynccontextmanager
async def _lifespan(state: ServerState, _app: FastAPI) -> AsyncIterator[None]:
    trimming = asyncio.create_task(trim_regularly(trim_memory))
    yield
    trimming.cancel()
    if state.upstream is not None:
        await state.upstream.aclose()
