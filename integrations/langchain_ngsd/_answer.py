"""From the engine's steps to LangChain's messages: text, reasoning and tool calls told apart."""

import secrets
import string
from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import AIMessageChunk, message_chunk_to_message
from langchain_core.messages.tool import ToolCallChunk, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from langchain_ngsd._messages import response_metadata, usage_metadata
from ngsd_guard import DecodeStep, Generation
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.tool_calling import (
    ArgumentsDelta,
    BrokenCall,
    CallStarted,
    ParserEvent,
    ReasoningDelta,
    ReasoningSplitter,
    TextDelta,
    ToolCallParser,
)

_ID_LETTERS: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 9  # the only length that Mistral's templates take
_SPOILER: Final = "]}]}]}" + '"' + "]}]}]}"
"""Makes arguments that were streamed invalid; LangChain would mend them if they were only cut."""


class AnswerReader:
    """Reads one answer, as it comes or all at once.

    Args:
        base: whose tokens log-probabilities are told of.
        model_name: what the message says of where it comes from.
        reasoning: tells reasoning from what is said; None where the model does none.
        calls: tells tool calls from text; None where none were offered.
        tells_logprobs: whether the message has them.
    """

    def __init__(
        self,
        base: LanguageModel,
        *,
        model_name: str,
        reasoning: ReasoningSplitter | None,
        calls: ToolCallParser | None,
        tells_logprobs: bool,
    ) -> None:
        self._base = base
        self._model_name = model_name
        self._reasoning = reasoning
        self._calls = calls
        self._tells_logprobs = tells_logprobs
        self._call_ids: dict[int, str] = {}
        self._untold: list[DecodeStep] = []

    def chunk(self, step: DecodeStep) -> ChatGenerationChunk | None:
        """Return what a step releases; None where that is nothing yet."""
        self._untold.append(step)
        message = self._read(step.text) if step.text else AIMessageChunk(content="")
        if message.content or message.tool_call_chunks or message.additional_kwargs:
            return self._chunk(message)
        return None

    def last_chunk(self, generation: Generation) -> ChatGenerationChunk:
        """Return what was still held back, and how the answer came to be."""
        message = self._finish()
        message.chunk_position = "last"
        message.usage_metadata = usage_metadata(generation)
        message.response_metadata = response_metadata(
            generation, model_name=self._model_name, has_calls=bool(self._call_ids)
        )
        return self._chunk(message)

    def result(self, generation: Generation) -> ChatResult:
        """Return a finished answer."""
        self._untold = list(generation.steps or ())
        whole = self._read(generation.text) + self.last_chunk(generation).message
        message = message_chunk_to_message(whole)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _chunk(self, message: AIMessageChunk) -> ChatGenerationChunk:
        """Return a message with what is to be told of the steps since the last one."""
        steps, self._untold = self._untold, []
        if self._tells_logprobs and steps:
            message.response_metadata["logprobs"] = {"content": self._logprobs(steps)}
        told = {"ngsd_steps": [_told(step) for step in steps]} if steps else {}
        return ChatGenerationChunk(message=message, generation_info=told)

    def _read(self, text: str) -> AIMessageChunk:
        if self._reasoning is None:
            return self._message([TextDelta(text)])
        return self._message(self._reasoning.feed(text))

    def _finish(self) -> AIMessageChunk:
        deltas = [] if self._reasoning is None else self._reasoning.finish()
        return self._message(deltas, is_end=True)

    def _message(
        self, deltas: Sequence[TextDelta | ReasoningDelta], *, is_end: bool = False
    ) -> AIMessageChunk:
        reasoning = "".join(d.text for d in deltas if isinstance(d, ReasoningDelta))
        text = "".join(d.text for d in deltas if isinstance(d, TextDelta))
        calls: dict[int, ToolCallChunk] = {}
        if self._calls is not None:
            events = [*self._calls.feed(text), *(self._calls.finish() if is_end else ())]
            text = "".join(event.text for event in events if isinstance(event, TextDelta))
            for event in events:
                self._take(event, calls)
        return AIMessageChunk(
            content=text,
            tool_call_chunks=list(calls.values()),
            additional_kwargs={"reasoning_content": reasoning} if reasoning else {},
        )

    def _take(self, event: ParserEvent, calls: dict[int, ToolCallChunk]) -> None:
        """Add what an event says of a call; LangChain wants one chunk a call in a message."""
        if not isinstance(event, CallStarted | ArgumentsDelta | BrokenCall):
            return
        is_new = event.index not in self._call_ids
        chunk = calls.setdefault(
            event.index,
            tool_call_chunk(
                args="", index=event.index, id=self._new_id(event.index) if is_new else None
            ),
        )
        if isinstance(event, CallStarted):
            chunk["name"] = event.name
        elif isinstance(event, ArgumentsDelta):
            chunk["args"] = (chunk["args"] or "") + event.text
        elif chunk["id"] is not None:  # nothing of it was told before
            chunk["name"], chunk["args"] = "", event.text
        else:
            chunk["args"] = f"{chunk['args'] or ''} {_SPOILER}"

    def _new_id(self, index: int) -> str:
        drawn = "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
        return self._call_ids.setdefault(index, drawn)

    def _logprobs(self, steps: Sequence[DecodeStep]) -> list[dict[str, Any]]:
        return [
            self._token(step.token_id, step.logprobs.log_prob)
            | {"top_logprobs": [self._token(*alternative) for alternative in step.logprobs.top]}
            for step in steps
            if step.logprobs is not None
        ]

    def _token(self, token_id: int, log_prob: float) -> dict[str, Any]:
        text = self._base.decode([token_id])
        return {"token": text, "bytes": list(text.encode()), "logprob": log_prob}


def _told(step: DecodeStep) -> dict[str, Any]:
    """Return what may be told of a step: nothing of a token that was overridden."""
    return {
        "position": step.index,
        "current": step.current,
        "membrane_potential": step.membrane_potential,
        "spiked": step.spiked,
        "overridden": step.overridden,
    }
