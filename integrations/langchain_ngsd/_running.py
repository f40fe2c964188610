"""Lets calls work: their turn, their time and their end."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from langchain_core.runnables.config import run_in_executor

from langchain_ngsd._calls import Call
from langchain_ngsd._errors import translated_errors
from langchain_ngsd._gathering import Outcome, Seat
from ngsd_guard import DecodeStep, DecodingTimeoutError, Generation, TokenStream


@contextmanager
def opened(call: Call) -> Iterator[TokenStream]:
    """Wait for a call's turn, and let it work until the block is left."""
    admission = call.shared.admission
    with admission.slot(_seconds_left(call)), translated_errors(), _open(call) as stream:
        yield stream


@asynccontextmanager
async def aopened(call: Call) -> AsyncIterator[TokenStream]:
    """Wait for a call's turn, and let it work until the block is left."""
    async with call.shared.admission.aslot(_seconds_left(call)):
        with translated_errors():
            stream = await run_in_executor(None, _open, call)
            try:
                yield stream
            finally:
                await _close(stream)


def steps_in_time(stream: TokenStream, call: Call) -> Iterator[DecodeStep]:
    """Yield the steps of an answer.

    Raises:
        DecodingTimeoutError: the call's time is up.
    """
    for step in stream:
        if time.monotonic() > call.deadline:
            stream.close()
            raise DecodingTimeoutError(call.timeout_s)
        yield step


def exhaust(steps: Iterator[DecodeStep]) -> None:
    """Read to the end."""
    for _ in steps:
        pass


def answer_together(seats: Sequence[Seat]) -> Sequence[Outcome]:
    """Answer the requests of some members of a batch, all of them to the same engine."""
    calls: list[Call] = [seat.request for seat in seats]
    first = min(calls, key=lambda call: call.deadline)

    def options(call: Call, seat: Seat) -> dict[str, object]:
        def is_over() -> bool:
            return seat.left.is_set() or time.monotonic() > call.deadline

        return {**call.engine_options(), "is_cancelled": is_over}

    with first.shared.admission.slot(_seconds_left(first)), translated_errors():
        outcomes: list[Outcome] = first.shared.engine.generate_batch(
            [call.messages for call in calls],
            each=[options(call, seat) for call, seat in zip(calls, seats, strict=True)],
            return_exceptions=True,
        )
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, Generation) and outcome.finish_reason == "cancelled":
            outcomes[index] = DecodingTimeoutError(calls[index].timeout_s)
    return outcomes


def _open(call: Call) -> TokenStream:
    return call.shared.engine.stream(call.messages, **call.engine_options())


async def _close(stream: TokenStream) -> None:
    """End a request without holding up the event loop for the step that is being computed."""
    stream.cancel()
    await asyncio.shield(asyncio.ensure_future(asyncio.to_thread(stream.close)))


def _seconds_left(call: Call) -> float | None:
    return None if math.isinf(call.deadline) else max(0.0, call.deadline - time.monotonic())
