"""Conversations of agents and chains: what is still to be judged, and what a stop leaves."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from langchain_ngsd._judging import stopped_message, turn_of, turns_of
from langchain_ngsd._mending import mended_message, question_about, replaced
from ngsd_guard import Guard, Verdict
from ngsd_guard.guard import WITHHELD, cuts, stops

_LASTING: Final = ("InvalidRequestError", "ContextOverflowError")
"""Errors that the same message would meet again."""


class UnreadMessages:
    """The messages before a model call that nobody has judged yet.

    Other middleware, tools that send the model to a node and callers that resume a run put
    messages there that did not pass the guard. Tool results are judged one by one, the rest as a
    conversation.

    Args:
        guard: the guard that judges.
        messages: what the model is about to read.
    """

    def __init__(self, guard: Guard, messages: Sequence[BaseMessage]) -> None:
        self._guard = guard
        self._messages = list(messages)
        unread = [n for n, m in enumerate(messages) if not guard.judged.holds("read", turn_of(m))]
        self._results = [n for n in unread if isinstance(messages[n], ToolMessage)]
        self._is_conversation_new = len(unread) > len(self._results)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The arguments of the checks."""
        called = _called(self._messages)
        asked = [question_about(m, called.get(m.tool_call_id)) for m in self._tool_messages]
        if self._is_conversation_new:
            others = [m for m in self._messages if not isinstance(m, ToolMessage)]
            asked.append({"messages": self._guard.unsettled(turns_of(others))})
        return asked

    def mended(
        self, verdicts: Sequence[Verdict], said: Callable[[Verdict], str]
    ) -> tuple[list[Any], AIMessage | None]:
        """Return the messages as the model may read them, or the answer in place of the model's."""
        if self._is_conversation_new and (stops(verdicts[-1]) or cuts(verdicts[-1])):
            verdict = verdicts[-1]
            return self._messages, stopped_message(self._guard, verdict, said(verdict))
        called = _called(self._messages)
        for index, verdict in zip(self._results, verdicts, strict=False):
            message: Any = self._messages[index]
            tool = called.get(message.tool_call_id)
            self._messages[index] = mended_message(message, verdict, said, tool)
        remember_read(self._guard, self._messages)
        return self._messages, None

    @property
    def _tool_messages(self) -> list[Any]:
        return [self._messages[index] for index in self._results]


def remember_read(guard: Guard, messages: Sequence[BaseMessage]) -> None:
    """Remember that messages may be read by a model."""
    for message in messages:
        guard.judged.add("read", turn_of(message))


def withheld(messages: Sequence[BaseMessage], verdict: Verdict) -> list[BaseMessage]:
    """Return placeholders for the messages that a stop at the input removes from the state.

    These are the ones after the last answer, as far as they have an id by which they can be
    replaced. A conversation that could not be judged for a passing reason stays as it is.
    """
    if verdict.evaluation != "evaluated" and verdict.error_type not in _LASTING:
        return []
    turn = messages[_start_of_turn(messages) :]
    return [_placeholder(message) for message in turn if message.id is not None]


def without_stopped(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Return a conversation with placeholders for the requests that a guard has answered.

    The mark of such an answer can be imitated; that only removes what is before it, for the guard
    and for the model alike.
    """
    kept: list[BaseMessage] = []
    for message in messages:
        kept.append(message)
        if _is_stop(message):
            start = _start_of_turn(kept[:-1])
            kept[start:-1] = [_placeholder(m) for m in kept[start:-1]]
    return kept


def _placeholder(message: BaseMessage) -> BaseMessage:
    return message if message.type == "system" else replaced(message, WITHHELD)


def _start_of_turn(messages: Sequence[BaseMessage]) -> int:
    answers = [n for n, message in enumerate(messages) if isinstance(message, AIMessage)]
    return answers[-1] + 1 if answers else 0


def _is_stop(message: BaseMessage) -> bool:
    mark = message.response_metadata.get("ngsd_guard")
    return (
        isinstance(message, AIMessage)
        and isinstance(mark, dict)
        and mark.get("stage") == "input"
        and mark.get("enforced") is True
        and mark.get("action") not in ("allow", "flag")
    )


def _called(messages: Sequence[BaseMessage]) -> dict[Any, str]:
    """Return the names of the tools that are called, by the id of the call."""
    answers = [message for message in messages if isinstance(message, AIMessage)]
    return {call["id"]: call["name"] for answer in answers for call in answer.tool_calls}
