"""`POST /v1/chat/completions`."""

from contextlib import aclosing
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from ngsd_guard.chat import ChatRequest
from ngsd_guard.server._errors import ApiError, unknown_model
from ngsd_guard.server._event_stream import DONE, Frames, documented, frame, opened
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.completions._chat_chunks import ChunkWriter, completion
from ngsd_guard.server.completions._chat_request import ChatBody, chat_request
from ngsd_guard.server.completions._failures import translated

_RESPONSES: Final = documented(
    "A chat completion, or with `stream` its chunks as server-sent events."
)


def router(state: ServerState) -> APIRouter:
    """Return the endpoint of chat completions."""
    routes = APIRouter()

    @routes.post("/v1/chat/completions", responses=_RESPONSES, response_class=Response)
    async def create_chat_completion(body: ChatBody) -> Response:
        """Answer a conversation with the guarded pair, in OpenAI's form.

        The answer, or the last chunk with a choice, has an `ngsd` field: risk, alpha, spikes,
        overrides, peak potential and the audit record's id.
        """
        if body.model != state.model_name:
            raise unknown_model(state.model_name)
        request = chat_request(body, state.settings.timeout_s)
        if body.stream:
            return await opened(_frames(state, body, request), _failed)
        with translated(request):
            events = await state.chat.aevents(request)
        is_text = request.response_format is None
        return JSONResponse(completion(state.model_name, events, is_text=is_text))

    return routes


async def _frames(state: ServerState, body: ChatBody, request: ChatRequest) -> Frames:
    writer = ChunkWriter(
        state.model_name,
        includes_usage=body.includes_usage,
        is_text=request.response_format is None,
    )
    is_started = False
    with translated(request):
        async with aclosing(state.chat.astream(request)) as events:
            async for event in events:
                chunks = [] if is_started else writer.start()
                is_started = True
                chunks += writer.feed(event)
                if chunks:
                    yield b"".join(map(frame, chunks))
    yield DONE


def _failed(error: ApiError) -> bytes:
    return frame(error.body(), "error")
