"""A request's turn, its time and its end."""

import asyncio
import contextvars
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from typing import ParamSpec, TypeVar

from ngsd_guard.chat._prepare import PreparedChat
from ngsd_guard.engine import Admission, Engine, TokenStream
from ngsd_guard.errors import DecodingTimeoutError
from ngsd_guard.types import DecodeStep

P = ParamSpec("P")
T = TypeVar("T")


class Deadline:
    """When a request's time is up.

    Args:
        timeout_s: seconds from now; None for never.
    """

    def __init__(self, timeout_s: float | None) -> None:
        self._timeout_s = math.inf if timeout_s is None else timeout_s
        self._at_s = time.monotonic() + self._timeout_s

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self._at_s

    @property
    def left_s(self) -> float | None:
        """Seconds left, at least 0; None without a deadline."""
        return None if math.isinf(self._at_s) else max(0.0, self._at_s - time.monotonic())

    def error(self) -> DecodingTimeoutError:
        """Return the error that says so."""
        return DecodingTimeoutError(self._timeout_s)


@contextmanager
def admitted(admission: Admission, deadline: Deadline) -> Iterator[None]:
    """Wait for a turn, and give it back at the end.

    Raises:
        EngineBusyError: the line is full.
        DecodingTimeoutError: the time was up before the turn came.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(admission.slot(deadline.left_s))
        except DecodingTimeoutError as error:
            raise deadline.error() from error
        yield


@asynccontextmanager
async def aadmitted(admission: Admission, deadline: Deadline) -> AsyncIterator[None]:
    """Wait for a turn without blocking the event loop, and give it back at the end.

    Raises:
        EngineBusyError: the line is full.
        DecodingTimeoutError: the time was up before the turn came.
    """
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(admission.aslot(deadline.left_s))
        except DecodingTimeoutError as error:
            raise deadline.error() from error
        yield


@asynccontextmanager
async def aopened(engine: Engine, prepared: PreparedChat) -> AsyncIterator[TokenStream]:
    """Begin an answer; at the end of the block, end it without blocking the event loop."""
    stream = await in_thread(None, open_stream, engine, prepared)
    try:
        yield stream
    finally:
        stream.cancel()
        await asyncio.shield(asyncio.ensure_future(in_thread(None, stream.close)))


def open_stream(engine: Engine, prepared: PreparedChat) -> TokenStream:
    """Begin an answer."""
    return engine.stream(prepared.messages, **prepared.options)


def steps_before(deadline: Deadline, stream: TokenStream) -> Iterator[DecodeStep]:
    """Yield the steps of an answer until its time is up.

    Raises:
        DecodingTimeoutError: the time is up.
    """
    for step in stream:
        if deadline.is_over:
            stream.close()
            raise deadline.error()
        yield step


async def in_thread(
    executor: Executor | None, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what a function returns in a thread, with the caller's context variables."""
    context = contextvars.copy_context()

    def call() -> T:
        return context.run(function, *args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(executor, call)
