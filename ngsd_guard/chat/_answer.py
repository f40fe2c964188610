"""A finished answer, put together from its events."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ngsd_guard.chat._events import (
    ChatEvent,
    ChatFinishReason,
    Finished,
    StepsDecoded,
    TokenLogprob,
    ToolCallBroken,
    ToolCallStarted,
)
from ngsd_guard.errors import DecodingError
from ngsd_guard.tool_calling import CallEnded, ReasoningDelta, TextDelta
from ngsd_guard.types import Generation, Usage


@dataclass(frozen=True, slots=True)
class ChatToolCall:
    """A call of a tool."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BrokenToolCall:
    """Markup that is not a valid call."""

    id: str
    text: str
    """The markup as it was written."""
    reason: str
    """What is wrong with it, without any of the answer's text."""


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """A finished answer."""

    text: str
    """Without reasoning and calls."""
    reasoning: str
    tool_calls: tuple[ChatToolCall, ...]
    broken_calls: tuple[BrokenToolCall, ...]
    logprobs: tuple[TokenLogprob, ...]
    """One for each token; empty unless asked for."""
    finished: Finished

    @property
    def generation(self) -> Generation:
        """The engine's record of the answer."""
        return self.finished.generation

    @property
    def finish_reason(self) -> ChatFinishReason:
        """Why the answer ended."""
        return self.finished.finish_reason

    @property
    def usage(self) -> Usage:
        """Tokens read and written."""
        return self.finished.usage

    def message(self) -> dict[str, Any]:
        """Return the assistant message that continues the conversation."""
        calls = [
            {"id": call.id, "name": call.name, "arguments": call.arguments}
            for call in self.tool_calls
        ]
        message: dict[str, Any] = {"role": "assistant", "content": self.text}
        return message | ({"tool_calls": calls} if calls else {})


def fold(events: Iterable[ChatEvent]) -> ChatAnswer:
    """Return the answer that some events make.

    Raises:
        DecodingError: they do not end with `Finished`.
    """
    text, reasoning = list[str](), list[str]()
    started = dict[int, ToolCallStarted]()
    calls, broken = list[ChatToolCall](), list[BrokenToolCall]()
    logprobs = list[TokenLogprob]()
    finished: Finished | None = None
    for event in events:
        match event:
            case TextDelta():
                text.append(event.text)
            case ReasoningDelta():
                reasoning.append(event.text)
            case ToolCallStarted():
                started[event.index] = event
            case CallEnded():
                call = started[event.index]
                calls.append(ChatToolCall(call.id, call.name, event.arguments))
            case ToolCallBroken():
                broken.append(BrokenToolCall(event.id, event.text, event.reason))
            case StepsDecoded():
                logprobs.extend(event.logprobs)
            case Finished():
                finished = event
    if finished is None:
        raise DecodingError("the answer has no end; read its stream to the last event")
    return ChatAnswer(
        text="".join(text),
        reasoning="".join(reasoning),
        tool_calls=tuple(calls),
        broken_calls=tuple(broken),
        logprobs=tuple(logprobs),
        finished=finished,
    )
