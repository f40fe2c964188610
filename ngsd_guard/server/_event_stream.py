"""Server-sent events that cannot end early and look complete."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ngsd_guard.errors import DecodingTimeoutError
from ngsd_guard.server._errors import ApiError, as_api_error

_FAREWELL_S: Final = 1.0
"""Time for the error event of a stream that is stopped, in seconds."""
_log: Final = logging.getLogger("ngsd_guard.server")
DONE: Final = b"data: [DONE]\n\n"
"""Last event of a stream of chat completion chunks that is complete."""
Frames = AsyncGenerator[bytes, None]


def frame(data: Any, event: str | None = None) -> bytes:
    """Return one event with JSON data."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    name = f"event: {event}\n" if event is not None else ""
    # A lone surrogate has no UTF-8 form; a model's text can hold none.
    return f"{name}data: {text}\n\n".encode(errors="replace")


async def opened(frames: Frames, failed: Callable[[ApiError], bytes]) -> "EventStream":
    """Return a stream once its first frame is there; errors before it get a status of their own.

    Args:
        frames: the stream.
        failed: returns the frame that reports an error in the middle.

    Raises:
        Exception: whatever `frames` raises before its first frame.
    """
    return EventStream(await anext(frames), frames, failed)


class EventStream(Response):
    """A stream of server-sent events.

    One that fails or runs out of time ends with an error event. One whose client leaves is closed,
    which cancels the answer.

    Args:
        first: the first frame.
        frames: the others.
        failed: returns the frame that reports an error.
    """

    media_type = "text/event-stream"

    def __init__(self, first: bytes, frames: Frames, failed: Callable[[ApiError], bytes]) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})
        self._first = first
        self._frames = frames
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        del scope, receive
        async with aclosing(self._frames) as frames:
            try:
                await send(
                    {
                        "type": "http.response.start",
                        "status": self.status_code,
                        "headers": self.raw_headers,
                    }
                )
                await _send(send, self._first)
                async for each in frames:
                    await _send(send, each)
            except OSError:  # the client has left
                return
            except asyncio.CancelledError:
                # Out of time, or the client has left, which makes sending a no-op.
                await self._say_goodbye(send)
                raise
            except Exception as error:
                answer = as_api_error(error)
                if answer.status >= 500:
                    _log.warning("%s in a stream", type(error).__name__)
                await _send(send, self._failed(answer))
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _say_goodbye(self, send: Send) -> None:
        error = as_api_error(DecodingTimeoutError(0.0))
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await _send(send, self._failed(error))
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except (OSError, TimeoutError):
            return


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


def documented(success: str) -> dict[int | str, dict[str, Any]]:
    """Return the statuses of an endpoint that answers or streams, for the OpenAPI document."""
    return {
        200: {
            "description": success,
            "content": {"application/json": {}, "text/event-stream": {}},
        },
        400: {"description": "A parameter is wrong or not supported."},
        404: {"description": "The model is not served."},
        429: {"description": "The server is busy."},
        504: {"description": "The time is up."},
    }
