"""Health, readiness and metrics."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from ngsd_guard.server._state import ServerState


def router(state: ServerState) -> APIRouter:
    """Return the endpoints that operators use."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    @routes.get("/readyz", responses={503: {"description": "The server is stopping."}})
    async def readyz() -> JSONResponse:
        """Tell whether new requests are welcome."""
        if state.lifecycle.is_draining:
            return JSONResponse({"status": "draining"}, 503)
        return JSONResponse({"status": "ready"})

    @routes.get("/metrics", response_class=Response)
    async def metrics() -> Response:
        """Return the metrics in Prometheus' text format."""
        return Response(state.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes
