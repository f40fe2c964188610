"""`GET /v1/models`."""

import time
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ngsd_guard.server._errors import unknown_model
from ngsd_guard.server._state import ServerState


class Model(BaseModel):
    """A model that is served."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "ngsd-guard"


class ModelList(BaseModel):
    """All models that are served."""

    object: Literal["list"] = "list"
    data: list[Model]


def router(state: ServerState) -> APIRouter:
    """Return the endpoints that list models."""
    routes = APIRouter()
    served = Model(id=state.model_name, created=int(time.time()))

    @routes.get("/v1/models")
    async def list_models() -> ModelList:
        """List the pair that is served."""
        return ModelList(data=[served])

    @routes.get("/v1/models/{model:path}", responses={404: {"description": "Not served."}})
    async def retrieve_model(model: str) -> Model:
        """Describe the pair that is served."""
        if model != served.id:
            raise unknown_model(served.id)
        return served

    return routes
