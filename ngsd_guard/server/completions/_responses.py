"""`POST /v1/responses`."""

from contextlib import aclosing
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from ngsd_guard.chat import ChatRequest
from ngsd_guard.server._errors import ApiError, unknown_model
from ngsd_guard.server._event_stream import Frames, documented, frame, opened
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.completions._failures import translated
from ngsd_guard.server.completions._response_events import ResponseWriter, response
from ngsd_guard.server.completions._response_items import Event
from ngsd_guard.server.completions._response_request import ResponseBody, response_request

_RESPONSES: Final = documented("A response, or with `stream` its events as server-sent events.")


def router(state: ServerState) -> APIRouter:
    """Return the endpoint of responses."""
    routes = APIRouter()

    @routes.post("/v1/responses", responses=_RESPONSES, response_class=Response)
    async def create_response(body: ResponseBody) -> Response:
        """Answer with the guarded pair, in the form of OpenAI's Responses API.

        No response is stored. The finished one has an `ngsd` field: risk, alpha, spikes,
        overrides, peak potential and the audit record's id.
        """
        if body.model != state.model_name:
            raise unknown_model(state.model_name)
        request = response_request(body, state.settings.timeout_s)
        if body.stream:
            writer = ResponseWriter(state.model_name, body)

            def failed(error: ApiError) -> bytes:
                return _frame(writer.failed(error))

            return await opened(_frames(state, writer, request), failed)
        with translated(request):
            events = await state.chat.aevents(request)
        return JSONResponse(response(state.model_name, body, events))

    return routes


async def _frames(state: ServerState, writer: ResponseWriter, request: ChatRequest) -> Frames:
    is_started = False
    with translated(request):
        async with aclosing(state.chat.astream(request)) as events:
            async for event in events:
                out = [] if is_started else writer.start()
                is_started = True
                out += writer.feed(event)
                if out:
                    yield b"".join(map(_frame, out))


def _frame(event: Event) -> bytes:
    return frame(event, event["type"])
