"""Limits on one request: size of the body, turn in the queue, time, and a client that leaves."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ngsd_guard.engine import Admission
from ngsd_guard.errors import DecodingTimeoutError
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState

UNLIMITED_PATHS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths that are answered at once, also when all turns are taken."""


class _ClientLeftError(Exception):
    """The client left before its request was complete."""


class Work:
    """Reads the body, waits for a turn, and stops what takes too long or nobody waits for.

    The body is read before the request takes a turn, so that slow clients do not hold one.

    Args:
        app: the application.
        state: what the endpoints share.
    """

    def __init__(self, app: ASGIApp, state: ServerState) -> None:
        self._app = app
        self._state = state
        settings = state.settings
        self._admission = Admission(settings.max_concurrency, settings.max_queue)
        state.metrics.active.set_function(lambda: self._admission.num_active)
        state.metrics.waiting.set_function(lambda: self._admission.num_waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or scope["path"] in UNLIMITED_PATHS:
            await self._app(scope, receive, send)
            return
        settings = self._state.settings
        try:
            async with asyncio.timeout(settings.body_timeout_s):
                body = await _read_body(scope, receive, settings.max_body_bytes)
        except TimeoutError:
            raise ApiError(
                408, "the body did not arrive in time", code="body_timeout", headers=_CLOSE
            ) from None
        except _ClientLeftError:
            self._state.metrics.disconnects.inc()
            return
        await self._watched(scope, body, receive, send)

    async def _watched(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Run the application until it ends, the client leaves, or the time is up.

        Raises:
            DecodingTimeoutError: the time is up.
        """
        timeout_s = self._state.settings.timeout_s
        gone = asyncio.Event()
        work = asyncio.ensure_future(self._admitted(scope, body, gone, send))
        watch = asyncio.ensure_future(_wait_until_gone(receive))
        try:
            await asyncio.wait(
                {work, watch}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if work.done():
                work.result()
                return
            gone.set()
            work.cancel()
            await asyncio.wait({work})
            if not watch.done():
                raise DecodingTimeoutError(timeout_s)
            self._state.metrics.disconnects.inc()
        finally:
            watch.cancel()
            work.cancel()
            await asyncio.wait({work, watch})

    async def _admitted(self, scope: Scope, body: bytes, gone: asyncio.Event, send: Send) -> None:
        is_read = False

        async def replay() -> Message:
            nonlocal is_read
            if not is_read:
                is_read = True
                return {"type": "http.request", "body": body, "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async with self._admission.aslot():
            await self._app(scope, replay, send)


_CLOSE: Final = {"Connection": "close"}


async def _read_body(scope: Scope, receive: Receive, max_bytes: int) -> bytes:
    """Return the body.

    Raises:
        ApiError: it is larger than `max_bytes`, by its declared or its actual length.
        _ClientLeftError: the client left.
    """
    declared = Headers(scope=scope).get("content-length", "")
    if declared.isdecimal() and (len(declared) > 18 or int(declared) > max_bytes):
        raise _too_large(max_bytes)
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientLeftError
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(max_bytes: int) -> ApiError:
    return ApiError(
        413,
        f"the body is larger than {max_bytes} bytes; send less",
        code="body_too_large",
        headers=_CLOSE,
    )


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
