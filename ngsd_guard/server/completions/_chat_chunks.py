"""From chat events to chat completions and their chunks."""

import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from ngsd_guard.chat import (
    ArgumentsDelta,
    ChatAnswer,
    ChatEvent,
    Finished,
    ReasoningDelta,
    StepsDecoded,
    TextDelta,
    TokenLogprob,
    ToolCallBroken,
    ToolCallStarted,
    fold,
)
from ngsd_guard.server.completions._outcome import (
    broken_call,
    guards_refusal,
    ngsd_field,
    require_whole,
    written,
)
from ngsd_guard.types import Usage


class ChunkWriter:
    """Writes the chunks of one answer.

    Args:
        model: id of the pair.
        includes_usage: whether a chunk with token counts follows the last one.
        is_text: whether the answer is free text, which can be a refusal.
    """

    def __init__(self, model: str, *, includes_usage: bool, is_text: bool) -> None:
        self._head = _head(model, "chat.completion.chunk")
        self._includes_usage = includes_usage
        self._is_text = is_text
        self._delta: dict[str, Any] = {}
        self._calls: dict[int, dict[str, Any]] = {}  # of the delta
        self._text: list[str] = []  # of the whole answer
        self._started: set[int] = set()  # valid calls so far
        self._is_broken = False

    def start(self) -> list[dict[str, Any]]:
        """Return the first chunk, which says who speaks."""
        self._delta = {"role": "assistant", "content": ""}
        return [self._chunk()]

    def feed(self, event: ChatEvent) -> list[dict[str, Any]]:
        """Return the chunks that an event completes.

        Raises:
            ApiError: the answer cannot be presented as a complete one.
        """
        match event:
            case TextDelta():
                self._add_text(event.text)
            case ReasoningDelta():
                thought = self._delta.get("reasoning_content", "")
                self._delta["reasoning_content"] = thought + event.text
            case ToolCallStarted():
                self._started.add(event.index)
                function = {"name": event.name, "arguments": ""}
                self._call(event.index).update(id=event.id, type="function", function=function)
            case ArgumentsDelta():
                self._call(event.index)["function"]["arguments"] += event.text
            case ToolCallBroken(was_started=True):
                self._is_broken = True
            case ToolCallBroken():
                self._add_text(event.text)
            case StepsDecoded():
                return [self._chunk(logprobs=event.logprobs)] if self._delta else []
            case Finished():
                return self._last(event)
        return []

    def _add_text(self, text: str) -> None:
        self._text.append(text)
        self._delta["content"] = self._delta.get("content", "") + text

    def _call(self, index: int) -> dict[str, Any]:
        if index not in self._calls:
            call = {"index": index, "function": {"arguments": ""}}
            self._calls[index] = call
            self._delta.setdefault("tool_calls", []).append(call)
        return self._calls[index]

    def _last(self, finished: Finished) -> list[dict[str, Any]]:
        require_whole(finished)
        reason = _finish_reason(finished, num_calls=len(self._started))
        if self._is_broken and reason != "length":
            raise broken_call()
        chunks = [self._chunk()] if self._delta else []
        refusal = guards_refusal("".join(self._text), finished) if self._is_text else None
        if refusal is not None:
            self._delta = {"refusal": refusal}
        last = self._chunk(reason=reason)
        last["ngsd"] = ngsd_field(finished, refusal)
        chunks.append(last)
        if self._includes_usage:
            chunks.append({**self._head, "choices": [], "usage": usage_of(finished.usage)})
        return chunks

    def _chunk(
        self, *, logprobs: tuple[TokenLogprob, ...] = (), reason: str | None = None
    ) -> dict[str, Any]:
        choice = {
            "index": 0,
            "delta": self._delta,
            "logprobs": _logprobs(logprobs),
            "finish_reason": reason,
        }
        self._delta, self._calls = {}, {}
        chunk = {**self._head, "choices": [choice]}
        return chunk | ({"usage": None} if self._includes_usage else {})


def completion(model: str, events: Iterable[ChatEvent], *, is_text: bool) -> dict[str, Any]:
    """Return the chat completion that some events make.

    Args:
        model: id of the pair.
        events: all events of an answer.
        is_text: whether the answer is free text, which can be a refusal.

    Raises:
        ApiError: the answer cannot be presented as a complete one.
    """
    answer = fold(events)
    finished = answer.finished
    require_whole(finished)
    text = answer.text + "".join(call.text for call in answer.broken_calls)
    refusal = guards_refusal(text, finished) if is_text else None
    message: dict[str, Any] = {
        "role": "assistant",
        "content": text or (None if answer.tool_calls else ""),
        "refusal": refusal,
    }
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.tool_calls:
        message["tool_calls"] = _tool_calls(answer)
    choice = {
        "index": 0,
        "message": message,
        "logprobs": _logprobs(answer.logprobs),
        "finish_reason": _finish_reason(finished, num_calls=len(answer.tool_calls)),
    }
    return {
        **_head(model, "chat.completion"),
        "choices": [choice],
        "usage": usage_of(finished.usage),
        "ngsd": ngsd_field(finished, refusal),
    }


def usage_of(usage: Usage) -> dict[str, Any]:
    """Return token counts in the form of chat completions."""
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def _head(model: str, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def _tool_calls(answer: ChatAnswer) -> list[dict[str, Any]]:
    return [
        {
            "id": call.id,
            "type": "function",
            "function": {
                "name": call.name,
                "arguments": written(call.arguments),
            },
        }
        for call in answer.tool_calls
    ]


def _finish_reason(finished: Finished, *, num_calls: int) -> str:
    """Return why the answer ended; broken calls alone are text, and no calls."""
    reason = finished.finish_reason
    return "stop" if reason == "tool_calls" and not num_calls else reason


def _logprobs(logprobs: tuple[TokenLogprob, ...]) -> dict[str, Any] | None:
    if not logprobs:
        return None
    return {"content": [each.as_openai() for each in logprobs], "refusal": None}
