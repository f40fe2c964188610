"""An engine that answers chat requests, in turn and in time."""

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from functools import cached_property
from typing import Any, Final

from ngsd_guard.chat._answer import ChatAnswer, fold
from ngsd_guard.chat._events import ChatEvent
from ngsd_guard.chat._prepare import PreparedChat, prepare
from ngsd_guard.chat._request import ChatRequest
from ngsd_guard.chat._running import (
    Deadline,
    aopened,
    in_thread,
    in_time,
    open_stream,
)
from ngsd_guard.chat._template import AnswerFormat
from ngsd_guard.engine import Admission, Engine, TokenStream
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.pickling import ProcessLocal
from ngsd_guard.tool_calling import normalise_tools

DEFAULT_MAX_QUEUE: Final = 64


class ChatEngine(ProcessLocal):
    """Answers chat requests: tools, schemas, reasoning, deadlines, and a bounded line.

    Safe to share between threads and event loops.

    Args:
        engine: decodes.
        max_concurrency: requests decoded at once; None for the pair's `max_batch_size`.
        max_queue: requests that may wait beyond those; one more is refused.

    Raises:
        ConfigurationError: `max_concurrency` is below 1.
    """

    pickle_remedy = "name the models instead, so that they are loaded there"

    def __init__(
        self,
        engine: Engine,
        *,
        max_concurrency: int | None = None,
        max_queue: int = DEFAULT_MAX_QUEUE,
    ) -> None:
        if max_concurrency is not None and max_concurrency < 1:
            raise ConfigurationError(f"max_concurrency={max_concurrency}; give 1 or more")
        self.engine = engine
        self.format = AnswerFormat(engine.base)
        """How the base writes tool calls and reasoning."""
        self.admission = Admission(
            max_concurrency or engine.config.decoding.max_batch_size, max_queue
        )
        """The line before the engine."""

    def stream(self, request: ChatRequest) -> Generator[ChatEvent, None, None]:
        """Answer a request event by event; closing the generator cancels the answer.

        The request is checked now, and admitted and worked on when the events are read. Its time
        begins now.

        Raises:
            ConfigurationError: an option is wrong, contradicts another, or cannot be enforced.
            InvalidRequestError: while reading; the messages are wrong.
            EngineBusyError: while reading; the line is full.
            DecodingTimeoutError: while reading; the time is up.
            MissingDependencyError: a forced call or a schema needs the grammar engine.
        """
        deadline = Deadline(request.timeout_s)
        return self._events(self._prepare(request), deadline)

    async def astream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Answer a request event by event without blocking the event loop.

        Closing the iterator, or cancelling the task that reads it, cancels the answer.

        Raises:
            ConfigurationError: as for `stream`, and whatever else that raises.
        """
        deadline = Deadline(request.timeout_s)
        prepared = await in_thread(None, self._prepare, request)
        with in_time(deadline):
            async with self._aadmitted(prepared, deadline) as stream:
                while (step := await in_thread(self._threads, next, stream, None)) is not None:
                    for event in prepared.reader.feed(step):
                        yield event
        for event in prepared.reader.finish(stream.generation):
            yield event

    def answer(self, request: ChatRequest) -> ChatAnswer:
        """Answer a request.

        Raises:
            ConfigurationError: as for `stream`, and whatever else that raises.
        """
        return fold(self.events(request))

    async def aanswer(self, request: ChatRequest) -> ChatAnswer:
        """Answer a request without blocking the event loop.

        Raises:
            ConfigurationError: as for `stream`, and whatever else that raises.
        """
        return fold(await self.aevents(request))

    def events(self, request: ChatRequest) -> list[ChatEvent]:
        """Return all events of an answer.

        Raises:
            ConfigurationError: as for `stream`, and whatever else that raises.
        """
        with closing(self.stream(request)) as events:
            return list(events)

    async def aevents(self, request: ChatRequest) -> list[ChatEvent]:
        """Return all events of an answer; one thread reads it from beginning to end.

        Raises:
            ConfigurationError: as for `stream`, and whatever else that raises.
        """
        deadline = Deadline(request.timeout_s)
        prepared = await in_thread(None, self._prepare, request)
        reader = prepared.reader
        with in_time(deadline):
            async with self._aadmitted(prepared, deadline) as stream:
                events = await in_thread(
                    self._threads, lambda: [event for step in stream for event in reader.feed(step)]
                )
        return [*events, *reader.finish(stream.generation)]

    def count_tokens(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] = ()
    ) -> int:
        """Return the length of the prompt that messages and tools make, in the base's tokens.

        The messages need not be ones that can be answered; see `Engine.count_tokens`.

        Raises:
            ConfigurationError: a tool is not defined correctly.
            InvalidRequestError: a role is unknown, or a content is not text.
        """
        return self.engine.count_tokens(messages, normalise_tools(tools))

    def _events(
        self, prepared: PreparedChat, deadline: Deadline
    ) -> Generator[ChatEvent, None, None]:
        reader = prepared.reader
        with (
            in_time(deadline),
            self.admission.slot(deadline.left_s),
            open_stream(self.engine, prepared, deadline) as stream,
        ):
            for step in stream:
                yield from reader.feed(step)
        yield from reader.finish(stream.generation)

    @asynccontextmanager
    async def _aadmitted(
        self, prepared: PreparedChat, deadline: Deadline
    ) -> AsyncIterator[TokenStream]:
        async with (
            self.admission.aslot(deadline.left_s),
            aopened(self.engine, prepared, deadline) as stream,
        ):
            yield stream

    def _prepare(self, request: ChatRequest) -> PreparedChat:
        return prepare(self.engine.base, self.format, request)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """Threads that read answers for event loops: one for each request at work."""
        return ThreadPoolExecutor(self.admission.max_active, thread_name_prefix="ngsd-chat")
