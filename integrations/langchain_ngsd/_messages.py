"""From LangChain's messages to those of the core."""

from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    FunctionMessage,
    HumanMessage,
    InvalidToolCall,
    SystemMessage,
    ToolMessage,
)
from langchain_core.messages.tool import ToolCall

from ngsd_guard.calls import UNPARSED

_ROLES: Final[tuple[tuple[type[BaseMessage], str], ...]] = (
    (AIMessage, "assistant"),
    (HumanMessage, "user"),
    (SystemMessage, "system"),
    (ToolMessage, "tool"),
    (FunctionMessage, "tool"),
)


def role_of(message: BaseMessage) -> str:
    """Return the role of a message; of an unknown kind, what it calls itself."""
    own = str(getattr(message, "role", message.type))
    return next((role for kind, role in _ROLES if isinstance(message, kind)), own)


def to_engine_messages(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Return LangChain messages as the engine takes them.

    Roles and content that it does not take are passed on as they are, for the engine to refuse
    and record.
    """
    return [_to_engine_message(message) for message in messages]


def _to_engine_message(message: BaseMessage) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": role_of(message), "content": message.content}
    if message.name:
        turn["name"] = message.name
    if isinstance(message, AIMessage) and (message.tool_calls or message.invalid_tool_calls):
        turn["tool_calls"] = [
            *map(_to_engine_call, message.tool_calls),
            *map(_to_unparsed_call, message.invalid_tool_calls),
        ]
    if isinstance(message, ToolMessage):
        turn["tool_call_id"] = message.tool_call_id
        if message.status == "error" and not message.text.lower().startswith("error"):
            turn["content"] = _with_prefix("Error: ", message.content)
    return turn


def _to_engine_call(call: ToolCall) -> dict[str, Any]:
    described = {"name": call["name"], "arguments": call["args"]}
    return described if call["id"] is None else described | {"id": call["id"]}


def _to_unparsed_call(call: InvalidToolCall) -> dict[str, Any]:
    """Return a call with broken arguments as one that a chat template can show."""
    described = {"name": call["name"] or UNPARSED, "arguments": {UNPARSED: call["args"] or ""}}
    return described if call["id"] is None else described | {"id": call["id"]}


def _with_prefix(prefix: str, content: str | list[Any]) -> str | list[Any]:
    return prefix + content if isinstance(content, str) else [prefix.strip(), *content]
