"""Chat completions, responses and models, in OpenAI's form."""

from fastapi import APIRouter

from ngsd_guard.server._state import ServerState
from ngsd_guard.server.completions import _chat, _models, _responses


def router(state: ServerState) -> APIRouter:
    """Return the endpoints that OpenAI's clients use for text."""
    routes = APIRouter(tags=["chat"])
    routes.include_router(_chat.router(state))
    routes.include_router(_responses.router(state))
    routes.include_router(_models.router(state))
    return routes


__all__ = ["router"]
