"""What the streams of an agent may show: the memory and the mark that `JudgedStream` reads."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_core.messages import BaseMessage, RemoveMessage

from langchain_ngsd._chunks import GUARDED_ANSWERS
from langchain_ngsd._judging import turn_of
from ngsd_guard import Guard

_SCREENED: Final = "ngsd_screened"
_TOKEN: Final = secrets.token_hex(16)
"""Drawn for each process, so that metadata of a caller cannot mark a model as screened."""
_KINDS: Final = ("read", "answer", "shown")


def screened_metadata(metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a model's metadata with the mark that its answers are judged before they leave."""
    return {**(metadata or {}), _SCREENED: _TOKEN}


def is_screened(metadata: Mapping[str, Any] | None) -> bool:
    """Return whether a run belongs to a model whose answers are judged before they leave."""
    return (metadata or {}).get(_SCREENED) == _TOKEN


def remember_shown(guard: Guard, messages: Sequence[BaseMessage]) -> None:
    """Remember messages that the guard itself put into a conversation."""
    for message in messages:
        guard.judged.add("shown", turn_of(message))


def may_be_shown(guard: Guard, message: BaseMessage) -> bool:
    """Return whether a message was judged, or is the guard's own."""
    if isinstance(message, RemoveMessage):
        return True
    turn = turn_of(message)
    was_judged = any(guard.judged.holds(kind, turn) for kind in _KINDS)
    return was_judged or GUARDED_ANSWERS.holds("answer", turn)


def remember_call(guard: Guard, call: Mapping[str, Any]) -> None:
    """Remember that a tool call was judged."""
    guard.judged.add("call", [call["id"], call["name"], call["args"]])


def was_judged_call(guard: Guard, call_id: Any, name: Any, arguments: Any) -> bool:
    """Return whether a tool call was judged."""
    return guard.judged.holds("call", [call_id, name, arguments])


def remember_error(guard: Guard, error: BaseException) -> None:
    """Remember that the text of a tool's error was judged, or is the guard's own."""
    guard.judged.add("error", str(error))


def was_judged_error(guard: Guard, text: Any) -> bool:
    """Return whether the text of a tool's error was judged."""
    return guard.judged.holds("error", text)
