"""A proxy between an MCP client and a server, message by message."""

import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from ngsd_guard import MissingDependencyError

try:
    import anyio
    from anyio.abc import TaskGroup
    from mcp.server.stdio import stdio_server
    from mcp.shared.dispatcher import coerce_request_id
    from mcp.shared.message import ClientMessageMetadata, SessionMessage
    from mcp_types import (
        CONNECTION_CLOSED,
        INVALID_REQUEST,
        ErrorData,
        JSONRPCError,
        JSONRPCNotification,
        JSONRPCRequest,
        JSONRPCResponse,
    )
except ImportError as error:
    raise MissingDependencyError(
        "the guard around MCP servers needs the package mcp: pip install 'ngsd-guard[mcp]'"
    ) from error

from mcp_ngsd._guard import Blocked, McpGuard
from mcp_ngsd._headers import Headers

_log: Final = logging.getLogger("mcp_ngsd")
_CANCELLED: Final = "notifications/cancelled"
_UNAVAILABLE: Final = "The MCP server is not available."
Transport = AbstractAsyncContextManager[Any]
"""A transport of `mcp`; entered, it gives the streams to read messages from and to write to."""


@dataclass(slots=True)
class _Pending:
    """A request under way."""

    id: int | str
    """As its sender wrote it."""
    method: str
    params: dict[str, Any] = field(repr=False)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    """Ends the check of the request, or of its result."""
    is_sent: bool = False
    """Whether the other side has seen it."""


