"""Messages as they may be read after a verdict."""

from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from langchain_ngsd._judging import calls_of, can_cut, cut, source_id_of, turn_of
from ngsd_guard import Verdict
from ngsd_guard.guard import cuts, stops


def question_about(message: BaseMessage, tool: str | None = None) -> dict[str, Any]:
    """Return the arguments of the check of a message that a tool returned.

    Args:
        message: the message.
        tool: the name of the tool, which says nothing new.
    """
    call_id = getattr(message, "tool_call_id", None)
    turn = turn_of(message) | {"role": "user"}
    if message.name == tool:
        turn.pop("name", None)
    return {
        "messages": [turn],
        "stage": "tool_result",
        "source_id": source_id_of(message.name, call_id),
    }


def mended_message(
    message: BaseMessage,
    verdict: Verdict,
    said: Callable[[Verdict], str],
    tool: str | None = None,
) -> BaseMessage:
    """Return a message as it may be read: unchanged, redacted, or replaced.

    Args:
        message: the message.
        verdict: the verdict on it.
        said: returns the text that replaces what is stopped.
        tool: the name of the tool that returned it, which it keeps.
    """
    if cuts(verdict) and can_cut(message) and not calls_of(message):
        mended = cut(message, verdict)
    elif stops(verdict) or cuts(verdict):
        mended = replaced(message, said(verdict))
    else:
        return message
    update: dict[str, Any] = {"name": tool if message.name == tool else None}
    if isinstance(message, ToolMessage):  # the artifact may contain the original text
        update["artifact"] = None
    return mended.model_copy(update=update)


def replaced(message: BaseMessage, text: str) -> BaseMessage:
    """Return a message of the same kind and id that says another text and nothing else."""
    update: dict[str, Any] = {
        "content": text,
        "name": None,
        "additional_kwargs": {},
        "response_metadata": {},
    }
    if isinstance(message, AIMessage):
        update |= {"tool_calls": [], "invalid_tool_calls": []}
    if isinstance(message, ToolMessage):
        update |= {"status": "error", "artifact": None}
    return message.model_copy(update=update)
