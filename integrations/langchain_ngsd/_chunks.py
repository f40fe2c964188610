"""From chat events to LangChain's chunks and results."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from langchain_core.messages import AIMessageChunk, message_chunk_to_message
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from langchain_ngsd._judging import turn_of
from langchain_ngsd._refusals import PROVIDER, OnRefusal, raise_refusal
from ngsd_guard.chat import (
    ArgumentsDelta,
    ChatEvent,
    Finished,
    ReasoningDelta,
    StepReport,
    StepsDecoded,
    TextDelta,
    TokenLogprob,
    ToolCallBroken,
    ToolCallStarted,
)
from ngsd_guard.guard import JudgedTexts
from ngsd_guard.types import Usage

GUARDED_ANSWERS: Final = JudgedTexts()
"""Answers of this process whose every token passed the gate."""
_SPOILER: Final = "]}]}]}" + '"' + "]}]}]}"
"""Makes streamed arguments invalid; LangChain would repair them if they were only cut short."""


class ChunkBuilder:
    """Collects events until they make a chunk.

    Args:
        model_name: what the message says of where it comes from.
        is_text: whether the answer is free text, which can be a refusal.
        on_refusal: what a refusal of the guard becomes.
    """

    def __init__(
        self, model_name: str, *, is_text: bool = True, on_refusal: OnRefusal = "message"
    ) -> None:
        self._model_name = model_name
        self._is_text = is_text
        self._on_refusal = on_refusal
        self._is_whole = False  # whether the whole answer becomes one chunk
        self._sent: set[int] = set()  # calls that started in earlier chunks
        self._released: list[AIMessageChunk] = []
        self._clear()

    def add(self, event: ChatEvent) -> ChatGenerationChunk | None:
        """Take an event; return the chunk that it completes, if it does.

        Raises:
            ModelRefusalError: the answer is a refusal of the guard, and that is asked for.
        """
        match event:
            case TextDelta():
                self._text.append(event.text)
            case ReasoningDelta():
                self._reasoning.append(event.text)
            case ToolCallStarted():
                call = self._call(event.index)
                call["id"], call["name"] = event.id, event.name
            case ArgumentsDelta():
                call = self._call(event.index)
                call["args"] = (call["args"] or "") + event.text
            case ToolCallBroken():
                self._spoil(event)
            case StepsDecoded():
                self._steps.extend(event.steps)
                self._logprobs.extend(event.logprobs)
                return None if self._is_whole else self._chunk()
            case Finished():
                return self._last_chunk(event)
        return None

    def result(self, events: Iterable[ChatEvent]) -> ChatResult:
        """Return a whole answer."""
        self._is_whole = True
        chunks = [chunk for chunk in map(self.add, events) if chunk is not None]
        message = message_chunk_to_message(chunks[-1].message)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _clear(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, ToolCallChunk] = {}
        self._steps: list[StepReport] = []
        self._logprobs: list[TokenLogprob] = []

    def _call(self, index: int) -> ToolCallChunk:
        """Return the chunk of a call; LangChain wants one for each call in a message."""
        return self._calls.setdefault(index, tool_call_chunk(args="", index=index))

    def _spoil(self, event: ToolCallBroken) -> None:
        call = self._call(event.index)
        if event.index in self._sent:
            call["args"] = f"{call['args'] or ''} {_SPOILER}"
        else:
            call["id"], call["name"], call["args"] = event.id, "", event.text

    def _last_chunk(self, event: Finished) -> ChatGenerationChunk:
        chunk = self._chunk()
        message: Any = chunk.message
        answer = self._answer()
        refused = self._is_text and not answer.tool_calls and event.is_guards_refusal(answer.text)
        message.chunk_position = "last"
        message.usage_metadata = _usage_metadata(event.usage)
        message.response_metadata |= {
            "model_name": self._model_name,
            "model_provider": PROVIDER,
            "finish_reason": event.finish_reason,
            "ngsd": {**event.summary(), "refused": refused},
        }
        if event.summary()["guarded"]:
            GUARDED_ANSWERS.add("answer", turn_of(answer))
        if refused and self._on_refusal == "raise":
            raise_refusal(self._answer())
        return chunk

    def _answer(self) -> Any:
        """Return everything released so far as one message."""
        first, *rest = self._released
        return message_chunk_to_message(first + rest)

    def _chunk(self) -> ChatGenerationChunk:
        reasoning = "".join(self._reasoning)
        message = AIMessageChunk(
            content="".join(self._text),
            tool_call_chunks=list(self._calls.values()),
            additional_kwargs={"reasoning_content": reasoning} if reasoning else {},
        )
        if self._logprobs:
            content = [logprob.as_openai() for logprob in self._logprobs]
            message.response_metadata["logprobs"] = {"content": content}
        self._sent.update(self._calls)
        self._released.append(message)
        info = {"ngsd_steps": [asdict(step) for step in self._steps]} if self._steps else {}
        self._clear()
        return ChatGenerationChunk(message=message, generation_info=info)


def _usage_metadata(usage: Usage) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        input_token_details={"cache_read": usage.cached_tokens},
    )
