"""The outermost layer: request ids, keys, metrics, and errors that nothing else handled."""

import logging
import re
import time
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ngsd_guard.audit import audit_context
from ngsd_guard.server._errors import ApiError, as_api_error
from ngsd_guard.server._keys import accepted_hash
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.playground import PAGE_PATHS

REQUEST_ID: Final = "x-request-id"
OPEN_PATHS: Final = frozenset({"/healthz", "/readyz", *PAGE_PATHS})
"""Paths that need no API key; none of them judges or answers anything."""
_SANE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?")
_log: Final = logging.getLogger("ngsd_guard.server")


@dataclass(slots=True)
class _Exchange:
    """The answer to one request, as it is sent."""

    send_on: Send
    request_id: str
    started_s: float = field(default_factory=time.perf_counter)
    first_byte_s: float | None = None
    status: int = 0

    async def send(self, message: Message) -> None:
        """Send a message, with the request's id among the headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.first_byte_s = self.elapsed_s
            headers = MutableHeaders(scope=message)
            headers[REQUEST_ID] = self.request_id
            headers.setdefault("x-content-type-options", "nosniff")
            headers.setdefault("cache-control", "no-store")
        await self.send_on(message)

    @property
    def elapsed_s(self) -> float:
        """Time since the request, in seconds."""
        return time.perf_counter() - self.started_s


class Boundary:
    """Gives each request an id, checks its key, counts it, and answers every error.

    No exception passes this layer, so that the web server has no traceback to log.

    Args:
        app: the application.
        state: what the endpoints share.
    """

    def __init__(self, app: ASGIApp, state: ServerState) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        exchange = _Exchange(send, _request_id(headers.get(REQUEST_ID)))
        try:
            self._check_host(headers)
            actor = self._actor(scope["path"], headers)
            with audit_context(trace_id=exchange.request_id, actor=actor):
                await self._app(scope, receive, exchange.send)
        except Exception as error:
            await self._fail(error, exchange, scope, receive)
        finally:
            self._count(scope, exchange)

    def _check_host(self, headers: Headers) -> None:
        """Refuse other names, which a web page may give this server (DNS rebinding)."""
        allowed = self._state.settings.allowed_hosts
        found = _HOST.fullmatch(headers.get("host", ""))
        if allowed and (found is None or found[1].lower() not in allowed):
            raise ApiError(421, "the Host header names another server", code="wrong_host")

    def _actor(self, path: str, headers: Headers) -> str | None:
        """Return a name for the owner of the key; None if no key is needed."""
        hashes = self._state.settings.api_key_hashes
        if not hashes or path in OPEN_PATHS:
            return None
        authorization = headers.get("authorization")
        raw = None if authorization is None else authorization.encode("latin-1")
        found = accepted_hash(raw, hashes)
        if found is None:
            raise ApiError(
                401,
                "the API key is missing or wrong; send it as 'Authorization: Bearer KEY'",
                code="invalid_api_key",
                headers={"WWW-Authenticate": "Bearer"},
            )
        return f"key-{found[:16]}"

    async def _fail(
        self, error: Exception, exchange: _Exchange, scope: Scope, receive: Receive
    ) -> None:
        answer = as_api_error(error)
        if answer.status >= 500:
            name, is_late = type(error).__name__, bool(exchange.status)
            _log.warning("%s request_id=%s late=%s", name, exchange.request_id, is_late)
        if exchange.status:  # too late for an answer: the connection is closed in the middle
            return
        try:
            await answer.response()(scope, receive, exchange.send)
        except OSError:  # the client has left
            return

    def _count(self, scope: Scope, exchange: _Exchange) -> None:
        metrics = self._state.metrics
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        metrics.requests.labels(route, method, str(exchange.status or "none")).inc()
        metrics.duration_s.labels(route).observe(exchange.elapsed_s)
        if exchange.first_byte_s is not None:
            metrics.first_byte_s.labels(route).observe(exchange.first_byte_s)
        _log.info(
            "%s %s %s %.3fs request_id=%s",
            method,
            route,
            exchange.status or "none",
            exchange.elapsed_s,
            exchange.request_id,
        )


_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def _request_id(given: str | None) -> str:
    """Return the client's id if it is a plain one, or a new one."""
    return given if given is not None and _SANE_ID.fullmatch(given) else uuid4().hex
