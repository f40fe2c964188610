"""Two answers to one request, side by side, as server-sent events."""

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, TypeVar

from ngsd_guard.engine import Engine, TokenStream
from ngsd_guard.guard import Verdict
from ngsd_guard.refusals import is_refusal
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._event_stream import Frames, frame
from ngsd_guard.server._state import ServerState
from ngsd_guard.types import DecodeStep, Message

Side = Literal["unguarded", "guarded"]
_SIDES: Final[tuple[Side, ...]] = ("unguarded", "guarded")
_PLACES: Final = 4
T = TypeVar("T")
Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """A request of the playground."""

    messages: list[Message]
    engine: Engine
    max_new_tokens: int
    context: contextvars.Context
    """Has the ids of the audit records."""


class Answers:
    """Streams the input verdict and both answers to a request.

    Args:
        state: what the endpoints share.
    """

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._admission = state.chat.admission
        self._threads = ThreadPoolExecutor(2 * self._admission.max_active, "ngsd-playground")

    async def frames(self, question: Question) -> Frames:
        """Yield the events of a request: `verdict`, then those of both answers, then `end`.

        Each answer has a `rated` event with risk and alpha if it is guarded, a `token` for each
        token, and an `answer` with its figures.
        """
        timeout_s = self._state.settings.timeout_s
        async with self._admission.aslot(timeout_s):
            streams = await self._in_thread(question, lambda: _opened(question, timeout_s))
            verdict = await asyncio.create_task(
                self._state.guard.acheck(question.messages), context=question.context.copy()
            )
            self._state.metrics.count_verdict(verdict)
            yield frame(_verdict(verdict), "verdict")
            async with aclosing(self._events(question, streams)) as events:
                async for name, data in events:
                    yield frame(data, name)
            unguarded, guarded = (streams[side].generation for side in _SIDES)
            yield frame({"is_unchanged": guarded.token_ids == unguarded.token_ids}, "end")

    async def _events(
        self, question: Question, streams: Mapping[Side, TokenStream]
    ) -> AsyncGenerator[Event, None]:
        """Read all answers, each in a thread; closing the generator cancels them."""
        events = asyncio.Queue[Event | Exception]()
        loop = asyncio.get_running_loop()

        def send(event: Event | Exception) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        readings = [_Reading(side, stream, question.engine) for side, stream in streams.items()]
        work = [self._in_thread(question, partial(each.run, send)) for each in readings]
        num_open = len(work)
        try:
            while num_open:
                event = await events.get()
                if isinstance(event, Exception):
                    raise event
                num_open -= event[0] == "answer"
                yield event
        finally:
            for stream in streams.values():
                stream.cancel()
            await asyncio.shield(asyncio.wait(work))

    def _in_thread(self, question: Question, function: Callable[[], T]) -> asyncio.Future[T]:
        context = question.context.copy()
        return asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: context.run(function)
        )


class _Reading:
    """Reads one answer, in a thread."""

    def __init__(self, side: Side, stream: TokenStream, engine: Engine) -> None:
        self._side = side
        self._stream = stream
        self._engine = engine

    def run(self, send: Callable[[Event | Exception], None]) -> None:
        """Send every event of the answer, or the error that ended it."""
        try:
            with self._stream:
                for event in self._events():
                    send(event)
        except Exception as error:
            send(error)

    def _events(self) -> Iterator[Event]:
        is_rated = False
        for step in self._stream:
            if not is_rated and self._stream.rating is not None:
                yield "rated", self._rated()
            is_rated = True
            yield "token", self._token(step)
        yield "answer", self._answer()

    def _rated(self) -> dict[str, Any]:
        rating = self._stream.rating
        return {
            "side": self._side,
            "risk": rating and round(rating.risk, _PLACES),
            "alpha": rating and round(rating.alpha, _PLACES),
            "initial_potential": self._stream.initial_potential,
            "v_threshold": self._engine.config.gate.v_threshold,
        }

    def _token(self, step: DecodeStep) -> dict[str, Any]:
        base = self._engine.base
        is_end = step.token_id in base.eos_token_ids
        token = {"side": self._side, "index": step.index, "text": step.text, "is_end": is_end}
        if self._side == "unguarded":
            return token
        gate = {
            "current": round(step.current, _PLACES),
            "charged_potential": round(step.charged_potential, _PLACES),
            "membrane_potential": round(step.membrane_potential, _PLACES),
            "gate": "overridden" if step.overridden else "spike" if step.spiked else "silent",
            "is_regenerated": step.repaired,
        }
        if step.overridden:
            gate["base_text"] = base.decode([step.base_token_id])
        return token | gate

    def _answer(self) -> dict[str, Any]:
        done = self._stream.generation
        return {
            "side": self._side,
            "risk": done.risk,
            "alpha": done.alpha,
            "num_spikes": done.num_spikes,
            "num_overrides": done.num_overrides,
            "peak_potential": done.peak_potential,
            "num_tokens": done.usage.output_tokens,
            "finish_reason": done.finish_reason,
            "is_refusal": is_refusal(done.text),
            "total_s": round(done.timing.total_s, _PLACES),
            "record_id": None if self._engine.audit is None else self._stream.id,
        }


def failed(error: ApiError) -> bytes:
    """Return the event of an error in the middle of a stream."""
    return frame(error.body(), "error")


def _opened(question: Question, timeout_s: float) -> Mapping[Side, TokenStream]:
    return {
        side: question.engine.stream(
            question.messages,
            guarded=side == "guarded",
            max_new_tokens=question.max_new_tokens,
            timeout_s=timeout_s,
        )
        for side in _SIDES
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    found = [each for each in verdict.categories if each.flagged and not each.shadow]
    found.sort(key=lambda each: each.score, reverse=True)
    return {
        "evaluation": verdict.evaluation,
        "action": verdict.action,
        "enforced": verdict.enforced,
        "flagged": verdict.flagged,
        "risk": verdict.risk,
        "categories": [each.name for each in found],
        "error_type": verdict.error_type,
        "record_id": verdict.record_id,
    }
