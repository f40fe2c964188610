"""A request's turn, its time and its end."""

import asyncio
import contextvars
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager, contextmanager
from typing import ParamSpec, TypeVar

from ngsd_guard.chat._prepare import PreparedChat
from ngsd_guard.engine import Engine, TokenStream
from ngsd_guard.errors import DecodingTimeoutError

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
    def left_s(self) -> float | None:
        """Seconds left, at least 0; None without a deadline."""
        return None if math.isinf(self._at_s) else max(0.0, self._at_s - time.monotonic())

    def error(self) -> DecodingTimeoutError:
        """Return the error that says so."""
        return DecodingTimeoutError(self._timeout_s)


@contextmanager
def in_time(deadline: Deadline) -> Iterator[None]:
    """Report a timeout inside with the time that the whole request was given.

    Raises:
        DecodingTimeoutError: the time was up, in line or while decoding.
    """
    try:
        yield
    except DecodingTimeoutError as error:
        raise deadline.error() from error


@asynccontextmanager
async def aopened(
    engine: Engine, prepared: PreparedChat, deadline: Deadline
) -> AsyncIterator[TokenStream]:
    """Begin an answer; at the end of the block, end it without blocking the event loop."""
    stream = await in_thread(None, open_stream, engine, prepared, deadline)
    try:
        yield stream
    finally:
        stream.cancel()
        await asyncio.shield(asyncio.ensure_future(in_thread(None, stream.close)))


def open_stream(engine: Engine, prepared: PreparedChat, deadline: Deadline) -> TokenStream:
    """Begin an answer, in the time that is left.

    Raises:
        DecodingTimeoutError: there is none.
    """
    left_s = deadline.left_s
    if left_s == 0:
        raise deadline.error()
    return engine.stream(prepared.messages, **prepared.options, timeout_s=left_s)


async def in_thread(
    executor: Executor | None, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Return what a function returns in a thread, with the caller's context variables."""
    context = contextvars.copy_context()

    def call() -> T:
        return context.run(function, *args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(executor, call)
