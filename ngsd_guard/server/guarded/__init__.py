"""A guard in front of any OpenAI-compatible API."""

from fastapi import APIRouter

from ngsd_guard.server._state import ServerState
from ngsd_guard.server.guarded import _chat, _models


def router(state: ServerState) -> APIRouter:
    """Return the endpoints that pass requests on to the upstream."""
    routes = APIRouter(tags=["guarded"])
    routes.include_router(_chat.router(state))
    routes.include_router(_models.router(state))
    return routes


__all__ = ["router"]
