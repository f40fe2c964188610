"""The playground: one page on which people compare unguarded and guarded answers."""

from fastapi import APIRouter

from ngsd_guard.server._state import ServerState
from ngsd_guard.server.playground import _endpoints, _page
from ngsd_guard.server.playground._page import PAGE_PATHS


def router(state: ServerState) -> APIRouter:
    """Return the page and the endpoints that it calls."""
    routes = APIRouter(tags=["playground"])
    routes.include_router(_page.router())
    routes.include_router(_endpoints.router(state))
    return routes


__all__ = ["PAGE_PATHS", "router"]
