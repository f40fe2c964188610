"""From chat events to a response and the events of its stream."""

import time
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from ngsd_guard.chat import (
    ArgumentsDelta,
    CallEnded,
    ChatEvent,
    Finished,
    StepsDecoded,
    TextDelta,
    TokenLogprob,
    ToolCallBroken,
    ToolCallStarted,
)
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server.completions._outcome import (
    broken_call,
    guards_refusal,
    ngsd_field,
    require_whole,
)
from ngsd_guard.server.completions._response_items import CallItem, Event, MessageItem
from ngsd_guard.server.completions._response_request import ResponseBody, described_tools
from ngsd_guard.types import Usage


class ResponseWriter:
    """Writes a response and the events of its stream.

    Args:
        model: id of the pair.
        body: the body of the request.
    """

    def __init__(self, model: str, body: ResponseBody) -> None:
        self._head = _head(model, body)
        self._is_text = body.is_text
        self._num_events = 0
        self._done: list[dict[str, Any]] = []
        self._open: MessageItem | CallItem | None = None
        self._waiting: list[ChatEvent] = []  # until the log-probabilities of their steps are here
        self._text: list[str] = []
        self._broken_index: int | None = None

    def start(self) -> list[Event]:
        """Return the first events."""
        response = self._response("in_progress")
        return self._numbered(
            [{"type": f"response.{kind}", "response": response} for kind in _FIRST]
        )

    def feed(self, event: ChatEvent) -> list[Event]:
        """Return the stream's events that a chat event completes.

        Raises:
            ApiError: the answer cannot be presented as a complete one.
        """
        match event:
            case StepsDecoded():
                return self._numbered(self._flush(event.logprobs))
            case Finished():
                return self._numbered([*self._flush(()), *self._finish(event)])
            case _:
                self._waiting.append(event)
                return []

    def failed(self, error: ApiError) -> Event:
        """Return the event that reports an error; nothing follows it."""
        told = error.body()["error"]
        event = {"type": "error", "message": told["message"], "code": told["code"], "error": told}
        return self._numbered([event | {"param": told["param"]}])[0]

    def _numbered(self, events: list[Event]) -> list[Event]:
        for event in events:
            event["sequence_number"] = self._num_events
            self._num_events += 1
        return events

    def _flush(self, logprobs: tuple[TokenLogprob, ...]) -> list[Event]:
        events: list[Event] = []
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            match event:
                case TextDelta() | ToolCallBroken(was_started=False):
                    events += self._add_text(event.text, logprobs)
                    logprobs = ()
                case ToolCallStarted():
                    index = self._next_index()
                    events += self._opened(CallItem(index, event.id, event.name))
                case ArgumentsDelta() if isinstance(self._open, CallItem):
                    events += self._open.add(event.text)
                case CallEnded():
                    events += self._close("completed")
                case ToolCallBroken():
                    self._broken_index = event.index
        return events

    def _add_text(self, text: str, logprobs: tuple[TokenLogprob, ...]) -> list[Event]:
        self._text.append(text)
        opened: list[Event] = []
        if isinstance(self._open, MessageItem):
            item = self._open
        else:
            item = MessageItem(self._next_index())
            opened = self._opened(item)
        return [*opened, *item.add(text, logprobs)]

    def _opened(self, item: MessageItem | CallItem) -> list[Event]:
        closing = self._close("completed")
        self._open = item
        return [*closing, *item.start()]

    def _close(self, status: str) -> list[Event]:
        item, self._open = self._open, None
        if item is None:
            return []
        events = item.finish(status)
        self._done.append(item.item(status))
        return events

    def _next_index(self) -> int:
        return len(self._done) + (self._open is not None)

    def _finish(self, finished: Finished) -> list[Event]:
        require_whole(finished)
        is_cut = finished.finish_reason == "length"
        if self._broken_index is not None and not is_cut:
            raise broken_call()
        events: list[Event] = []
        if not self._done and self._open is None:  # an empty answer is a message without text
            events += self._add_text("", ())
        refusal = guards_refusal("".join(self._text), finished) if self._is_text else None
        if refusal is not None and isinstance(self._open, MessageItem):
            self._open.refuse(refusal)
        status = "incomplete" if is_cut else "completed"
        events += self._close(status)
        response = self._response(status) | {
            "completed_at": None if is_cut else int(time.time()),
            "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
            "output": self._done,
            "usage": _usage_of(finished.usage),
            "ngsd": ngsd_field(finished, refusal),
        }
        return [*events, {"type": f"response.{status}", "response": response}]

    def _response(self, status: str) -> dict[str, Any]:
        return {**self._head, "status": status}


_FIRST = ("created", "in_progress")


def response(model: str, body: ResponseBody, events: Iterable[ChatEvent]) -> dict[str, Any]:
    """Return the response that some events make.

    Args:
        model: id of the pair.
        body: the body of the request.
        events: all events of an answer.

    Raises:
        ApiError: the answer cannot be presented as a complete one.
    """
    writer = ResponseWriter(model, body)
    written = [out for event in events for out in writer.feed(event)]
    final: dict[str, Any] = written[-1]["response"]
    return final


def _head(model: str, body: ResponseBody) -> dict[str, Any]:
    format = None if body.text is None else body.text.format
    text_format = {"type": "text"} if format is None else format.model_dump(
        by_alias=True, exclude_none=True
    )  # fmt: skip
    choice = body.tool_choice
    return {
        "id": f"resp_{uuid4().hex}",
        "object": "response",
        "created_at": int(time.time()),
        "completed_at": None,
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "metadata": body.metadata or {},
        "model": model,
        "output": [],
        "parallel_tool_calls": body.parallel_tool_calls is not False,
        "previous_response_id": None,
        "store": False,
        "temperature": body.temperature or 0.0,
        "text": {"format": text_format},
        "tool_choice": choice
        if isinstance(choice, str)
        else choice.model_dump()
        if choice
        else "auto",
        "tools": described_tools(body.tools),
        "top_p": 1.0 if body.top_p is None else body.top_p,
        "truncation": "disabled",
        "usage": None,
    }


def _usage_of(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.input_tokens + usage.output_tokens,
    }
