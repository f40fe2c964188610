"""The output items of a response while they are written."""

from typing import Any
from uuid import uuid4

from ngsd_guard.chat import TokenLogprob

Event = dict[str, Any]


class MessageItem:
    """A message: its text, and a refusal if the guard made it refuse.

    Args:
        output_index: position among the output items.
    """

    def __init__(self, output_index: int) -> None:
        self._id = f"msg_{uuid4().hex}"
        self._output_index = output_index
        self._text: list[str] = []
        self._logprobs: list[dict[str, Any]] = []
        self._refusal: str | None = None

    def start(self) -> list[Event]:
        """Return the events that open it."""
        return [
            self._item_event("response.output_item.added", self.item("in_progress", content=[])),
            self._part_event("response.content_part.added", 0, _text_part("", [])),
        ]

    def add(self, text: str, logprobs: tuple[TokenLogprob, ...]) -> list[Event]:
        """Return the event of more text."""
        new = [logprob.as_openai() for logprob in logprobs]
        self._text.append(text)
        self._logprobs += new
        return [self._event("response.output_text.delta", 0, delta=text, logprobs=new)]

    def refuse(self, refusal: str) -> None:
        """Add the refusal that follows the text when the item ends."""
        self._refusal = refusal

    def finish(self, status: str) -> list[Event]:
        """Return the events that close it."""
        text = "".join(self._text)
        part = _text_part(text, self._logprobs)
        events = [
            self._event("response.output_text.done", 0, text=text, logprobs=self._logprobs),
            self._part_event("response.content_part.done", 0, part),
        ]
        if self._refusal is not None:
            refused = _refusal_part(self._refusal)
            events += [
                self._part_event("response.content_part.added", 1, _refusal_part("")),
                self._event("response.refusal.delta", 1, delta=self._refusal),
                self._event("response.refusal.done", 1, refusal=self._refusal),
                self._part_event("response.content_part.done", 1, refused),
            ]
        return [*events, self._item_event("response.output_item.done", self.item(status))]

    def item(self, status: str, content: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        """Return the item as it is now."""
        parts = [_text_part("".join(self._text), self._logprobs)]
        parts += [] if self._refusal is None else [_refusal_part(self._refusal)]
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "status": status,
            "content": parts if content is None else content,
        }

    def _event(self, kind: str, content_index: int, **fields: Any) -> Event:
        return {
            "type": kind,
            "item_id": self._id,
            "output_index": self._output_index,
            "content_index": content_index,
            **fields,
        }

    def _part_event(self, kind: str, content_index: int, part: dict[str, Any]) -> Event:
        return self._event(kind, content_index, part=part)

    def _item_event(self, kind: str, item: dict[str, Any]) -> Event:
        return {"type": kind, "output_index": self._output_index, "item": item}


class CallItem:
    """A function call.

    Args:
        output_index: position among the output items.
        call_id: what the call's output names it by.
        name: the function's name.
    """

    def __init__(self, output_index: int, call_id: str, name: str) -> None:
        self._id = f"fc_{uuid4().hex}"
        self._output_index = output_index
        self._call_id = call_id
        self._name = name
        self._arguments: list[str] = []

    def start(self) -> list[Event]:
        """Return the event that opens it."""
        return [self._item_event("response.output_item.added", "in_progress")]

    def add(self, text: str) -> list[Event]:
        """Return the event of more arguments."""
        self._arguments.append(text)
        return [self._event("response.function_call_arguments.delta", delta=text)]

    def finish(self, status: str) -> list[Event]:
        """Return the events that close it."""
        done = "response.function_call_arguments.done"
        return [
            self._event(done, arguments="".join(self._arguments), name=self._name),
            self._item_event("response.output_item.done", status),
        ]

    def item(self, status: str) -> dict[str, Any]:
        """Return the item as it is now."""
        return {
            "id": self._id,
            "type": "function_call",
            "status": status,
            "call_id": self._call_id,
            "name": self._name,
            "arguments": "".join(self._arguments),
        }

    def _event(self, kind: str, **fields: Any) -> Event:
        return {"type": kind, "item_id": self._id, "output_index": self._output_index, **fields}

    def _item_event(self, kind: str, status: str) -> Event:
        return {"type": kind, "output_index": self._output_index, "item": self.item(status)}


def _text_part(text: str, logprobs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": list(logprobs)}


def _refusal_part(refusal: str) -> dict[str, Any]:
    return {"type": "refusal", "refusal": refusal}
