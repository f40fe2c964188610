"""From Inspect's messages to those of the core."""

from collections.abc import Sequence
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    Content,
    ContentReasoning,
    ContentText,
)
from inspect_ai.tool import ToolCall


def to_engine_messages(messages: Sequence[ChatMessage]) -> list[dict[str, Any]]:
    """Return Inspect's messages as the engine takes them.

    Content that it does not take is passed on by its type, for the engine to refuse and record.
    """
    return [_to_engine_message(message) for message in messages]


def _to_engine_message(message: ChatMessage) -> dict[str, Any]:
    content = message.content
    blocks = content if isinstance(content, str) else [_block(part) for part in content]
    turn: dict[str, Any] = {"role": message.role, "content": blocks}
    if isinstance(message, ChatMessageAssistant) and message.tool_calls:
        turn["tool_calls"] = [_call(call) for call in message.tool_calls]
    if isinstance(message, ChatMessageTool):
        if message.tool_call_id is not None:
            turn["tool_call_id"] = message.tool_call_id
        if message.error is not None:
            turn["content"] = f"Error: {message.error.message}"
    return turn


def _block(part: Content) -> dict[str, Any]:
    if isinstance(part, ContentText):
        return {"type": "text", "text": part.text}
    if isinstance(part, ContentReasoning):
        return {"type": "reasoning", "reasoning": part.reasoning}
    return {"type": part.type}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "name": call.function, "arguments": call.arguments}
