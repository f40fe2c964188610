"""Any other chat model, with its answers judged before they leave."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, TypeVar, cast

from langchain_core.caches import BaseCache
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    message_chunk_to_message,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import ConfigDict, Field

from langchain_ngsd._chunks import GUARDED_ANSWERS
from langchain_ngsd._judging import (
    calls_of,
    can_cut,
    cut,
    said,
    spoken,
    stopped_chunk,
    stopped_message,
    turn_of,
    turns_of,
    verdict_summary,
)
from ngsd_guard import Guard, Verdict
from ngsd_guard.guard import HeldBack, areplacement, cuts, replacement, stops

MessageT = TypeVar("MessageT", AIMessage, AIMessageChunk)
_UNHEARD: dict[str, Any] = {"callbacks": []}
"""The inner model reports no tokens to callbacks: they would leave before they were judged."""


class ScreenedChatModel(BaseChatModel):
    """A chat model whose answers and tool calls are judged before they are released.

    A stream is held back by the sentence, by 400 characters at most; tool calls until they are
    complete.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: Any
    """The chat model, or a binding of it."""
    guard: Guard
    cache: BaseCache | bool | None = Field(default=False, exclude=True)
    """Never: a cached answer may come from another model and another policy."""

    @property
    def _llm_type(self) -> str:
        return "ngsd-screened"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Offer tools to the inner model."""
        return self.model_copy(update={"inner": self.inner.bind_tools(tools, **kwargs)})

    def bind(self, **kwargs: Any) -> Any:
        """Bind call options of the inner model."""
        return self.model_copy(update={"inner": self.inner.bind(**kwargs)}) if kwargs else self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self.inner.invoke(messages, _UNHEARD, **_options(stop, kwargs))
        return _result(screened(self.guard, messages, answer))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = await self.inner.ainvoke(messages, _UNHEARD, **_options(stop, kwargs))
        return _result(await ascreened(self.guard, messages, answer))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reading = _Reading(self.guard, messages)
        for chunk in self.inner.stream(messages, _UNHEARD, **_options(stop, kwargs)):
            for part in reading.add(chunk):
                verdict = self.guard.check(**reading.question())
                if _ends_stream(verdict):
                    text = replacement(self.guard, verdict, reading.conversation)
                    yield reading.end(verdict, text)
                    return
                reading.note(verdict)
                yield reading.released(part)
        for part in reading.rest():
            verdicts = [self.guard.check(**question) for question in reading.questions()]
            if (last := _first(verdicts, _ends_stream)) is not None:
                text = replacement(self.guard, last, reading.conversation)
                yield reading.end(last, text)
                return
            yield reading.released(_with_verdict(part, verdicts or reading.verdicts))
        reading.finish()

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        reading = _Reading(self.guard, messages)
        async for chunk in self.inner.astream(messages, _UNHEARD, **_options(stop, kwargs)):
            for part in reading.add(chunk):
                verdict = await self.guard.acheck(**reading.question())
                if _ends_stream(verdict):
                    text = await areplacement(self.guard, verdict, reading.conversation)
                    yield reading.end(verdict, text)
                    return
                reading.note(verdict)
                yield reading.released(part)
        for part in reading.rest():
            verdicts = [await self.guard.acheck(**question) for question in reading.questions()]
            if (last := _first(verdicts, _ends_stream)) is not None:
                text = await areplacement(self.guard, last, reading.conversation)
                yield reading.end(last, text)
                return
            yield reading.released(_with_verdict(part, verdicts or reading.verdicts))
        reading.finish()


class _Reading:
    """An answer while it arrives: what is held back, and what the guard is asked about it."""

    def __init__(self, guard: Guard, messages: Sequence[BaseMessage]) -> None:
        self.conversation = guard.unsettled(turns_of(messages))
        self._guard = guard
        self.verdicts: list[Verdict] = []
        """On everything that has left; empty before anything has."""
        self._judged: Any = None
        self._held = HeldBack[Any](said)
        self._calls: AIMessageChunk | None = None
        self._whole: Any = None  # the sum of all chunks
        self._released: list[AIMessageChunk] = []

    def add(self, chunk: AIMessage) -> list[AIMessageChunk]:
        """Add a chunk; return the parts to judge and release.

        A model that does not stream sends its whole answer as one message.
        """
        if not isinstance(chunk, AIMessageChunk):
            chunk = AIMessageChunk(**chunk.model_dump(exclude={"type"}))
        self._whole = chunk if self._whole is None else self._whole + chunk
        if chunk.tool_call_chunks or self._calls is not None:
            self._calls = chunk if self._calls is None else self._calls + chunk
            return []
        return self._held.add(chunk)

    def rest(self) -> list[AIMessageChunk]:
        """Return everything still held back, including tool calls."""
        parts = [*self._held.rest(), *([] if self._calls is None else [self._calls])]
        whole = parts[0] if parts else None
        for part in parts[1:]:
            whole = whole + part
        return [] if whole is None else [whole]

    def released(self, message: AIMessageChunk) -> ChatGenerationChunk:
        """Return a chunk that leaves."""
        self._released.append(message)
        return ChatGenerationChunk(message=message)

    def end(self, verdict: Verdict, text: str) -> ChatGenerationChunk:
        """Return the last chunk of an answer that is stopped."""
        chunk = self.released(stopped_chunk(self._guard, verdict, text, self._released))
        self.finish()
        return chunk

    def finish(self) -> None:
        """Remember that everything that left was judged, as one answer."""
        if self._released:
            first, *rest = self._released
            remember_answer(self._guard, message_chunk_to_message(first + rest))

    def question(self) -> dict[str, Any]:
        """Return the arguments of the check of what is about to leave."""
        return {"messages": [*self.conversation, turn_of(self._held.whole)], "stage": "output"}

    def note(self, verdict: Verdict) -> None:
        """Remember the verdict on what leaves."""
        self.verdicts, self._judged = [verdict], spoken(self._held.whole)

    def questions(self, answer: AIMessage | None = None) -> list[dict[str, Any]]:
        """Return the arguments of the checks of an answer; None for the one that arrived."""
        answer = self._whole if answer is None else answer
        if answer is None:
            return []
        turn: dict[str, Any] = {"role": "assistant", "content": spoken(answer)}
        calls, asked = calls_of(answer), []
        if turn["content"] and turn["content"] != self._judged:
            asked.append({"messages": [*self.conversation, turn], "stage": "output"})
        if calls:
            called = [*self.conversation, turn | {"tool_calls": calls}]
            asked.append({"messages": called, "stage": "tool_args"})
        return asked


def remember_answer(guard: Guard, answer: BaseMessage) -> None:
    """Remember that an answer was judged."""
    guard.judged.add("answer", turn_of(answer))


def screened(guard: Guard, messages: Sequence[BaseMessage], answer: AIMessage) -> AIMessage:
    """Return a whole answer as it may go on, or its replacement."""
    reading = _Reading(guard, messages)
    verdicts = [guard.check(**question) for question in reading.questions(answer)]
    if (last := _first(verdicts, lambda verdict: _stops_answer(verdict, answer))) is not None:
        text = replacement(guard, last, reading.conversation)
        answer = stopped_message(guard, last, text)
    else:
        answer = _cut(answer, verdicts)
    remember_answer(guard, answer)
    return answer


async def ascreened(guard: Guard, messages: Sequence[BaseMessage], answer: AIMessage) -> AIMessage:
    """Return the same without blocking the event loop."""
    reading = _Reading(guard, messages)
    verdicts = [await guard.acheck(**question) for question in reading.questions(answer)]
    if (last := _first(verdicts, lambda verdict: _stops_answer(verdict, answer))) is not None:
        text = await areplacement(guard, last, reading.conversation)
        answer = stopped_message(guard, last, text)
    else:
        answer = _cut(answer, verdicts)
    remember_answer(guard, answer)
    return answer


def is_judged(guard: Guard, message: BaseMessage) -> bool:
    """Return whether an answer was judged here, or comes from a model that guards itself.

    What the message says of itself does not count.
    """
    turn = turn_of(message)
    return guard.judged.holds("answer", turn) or GUARDED_ANSWERS.holds("answer", turn)


def _stops_answer(verdict: Verdict, answer: AIMessage) -> bool:
    return stops(verdict) or (cuts(verdict) and not can_cut(answer))


def _ends_stream(verdict: Verdict) -> bool:
    return stops(verdict) or cuts(verdict)  # what has left can no longer be cut


def _first(verdicts: Sequence[Verdict], condition: Callable[[Verdict], bool]) -> Verdict | None:
    return next(filter(condition, verdicts), None)


def _cut(answer: AIMessage, verdicts: Sequence[Verdict]) -> AIMessage:
    """Return an answer without what is to be cut out of its text."""
    for verdict in filter(cuts, verdicts):
        answer = cast("AIMessage", cut(answer, verdict))
    return _with_verdict(answer, verdicts)


def _with_verdict(message: MessageT, verdicts: Sequence[Verdict]) -> MessageT:
    """Return a message that carries its last verdict."""
    if not verdicts:
        return message
    metadata = {**message.response_metadata, "ngsd_guard": verdict_summary(verdicts[-1])}
    return message.model_copy(update={"response_metadata": metadata})


def _options(stop: list[str] | None, options: dict[str, Any]) -> dict[str, Any]:
    return options if stop is None else {**options, "stop": stop}


def _result(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])
