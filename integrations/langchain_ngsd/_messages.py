"""Between LangChain's messages and the engine's."""

from collections.abc import Sequence
from typing import Any, Final

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    ToolMessage,
    convert_to_openai_messages,
)
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCall

from ngsd_guard import Generation, InvalidRequestError

_REASONING: Final = frozenset({"reasoning", "thinking", "redacted_thinking"})
_TEXT: Final = frozenset({"text", "text-plain", "input_text", "output_text"})
_CALLS: Final = frozenset({"tool_use", "tool_call", "tool_call_chunk", "invalid_tool_call"})
"""Content blocks that repeat what `tool_calls` says."""


def to_engine_messages(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Return LangChain messages as the engine takes them.

    Reasoning of earlier turns is left out, as the chat templates of reasoning models want it.
    Content that is not text is passed on as it is, for the engine to refuse and record.

    Raises:
        InvalidRequestError: a message has a role that no chat model knows.
    """
    return [_to_engine_message(message, index) for index, message in enumerate(messages)]


def _to_engine_message(message: BaseMessage, index: int) -> dict[str, Any]:
    text = text_content(message.content)
    plain: BaseMessage = message.model_copy(update={"content": text})
    if isinstance(message, ToolMessage):
        if message.status == "error" and not str(text).lower().startswith("error"):
            text = f"Error: {text}"
        return {"role": "tool", "content": text, "tool_call_id": message.tool_call_id} | (
            {"name": message.name} if message.name else {}
        )
    if isinstance(message, AIMessage) and message.tool_calls:
        calls = [_to_engine_call(call) for call in message.tool_calls]
        return {"role": "assistant", "content": text, "tool_calls": calls}
    if not isinstance(text, str):
        return {"role": "user", "content": text}
    try:
        converted: Any = convert_to_openai_messages(plain, text_format="string")
    except ValueError as error:
        raise InvalidRequestError(
            f"messages[{index}] is of a kind that chat models have no role for; use system, "
            "human, ai and tool messages"
        ) from error
    return {key: converted[key] for key in ("role", "content", "name") if key in converted}


def _to_engine_call(call: ToolCall) -> dict[str, Any]:
    described = {"name": call["name"], "arguments": call["args"]}
    return described if call["id"] is None else described | {"id": call["id"]}


def text_content(content: str | list[Any]) -> Any:
    """Return content as text; as it is where some of it is no text."""
    if isinstance(content, str):
        return content
    parts = []
    for block in content:
        kind = "text" if isinstance(block, str) else block.get("type")
        if kind in _TEXT:
            parts.append(block if isinstance(block, str) else str(block.get("text", "")))
        elif kind not in _REASONING and kind not in _CALLS:
            return content
    return "\n".join(parts)


def usage_metadata(generation: Generation) -> UsageMetadata:
    """Return the token counts of an answer."""
    usage = generation.usage
    return UsageMetadata(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        input_token_details={"cache_read": usage.cached_tokens},
    )


def response_metadata(
    generation: Generation, *, model_name: str, has_calls: bool
) -> dict[str, Any]:
    """Return what an `AIMessage` says about how it came to be."""
    is_call = has_calls and generation.finish_reason == "stop"
    return {
        "model_name": model_name,
        "model_provider": "ngsd",
        "finish_reason": "tool_calls" if is_call else generation.finish_reason,
        "ngsd": {
            "record_id": generation.id,
            "guarded": generation.guarded,
            "risk": generation.risk,
            "alpha": generation.alpha,
            "num_spikes": generation.num_spikes,
            "num_overrides": generation.num_overrides,
            "peak_potential": generation.peak_potential,
            "seed": generation.seed,
        },
    }
