"""Somebody else's chat model, of which nothing leaves unjudged."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import ConfigDict

from langchain_ngsd._judging import instead, mended_text, stopped_message, stops, told
from langchain_ngsd._messages import to_engine_messages
from langchain_ngsd._rails import HeldBack
from ngsd_guard import Guard, Verdict

_UNHEARD: dict[str, Any] = {"callbacks": []}
"""The model inside tells no callback its tokens: they would leave before they were judged."""


class ScreenedChatModel(BaseChatModel):
    """A chat model whose answers and tool calls are judged before anybody sees them.

    A stream is held back by the sentence, and by 400 characters at most; tool calls until they
    are whole.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    inner: Any
    """The chat model, or what it is bound to."""
    guard: Guard

    @property
    def _llm_type(self) -> str:
        return "ngsd-screened"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        """Offer tools to the model inside."""
        return self.model_copy(update={"inner": self.inner.bind_tools(tools, **kwargs)})

    def bind(self, **kwargs: Any) -> Any:
        """Bind call options of the model inside."""
        return self.model_copy(update={"inner": self.inner.bind(**kwargs)}) if kwargs else self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = self.inner.invoke(messages, _UNHEARD, **_options(stop, kwargs))
        return _result(self._judged(messages, answer))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        answer = await self.inner.ainvoke(messages, _UNHEARD, **_options(stop, kwargs))
        return _result(await self._ajudged(messages, answer))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reading = _Reading(messages)
        for chunk in self.inner.stream(messages, _UNHEARD, **_options(stop, kwargs)):
            for part in reading.add(chunk):
                verdict = self.guard.check(**reading.question())
                if stops(verdict) or verdict.action == "redact":
                    yield self._instead(verdict, reading)
                    return
                yield ChatGenerationChunk(message=part)
        for part in reading.rest():
            verdicts = [self.guard.check(**question) for question in reading.questions()]
            yield self._last(part, verdicts, reading)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        reading = _Reading(messages)
        async for chunk in self.inner.astream(messages, _UNHEARD, **_options(stop, kwargs)):
            for part in reading.add(chunk):
                verdict = await self.guard.acheck(**reading.question())
                if stops(verdict) or verdict.action == "redact":
                    yield self._instead(verdict, reading)
                    return
                yield ChatGenerationChunk(message=part)
        for part in reading.rest():
            verdicts = [await self.guard.acheck(**question) for question in reading.questions()]
            yield self._last(part, verdicts, reading)

    def _judged(self, messages: Sequence[BaseMessage], answer: AIMessage) -> AIMessage:
        reading = _Reading(messages, answer)
        return self._settled(
            answer, [self.guard.check(**question) for question in reading.questions()], reading
        )

    async def _ajudged(self, messages: Sequence[BaseMessage], answer: AIMessage) -> AIMessage:
        reading = _Reading(messages, answer)
        verdicts = [await self.guard.acheck(**question) for question in reading.questions()]
        return self._settled(answer, verdicts, reading)

    def _settled(
        self, answer: AIMessage, verdicts: Sequence[Verdict], reading: "_Reading"
    ) -> AIMessage:
        for verdict in verdicts:
            if stops(verdict):
                text = mended_text(self.guard, verdict, answer.text, reading.conversation)
                return stopped_message(verdict, text)
            if verdict.enforced and verdict.action == "redact":
                text = verdict.redacted(answer.text)
                answer = answer.model_copy(update={"content": text})
        if not verdicts:
            return answer
        metadata = {**answer.response_metadata, "ngsd_guard": told(verdicts[-1])}
        return answer.model_copy(update={"response_metadata": metadata})

    def _instead(self, verdict: Verdict, reading: "_Reading") -> ChatGenerationChunk:
        """Return the end of a stream that was stopped; what left before it was clean."""
        said = instead(self.guard, verdict)
        if verdict.action != "redact":
            said = mended_text(self.guard, verdict, said, reading.conversation)
        message = stopped_message(verdict, said)
        return ChatGenerationChunk(
            message=AIMessageChunk(
                content=message.content,
                response_metadata=message.response_metadata,
                chunk_position="last",
            )
        )

    def _last(
        self, part: AIMessageChunk, verdicts: Sequence[Verdict], reading: "_Reading"
    ) -> ChatGenerationChunk:
        for verdict in verdicts:
            if stops(verdict) or (verdict.enforced and verdict.action == "redact"):
                return self._instead(verdict, reading)
        told_of = {"ngsd_guard": told(verdicts[-1])} if verdicts else {}
        metadata = {**part.response_metadata, **told_of}
        return ChatGenerationChunk(message=part.model_copy(update={"response_metadata": metadata}))


class _Reading:
    """An answer as it comes: what is held back, and what the guard is asked about it."""

    def __init__(self, messages: Sequence[BaseMessage], answer: AIMessage | None = None) -> None:
        self.conversation = to_engine_messages(messages)
        self._held = HeldBack()
        self._calls: AIMessageChunk | None = None
        self._answer = answer
        self._whole: Any = None  # of the chunks

    def add(self, chunk: AIMessageChunk) -> list[AIMessageChunk]:
        """Take a chunk; return the parts that may leave once judged."""
        self._whole = chunk if self._whole is None else self._whole + chunk
        if chunk.tool_call_chunks or self._calls is not None:
            self._calls = chunk if self._calls is None else self._calls + chunk
            return []
        return self._held.add(chunk)

    def rest(self) -> list[AIMessageChunk]:
        """Return all that is still held back, calls too."""
        parts = [*self._held.rest(), *([] if self._calls is None else [self._calls])]
        whole = parts[0] if parts else None
        for part in parts[1:]:
            whole = whole + part
        return [] if whole is None else [whole]

    def question(self) -> dict[str, Any]:
        """Return the arguments of the check of what would have left."""
        return {"messages": self.conversation, "response": self._held.text, "stage": "output"}

    def questions(self) -> list[dict[str, Any]]:
        """Return the arguments of the checks of the whole answer."""
        answer: AIMessage | None = self._answer or self._whole
        asked: list[dict[str, Any]] = []
        if answer is not None and answer.text:
            asked.append(
                {"messages": self.conversation, "response": answer.text, "stage": "output"}
            )
        if answer is not None and answer.tool_calls:
            asked.append(
                {
                    "messages": [*self.conversation, *to_engine_messages([answer])],
                    "stage": "tool_args",
                }
            )
        return asked


def _options(stop: list[str] | None, options: dict[str, Any]) -> dict[str, Any]:
    return options if stop is None else {**options, "stop": stop}


def _result(message: AIMessage) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=message)])
