"""Checks over HTTP, in the shapes that hosts ask for."""

from fastapi import APIRouter

from ngsd_guard.server._state import ServerState
from ngsd_guard.server.checks import _decisions, _litellm, _moderations, _nemo, _systemone
from ngsd_guard.server.checks._questions import QuestionReader


def router(state: ServerState) -> APIRouter:
    """Return the endpoints of the checks."""
    reader = QuestionReader(state)
    routes = APIRouter(tags=["checks"])
    routes.include_router(_decisions.router(state, reader))
    routes.include_router(_systemone.router(state, reader))
    routes.include_router(_moderations.router(state))
    routes.include_router(_nemo.router(state))
    routes.include_router(_litellm.router(state))
    return routes


__all__ = ["router"]