class Proxy:
    """Relays messages between a client and a server, and has the guard judge them.

    Args:
        guard: judges the messages.
        client: streams from and to the client.
    """

    def __init__(self, guard: McpGuard, client: Any) -> None:
        self._guard = guard
        self._from_client, self._to_client = client
        self._headers = Headers()
        self._calls: dict[int | str, _Pending] = {}
        """Requests of the client, by id."""
        self._requests: dict[int | str, _Pending] = {}
        """Requests of the server, by id."""

    async def run(self, transport: Transport) -> None:
        """Relay until the client closes its side; without a server, refuse what the client asks.

        Args:
            transport: leads to the wrapped server.
        """
        try:
            async with transport as server:
                await self._relay(server)
        except Exception as error:
            _log.error("the MCP server is not available: %s", _described(error))
        for pending in list(self._calls.values()):
            await self._refuse(pending, CONNECTION_CLOSED, _UNAVAILABLE)
        async for received in self._from_client:
            message = None if isinstance(received, Exception) else received.message
            if isinstance(message, JSONRPCRequest):
                await self._send_client(_error(message.id, CONNECTION_CLOSED, _UNAVAILABLE))

    async def _relay(self, server: Any) -> None:
        self._from_server, self._to_server = server
        async with anyio.create_task_group() as relaying:
            async with anyio.create_task_group() as judging:
                relaying.start_soon(self._read_client, judging, relaying.cancel_scope)
                await self._read_server(judging)
            relaying.cancel_scope.cancel()

    async def _read_client(self, tasks: TaskGroup, end: anyio.CancelScope) -> None:
        async for received in self._from_client:
            if isinstance(received, Exception):
                _log.warning("a message of the client could not be read and was dropped")
                continue
            message = received.message
            if isinstance(message, JSONRPCRequest):
                await self._start_call(message, tasks)
            elif isinstance(message, JSONRPCNotification):
                if message.method != _CANCELLED or self._cancel(self._calls, message):
                    await self._send_server(message)
            elif message.id is not None:
                answered = self._requests.pop(coerce_request_id(message.id), None)
                if answered is not None:
                    await self._send_server(message.model_copy(update={"id": answered.id}))
        end.cancel()

    async def _start_call(self, message: JSONRPCRequest, tasks: TaskGroup) -> None:
        key = coerce_request_id(message.id)
        pending = _Pending(message.id, message.method, message.params or {})
        if key in self._calls:
            await self._send_client(_error(message.id, INVALID_REQUEST, "This id is in use."))
            return
        self._calls[key] = pending

        async def judge() -> None:
            await self._guard.judge_call(message.method, pending.params)
            pending.is_sent = True
            await self._send_server(message)

        if self._guard.concerns(message.method):
            tasks.start_soon(self._judged, pending, judge)
        else:
            pending.is_sent = True
            await self._send_server(message)

    async def _read_server(self, tasks: TaskGroup) -> None:
        async for received in self._from_server:
            if isinstance(received, Exception):
                _log.warning("a message of the server could not be read and was dropped")
                continue
            message = received.message
            if isinstance(message, JSONRPCNotification):
                if message.method != _CANCELLED or self._cancel(self._requests, message):
                    await self._send_client(message)
            elif isinstance(message, JSONRPCRequest):
                self._start_request(message, tasks)
            elif message.id is not None:
                pending = self._calls.get(coerce_request_id(message.id))
                if pending is None or not pending.is_sent:
                    _log.warning("the server answered a request that is not open; dropped")
                else:
                    self._start_result(pending, message, tasks)

    def _start_result(
        self, pending: _Pending, message: JSONRPCResponse | JSONRPCError, tasks: TaskGroup
    ) -> None:
        pending.is_sent = False  # a second answer is not expected
        pending.scope = anyio.CancelScope()

        async def judge() -> None:
            answer: JSONRPCResponse | JSONRPCError
            if isinstance(message, JSONRPCError):
                said = message.error
                text, data = await self._guard.mend_error(pending.method, said.message, said.data)
                update = {"message": text} if data is None else {"message": text, "data": data}
                answer = message.model_copy(update={"error": said.model_copy(update=update)})
            else:
                self._headers.learn(pending.method, message.result)
                method, params = pending.method, pending.params
                result = await self._guard.mend_result(method, params, message.result)
                answer = message.model_copy(update={"result": result})
            self._calls.pop(coerce_request_id(pending.id), None)
            await self._send_client(answer.model_copy(update={"id": pending.id}))

        tasks.start_soon(self._judged, pending, judge)

    def _start_request(self, message: JSONRPCRequest, tasks: TaskGroup) -> None:
        pending = _Pending(message.id, message.method, message.params or {})
        self._requests[coerce_request_id(message.id)] = pending

        async def judge() -> None:
            params = await self._guard.mend_request(pending.method, pending.params)
            update = {} if message.params is None else {"params": params}
            pending.is_sent = True
            await self._send_client(message.model_copy(update=update))

        async def start() -> None:
            try:
                with pending.scope:
                    await judge()
            except Exception as error:
                self._requests.pop(coerce_request_id(message.id), None)
                await self._send_server(_refusal(message.id, self._reason(error)))

        tasks.start_soon(start)

    async def _judged(self, pending: _Pending, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work for a client's request, and refuse the request if it fails."""
        try:
            with pending.scope:
                await work()
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            raise
        except Exception as error:
            reason = self._reason(error)
            await self._refuse(pending, INVALID_REQUEST, reason.message, reason.data)

    def _reason(self, error: Exception) -> Blocked:
        if isinstance(error, Blocked):
            return error
        _log.error("a message could not be judged (%s) and was refused", type(error).__name__)
        return Blocked(self._guard.failure_message)

    async def _refuse(self, pending: _Pending, code: int, message: str, data: Any = None) -> None:
        self._calls.pop(coerce_request_id(pending.id), None)
        await self._send_client(_error(pending.id, code, message, data))

    def _cancel(self, requests: dict[int | str, _Pending], message: JSONRPCNotification) -> bool:
        """End a check; return whether the other side knows the request and must be told."""
        request_id = (message.params or {}).get("requestId")
        if not isinstance(request_id, str | int):
            return False
        pending = requests.pop(coerce_request_id(request_id), None)
        if pending is None:
            return False
        pending.scope.cancel()
        return pending.is_sent

    async def _send_client(self, message: Any) -> None:
        await self._to_client.send(SessionMessage(message))

    async def _send_server(self, message: Any) -> None:
        metadata = None
        if isinstance(message, JSONRPCRequest | JSONRPCNotification):
            headers = self._headers.of(message.method, message.params)
            metadata = ClientMessageMetadata(headers=headers) if headers else None
        await self._to_server.send(SessionMessage(message, metadata))


def _error(request_id: int | str, code: int, message: str, data: Any = None) -> JSONRPCError:
    said = {"code": code, "message": message} | ({} if data is None else {"data": data})
    return JSONRPCError(jsonrpc="2.0", id=request_id, error=ErrorData.model_validate(said))


def _refusal(request_id: int | str, reason: Blocked) -> JSONRPCError:
    return _error(request_id, INVALID_REQUEST, reason.message, reason.data)


def _described(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__} ({reason})" if reason else type(error).__name__


class _Lines:
    """The lines of standard input, read in a thread that does not hold up the end."""

    def __aiter__(self) -> "_Lines":
        return self

    async def __anext__(self) -> str:
        line = await anyio.to_thread.run_sync(sys.stdin.buffer.readline, abandon_on_cancel=True)
        if not line:
            raise StopAsyncIteration
        return bytes(line).decode(errors="replace")


@asynccontextmanager
async def guarded(transport: Transport, guard: McpGuard) -> AsyncIterator[tuple[Any, Any]]:
    """Wrap a client's transport: `mcp.Client(guarded(transport, guard))`.

    Args:
        transport: leads to the server, such as `stdio_client(parameters)`.
        guard: judges the messages.

    Yields:
        The streams that the client reads from and writes to.
    """
    to_client, from_proxy = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    to_proxy, from_client = anyio.create_memory_object_stream[SessionMessage](0)

    async def relay() -> None:
        async with to_client, from_client:
            await Proxy(guard, (from_client, to_client)).run(transport)

    async with anyio.create_task_group() as tasks, from_proxy, to_proxy:
        tasks.start_soon(relay)
        try:
            yield from_proxy, to_proxy
        finally:
            tasks.cancel_scope.cancel()


async def serve(transport: Transport, guard: McpGuard) -> None:
    """Be an MCP server over standard input and output, until the client closes them.

    Args:
        transport: leads to the wrapped server.
        guard: judges the messages.
    """
    lines: Any = _Lines()
    async with stdio_server(stdin=lines) as client:
        await Proxy(guard, client).run(transport)
