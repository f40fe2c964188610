"""Middleware of vLLM's API server that shows a client what the guard did to its request."""

import asyncio
import json
import weakref
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from uuid import uuid4

from ngsd_guard import AuditError
from ngsd_guard.audit import LogFollower, Record, RequestRecord
from vllm_ngsd._options import REQUEST, host_options

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADER: Final = "x-ngsd-request-id"
RECORDS: Final = "/v1/ngsd/records/"
_GUARDED: Final = frozenset(
    {"/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"}
)
_SHOWN: Final = (RequestRecord.model_fields.keys() - Record.model_fields.keys()) | {"time_utc"}
_KEPT: Final = 10_000
"""Requests whose records can be asked for."""
_WAIT_S: Final = 1.0
"""How long an answer waits for a record: it is written a step after the end of the request."""
_POLL_S: Final = 0.1
_READ_EVERY: Final = 256
"""Requests after which the log is read although nobody asked for a record."""


class NGSDRecords:
    """Names each guarded request, and serves its audit records.

    `vllm serve BASE ... --middleware vllm_ngsd.NGSDRecords`, with an `audit` log in the guard's
    configuration. Each answer has the header `x-ngsd-request-id`; `GET /v1/ngsd/records/{id}`
    returns the records with that id, one for each answer, and 404 with `Retry-After` until there
    is one. vLLM's own API key is needed for it. Records hold no text.

    Args:
        app: vLLM's application.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._records: _Records | None = None
        self._num_requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or not self._is_recording(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if scope["method"] == "POST" and path in _GUARDED:
            await self._name(scope, receive, send)
        elif scope["method"] == "GET" and path.startswith(RECORDS):
            await self._show(path.removeprefix(RECORDS), scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_recording(self, scope: Scope) -> bool:
        """Return whether the guard of this server has a log; follow it from the first request."""
        if self._records is None:
            config = getattr(getattr(scope.get("app"), "state", None), "vllm_config", None)
            options = host_options(config)
            if options is None or options.audit is None:
                return False
            self._records = _Records(options.audit)
        return True

    async def _name(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with an id that the guard records, and tell the client the id."""
        request_id = uuid4().hex
        messages = [await receive()]
        while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
            messages.append(await receive())
        whole = b"".join(message.get("body", b"") for message in messages)
        body = _with_id(whole, request_id)
        if messages[-1]["type"] != "http.request" or body is None:
            await self._app(scope, _replayed(messages, receive), send)
            return
        headers = [(k, v) for k, v in scope["headers"] if k.lower() != b"content-length"]
        headers.append((b"content-length", str(len(body)).encode()))

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = (HEADER.encode(), request_id.encode())
                message = {**message, "headers": [*message.get("headers", ()), named]}
            await send(message)

        request = {"type": "http.request", "body": body, "more_body": False}
        await self._app({**scope, "headers": headers}, _replayed([request], receive), send_named)
        self._num_requests += 1
        if self._records is not None and self._num_requests % _READ_EVERY == 0:
            await self._records.read()

    async def _show(self, request_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with records, where vLLM itself lets the client in and knows no such path."""
        is_missing = False

        async def send_unless_missing(message: Message) -> None:
            nonlocal is_missing
            if message["type"] == "http.response.start" and message["status"] == 404:
                is_missing = True
            if not is_missing:
                await send(message)

        await self._app(scope, receive, send_unless_missing)
        if not is_missing or self._records is None:
            return
        records = await self._records.find(request_id)
        if records:
            await _answer(send, 200, {"id": request_id, "records": records})
            return
        error = {
            "message": "no record has this id yet; ask again after the request has ended",
            "type": "invalid_request_error",
            "param": None,
            "code": "record_not_found",
        }
        await _answer(send, 404, {"error": error}, retry_after_s=1)


class _Records:
    """The records of recent requests, by the id of the request.

    Args:
        path: of the audit log, which vLLM's engine writes in another process.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._log: LogFollower | None = None
        self._found: OrderedDict[str, dict[str, dict[str, Any]]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def find(self, request_id: str) -> list[dict[str, Any]]:
        """Return what the log says of a request; waits a little for the first record."""
        for _ in range(round(_WAIT_S / _POLL_S)):
            await self.read()
            if request_id in self._found:
                break
            await asyncio.sleep(_POLL_S)
        return list(self._found.get(request_id, {}).values())

    async def read(self) -> None:
        """Take in what was added to the log."""
        async with self._lock:
            for fields in await asyncio.to_thread(self._new):
                name = fields.get("trace_id")
                if fields.get("kind") == "request" and name is not None:
                    shown = {key: value for key, value in fields.items() if key in _SHOWN}
                    self._found.setdefault(name, {})[str(fields.get("event_id"))] = shown
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)

    def _new(self) -> list[dict[str, Any]]:
        try:
            if self._log is None:
                self._log = LogFollower(self._path)
                weakref.finalize(self, self._log.close)
                return self._log.last(_KEPT)
            return self._log.new()
        except (AuditError, OSError):  # it is not there yet, or being rotated
            return []


def _with_id(body: bytes, request_id: str) -> bytes | None:
    """Return the body of a request with its id; None where vLLM will refuse it anyway."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    options = fields.get("vllm_xargs")
    if not isinstance(options, dict | None):
        return None
    return json.dumps({**fields, "vllm_xargs": {**(options or {}), REQUEST: request_id}}).encode()


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    """Return a `receive` that gives some messages first."""
    waiting = iter(messages)

    async def replay() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replay


async def _answer(
    send: Send, status: int, content: dict[str, Any], retry_after_s: int | None = None
) -> None:
    body = json.dumps(content).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if retry_after_s is not None:
        headers.append((b"retry-after", str(retry_after_s).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
