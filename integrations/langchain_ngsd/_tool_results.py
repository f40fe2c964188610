"""The result of a tool, message by message."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import BaseMessage, RemoveMessage, ToolMessage, convert_to_messages
from langgraph.types import Command, Send

from langchain_ngsd._judging import turn_of
from langchain_ngsd._mending import mended_message, question_about
from ngsd_guard import Verdict
from ngsd_guard.guard import JudgedTexts, stops

_UNREADABLE = {"role": "user", "content": {"type": "tool result without messages"}}
"""What the guard is asked about, and refuses, if nobody can tell what would be read."""


class ToolResult:
    """The result of a tool: a message, a command to the graph, or several of these.

    Every message in it that is new to the conversation is judged, whatever its role, also in what
    a command sends to a node.

    Args:
        result: the tool's return value.
        known: the conversation so far.
        tool: name of the tool that was called, which is not judged again.
        judged: where the messages that may be read are remembered.
    """

    def __init__(
        self,
        result: Any,
        known: Sequence[BaseMessage],
        tool: str | None = None,
        judged: JudgedTexts | None = None,
    ) -> None:
        self._result = result
        self._tool = tool
        self._judged = JudgedTexts() if judged is None else judged
        self._messages: list[BaseMessage] | None
        try:
            self._messages = [message for item in _items(result) for message in messages_in(item)]
        except Exception:
            self._messages = None
        self._new = [
            index
            for index, message in enumerate(self._messages or ())
            if not isinstance(message, RemoveMessage)
            and message not in known
            and not self._judged.holds("read", turn_of(message))
        ]

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The arguments of the checks."""
        if self._messages is None:
            return [{"messages": [_UNREADABLE], "stage": "tool_result"}]
        return [question_about(self._messages[index], self._tool) for index in self._new]

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
            messages[index] = mended_message(messages[index], verdict, said, self._tool)
            self._judged.add("read", turn_of(self._named(messages[index])))
        rest = iter(messages)
        items = [_with_messages(item, rest) for item in _items(self._result)]
        return items if isinstance(self._result, list) else items[0]

    def _named(self, message: BaseMessage) -> BaseMessage:
        """Return a message with the name that the graph gives to the tool's own."""
        if not isinstance(message, ToolMessage) or message.name is not None:
            return message
        return message.model_copy(update={"name": self._tool})


def _items(result: Any) -> list[Any]:
    return result if isinstance(result, list) else [result]


def messages_in(item: Any) -> list[BaseMessage]:
    """Return the messages in a message or a command.

    Raises:
        TypeError: it is neither, or holds messages elsewhere.
    """
    if isinstance(item, BaseMessage):
        return [item]
    if not isinstance(item, Command):
        raise TypeError
    return [message for carrier in _carriers(item) for message in _carried(carrier)]


def _carriers(command: Command[Any]) -> list[Any]:
    """Return the parts of a command that may hold messages: its update, and what it sends."""
    goto = command.goto if isinstance(command.goto, list | tuple) else [command.goto]
    return [command.update, *(target.arg for target in goto if isinstance(target, Send))]


def _carried(carrier: Any) -> list[BaseMessage]:
    if carrier is None:
        return []
    if not isinstance(carrier, Mapping):
        raise TypeError
    messages = carrier.get("messages") or []
    return convert_to_messages(messages if isinstance(messages, list | tuple) else [messages])


def _with_messages(item: Any, rest: Iterator[BaseMessage]) -> Any:
    if isinstance(item, BaseMessage):
        return next(rest)
    update = _refilled(item.update, rest)
    if isinstance(item.goto, list | tuple):
        targets = [_resent(each, rest) for each in item.goto]
        return replace(item, update=update, goto=type(item.goto)(targets))
    return replace(item, update=update, goto=_resent(item.goto, rest))


def _resent(target: Any, rest: Iterator[BaseMessage]) -> Any:
    if not isinstance(target, Send):
        return target
    return Send(target.node, _refilled(target.arg, rest), timeout=target.timeout)


def _refilled(carrier: Any, rest: Iterator[BaseMessage]) -> Any:
    messages = [next(rest) for _ in _carried(carrier)]
    return {**carrier, "messages": messages} if messages else carrier
