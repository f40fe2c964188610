"""Checks over HTTP, in the shapes that hosts ask for."""

from fastapi import APIRouter

from ngsd_guard.server._state import ServerState


def router(state: ServerState) -> APIRouter:
    """Return the endpoints of the checks."""
    del state
    return APIRouter(tags=["checks"])


__all__ = ["router"]
