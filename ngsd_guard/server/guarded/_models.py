"""`GET /v1/guarded/models`."""

from typing import Any, Final

from fastapi import APIRouter

from ngsd_guard.server._state import ServerState
from ngsd_guard.server.completions._models import Model, ModelList
from ngsd_guard.server.guarded._answers import require_list, require_object
from ngsd_guard.server.guarded._request import upstream_of

_UNKNOWN_TIME: Final = 0
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    404: {"description": "The server has no upstream."},
    502: {"description": "The upstream failed."},
}


def router(state: ServerState) -> APIRouter:
    """Return the endpoint that lists the upstream's models."""
    routes = APIRouter()

    @routes.get("/v1/guarded/models", responses=_RESPONSES)
    async def list_guarded_models() -> ModelList:
        """List the models that are guarded: those with a name here, or all of the upstream."""
        upstream = upstream_of(state)
        if upstream.models:
            return ModelList(data=[_model({"id": name}) for name in upstream.models])
        listed = require_object(await upstream.list_models())
        return ModelList(data=list(map(_model, require_list(listed.get("data")))))

    return routes


def _model(given: Any) -> Model:
    listed = require_object(given)
    created = listed.get("created")
    return Model(
        id=str(listed.get("id")),
        created=created if isinstance(created, int) else _UNKNOWN_TIME,
        owned_by=str(listed.get("owned_by", "upstream")),
    )
