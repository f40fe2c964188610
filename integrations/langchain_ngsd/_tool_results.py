"""The result of a tool, message by message."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    RemoveMessage,
    ToolMessage,
    convert_to_messages,
)
from langgraph.types import Command

from langchain_ngsd._judging import (
    calls_of,
    can_cut,
    cut,
    cuts,
    source_id_of,
    stops,
    turn_of,
)
from ngsd_guard import Verdict
from ngsd_guard.guard import is_speech

_UNREADABLE = {"role": "user", "content": {"type": "tool result without messages"}}
"""What the guard is asked about, and refuses, if nobody can tell what would be read."""


class ToolResult:
    """The result of a tool: a message, a command to the graph, or several of these.

    Every message in it that is new to the conversation is judged, whatever its role.

    Args:
        result: the tool's return value.
        known: the conversation so far.
    """

    def __init__(self, result: Any, known: Sequence[BaseMessage]) -> None:
        self._result = result
        self._messages: list[BaseMessage] | None
        try:
            self._messages = [message for item in _items(result) for message in _messages(item)]
        except Exception:
            self._messages = None
        self._new = [
            index
            for index, message in enumerate(self._messages or ())
            if not isinstance(message, RemoveMessage) and message not in known
        ]

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The arguments of the checks."""
        if self._messages is None:
            return [{"messages": [_UNREADABLE], "stage": "tool_result"}]
        return [_question(self._messages[index]) for index in self._new]

    def mended(
        self, verdicts: Sequence[Verdict], said: Callable[[Verdict], str], refused: Any
    ) -> Any:
        """Return the tool's result as it may be read.

        Args:
            verdicts: one for each question.
            said: returns the text that replaces what is stopped.
            refused: returns the replacement of a result that nobody could read, from that text.
        """
        if self._messages is None:
            (verdict,) = verdicts
            return refused(said(verdict)) if stops(verdict) else self._result
        messages = list(self._messages)
        for index, verdict in zip(self._new, verdicts, strict=True):
            messages[index] = _mended(messages[index], verdict, said)
        rest = iter(messages)
        items = [_with_messages(item, rest) for item in _items(self._result)]
        return items if isinstance(self._result, list) else items[0]


def _items(result: Any) -> list[Any]:
    return result if isinstance(result, list) else [result]


def _messages(item: Any) -> list[BaseMessage]:
    """Return the messages in a message or a command.

    Raises:
        TypeError: it is neither, or holds messages elsewhere.
    """
    if isinstance(item, BaseMessage):
        return [item]
    if not isinstance(item, Command):
        raise TypeError
    if item.update is None:
        return []
    if not isinstance(item.update, Mapping):
        raise TypeError
    return convert_to_messages(item.update.get("messages") or [])


def _with_messages(item: Any, rest: Iterator[BaseMessage]) -> Any:
    if isinstance(item, BaseMessage):
        return next(rest)
    messages = [next(rest) for _ in _messages(item)]
    return replace(item, update={**item.update, "messages": messages}) if messages else item


def _question(message: BaseMessage) -> dict[str, Any]:
    name = getattr(message, "tool_call_id", None)
    return {
        "messages": [turn_of(message) | {"role": "user"}],
        "stage": "tool_result",
        "source_id": source_id_of(message.name, name),
    }


def _mended(message: BaseMessage, verdict: Verdict, said: Callable[[Verdict], str]) -> BaseMessage:
    if cuts(verdict) and can_cut(message) and not calls_of(message):
        message = cut(message, verdict)
    elif stops(verdict) or cuts(verdict):
        message = _stopped(message, said(verdict))
    else:
        return message
    if isinstance(message, ToolMessage):  # the artifact may contain the original text
        return message.model_copy(update={"artifact": None})
    return message


def _stopped(message: BaseMessage, text: str) -> BaseMessage:
    name = None if is_speech(message.name) else message.name
    update: dict[str, Any] = {"content": text, "name": name, "additional_kwargs": {}}
    if isinstance(message, AIMessage):
        update |= {"tool_calls": [], "invalid_tool_calls": []}
    if isinstance(message, ToolMessage):
        update |= {"status": "error"}
    return message.model_copy(update=update)
