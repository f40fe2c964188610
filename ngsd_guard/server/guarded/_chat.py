"""`POST /v1/guarded/chat/completions`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._event_stream import DONE, Frames, documented, frame, opened
from ngsd_guard.server._state import ServerState
from ngsd_guard.server._upstream import Upstream
from ngsd_guard.server.guarded._answers import require_object, screened
from ngsd_guard.server.guarded._body import GuardedBody
from ngsd_guard.server.guarded._request import GuardedRequest, read_request, upstream_of
from ngsd_guard.server.guarded._shapes import blocked_chunks, blocked_completion
from ngsd_guard.server.guarded._sse import EventDecoder
from ngsd_guard.server.guarded._stream import ScreenedStream

_RESPONSES: Final = documented(
    "The upstream's chat completion, or a refusal of the guard; with `stream` as server-sent "
    "events."
) | {502: {"description": "The upstream failed."}}


def router(state: ServerState) -> APIRouter:
    """Return the endpoint of guarded chat completions."""
    routes = APIRouter()

    @routes.post("/v1/guarded/chat/completions", responses=_RESPONSES, response_class=Response)
    async def create_guarded_chat_completion(body: GuardedBody) -> Response:
        """Judge a conversation, pass it on to the upstream, and judge the answer.

        A stopped request or answer has the finish reason `content_filter` and the policy's message
        as `refusal`. The `ngsd` field says what the guard found.
        """
        upstream = upstream_of(state)
        request = await read_request(state, body)
        if body.stream:
            return await opened(_frames(state, upstream, request), _failed)
        if request.stopped is not None:
            return JSONResponse(blocked_completion(request, request.stopped))
        async with upstream.post(request.forwarded) as response:
            answer = await upstream.read_json(response)
        return JSONResponse(await screened(state, request, require_object(answer)))

    return routes


async def _frames(state: ServerState, upstream: Upstream, request: GuardedRequest) -> Frames:
    if request.stopped is not None:
        yield b"".join(map(frame, blocked_chunks(request, request.stopped)))
    else:
        async with aclosing(_chunks(state, upstream, request)) as parts:
            async for chunks in parts:
                if chunks:
                    yield b"".join(map(frame, chunks))
    yield DONE


async def _chunks(
    state: ServerState, upstream: Upstream, request: GuardedRequest
) -> AsyncGenerator[list[dict[str, Any]], None]:
    stream, decoder = ScreenedStream(state, request), EventDecoder()
    async with upstream.post(request.forwarded) as response:
        upstream.require_event_stream(response)
        async for piece in response.aiter_bytes():
            for data in decoder.feed(piece):
                if data == "[DONE]":
                    yield stream.end()
                    return
                yield await stream.feed(data)
                if stream.is_stopped:  # closing the connection ends the upstream's work
                    return
    yield stream.end()


def _failed(error: ApiError) -> bytes:
    return frame(error.body(), "error")
