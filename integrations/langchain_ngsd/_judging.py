"""Conversion of messages for the guard, and application of verdicts to them."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.prompt_values import PromptValue

from ngsd_guard import ConfigurationError, Guard, GuardBlockedError, Verdict
from ngsd_guard.guard import is_speech

Conversation = str | list[dict[str, Any]]
_TEXT: Final = ("text", "input_text", "output_text")
_REASONING: Final = ("reasoning", "thinking")
_CALLS: Final = ("tool_use", "tool_call", "tool_call_chunk", "invalid_tool_call")
_ELSEWHERE: Final = ("reasoning_content", "reasoning", "refusal", "audio")
"""Members of `additional_kwargs` in which providers put a model's text outside its answer."""
_ROLES: Final[tuple[tuple[type[BaseMessage], str], ...]] = (
    (AIMessage, "assistant"),
    (HumanMessage, "user"),
    (SystemMessage, "system"),
    (ToolMessage, "tool"),
    (FunctionMessage, "tool"),
)


def conversation_of(value: Any) -> Conversation:
    """Convert a value of a chain to the guard's input format.

    Raises:
        ConfigurationError: the value is not text, messages or a prompt.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, PromptValue):
        return turns_of(value.to_messages())
    if isinstance(value, BaseMessage):
        return turns_of([value])
    if isinstance(value, Sequence) and all(isinstance(item, BaseMessage) for item in value):
        return turns_of(value)
    raise ConfigurationError(
        f"a guard cannot judge a {type(value).__name__}; place it where the chain passes text, "
        "messages or a prompt"
    )


def turns_of(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Convert messages to the guard's input format, with all text a model or user may read.

    Content that is not text is passed on unchanged, so that the guard refuses and records it.
    """
    return [turn_of(message) for message in messages]


def turn_of(message: BaseMessage) -> dict[str, Any]:
    """Convert a message to the guard's input format; see `turns_of`."""
    unknown = getattr(message, "role", message.type)
    role = next((role for kind, role in _ROLES if isinstance(message, kind)), unknown)
    calls = calls_of(message)
    return {"role": role, "content": spoken(message)} | ({"tool_calls": calls} if calls else {})


def calls_of(message: BaseMessage) -> list[dict[str, Any]]:
    """Return the tool calls of a message, including those with broken arguments."""
    if not isinstance(message, AIMessage):
        return []
    # Calls parsed from broken arguments may lack part of their text.
    chunks = getattr(message, "tool_call_chunks", ())
    broken = [chunk for chunk in chunks if not _is_json(chunk["args"])]
    calls: list[Any] = [*message.tool_calls, *message.invalid_tool_calls, *broken]
    return [{"name": call["name"], "arguments": call["args"]} for call in calls]


def spoken(message: BaseMessage) -> str | list[Any]:
    """Return a message's text, or a list of blocks if it has more, such as reasoning or images.

    Adjacent pieces of text are joined, so that nothing can hide between them.
    """
    separator = "" if isinstance(message, AIMessage) else "\n"
    parts, kinds = list[Any](), list[str | None]()
    for block in _blocks(message):
        kind, text = _speech(block)
        if kind is not None and kinds and kinds[-1] == kind:
            parts[-1] += separator + text
        else:
            parts.append(text)
            kinds.append(kind)
    if kinds == ["text"]:
        return str(parts[0])
    return parts or ""


def said(value: Any) -> str:
    """Return the text of a string or a message.

    Raises:
        ConfigurationError: the value is neither.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, BaseMessage):
        return "".join(part for part in spoken(value) if isinstance(part, str))
    raise ConfigurationError(
        f"a guard cannot judge a {type(value).__name__} as an answer; place it after a model or a "
        "string parser"
    )


def can_cut(message: BaseMessage) -> bool:
    """Return whether the spans of a verdict on a message refer to its text."""
    return isinstance(spoken(message), str)


def cut(message: BaseMessage, verdict: Verdict) -> BaseMessage:
    """Return a message for which `can_cut` holds, with its text redacted."""
    return message.model_copy(update={"content": verdict.redacted(str(spoken(message)))})


def _blocks(message: BaseMessage) -> Iterator[Any]:
    """Yield the content blocks of a message, without encrypted ones and calls listed elsewhere."""
    content = [message.content] if isinstance(message.content, str) else message.content
    calls: list[Any] = []
    if isinstance(message, AIMessage):
        calls = [*message.tool_calls, *message.invalid_tool_calls]
    ids = [call["id"] for call in calls if call["id"]]
    for block in content if message.content else []:
        if isinstance(message, AIMessage) and isinstance(block, Mapping):
            kind = block.get("type")
            if kind == "redacted_thinking" or (kind in _CALLS and block.get("id") in ids):
                continue
        yield block
    for name in _ELSEWHERE:
        if value := message.additional_kwargs.get(name):
            yield {"type": "reasoning", "reasoning": value}
    for label in (message.name, getattr(message, "tool_call_id", None)):
        if is_speech(label):
            yield {"type": "reasoning", "reasoning": label}


def _speech(block: Any) -> tuple[str | None, Any]:
    """Return the kind and the text of a block; None and the block itself if it is not plain."""
    if isinstance(block, str):
        return "text", block
    kind = block.get("type") if isinstance(block, Mapping) else None
    if kind in _TEXT and isinstance(block.get("text"), str):
        return "text", block["text"]
    if kind in _REASONING:
        texts = [block[name] for name in (*_REASONING, "summary", "content") if block.get(name)]
        if len(texts) == 1 and isinstance(texts[0], str):
            return "reasoning", texts[0]
    return None, block


def _is_json(arguments: Any) -> bool:
    try:
        json.loads(arguments or "{}")
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def source_id_of(*names: Any) -> str | None:
    """Return the first non-empty name as a `source_id` of audit records; None without one."""
    name = next((name for name in names if name), None)
    return None if name is None else str(name).encode(errors="replace").decode()


def stops(verdict: Verdict) -> bool:
    """Return whether a verdict prevents a text from passing, even redacted.

    Tool calls that should be redacted are stopped, because a partial call is not valid.
    """
    if not verdict.enforced:
        return False
    half = verdict.action == "redact" and verdict.stage == "tool_args"
    return half or verdict.action in ("block", "escalate", "rewrite", "steer")


def cuts(verdict: Verdict) -> bool:
    """Return whether a text may pass only after redaction."""
    return verdict.enforced and verdict.action == "redact" and verdict.stage != "tool_args"


def replacement(guard: Guard, verdict: Verdict, messages: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the message shown instead of a stopped text.

    For the actions `rewrite` and `steer` this is an answer of the local pair, which takes time.
    """
    if verdict.action in ("rewrite", "steer") and messages:
        try:
            return guard.rewrite(messages).text
        except Exception:  # the pair has recorded the failure; the text stays stopped
            return guard.policy.failure_message
    return verdict.message or guard.policy.message


async def areplacement(
    guard: Guard, verdict: Verdict, messages: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Return the result of `replacement` without blocking the event loop."""
    return await asyncio.to_thread(replacement, guard, verdict, messages)


def blocked(verdict: Verdict) -> GuardBlockedError:
    """Return the error that stops a chain."""
    return GuardBlockedError(
        f"blocked by a guard at stage {verdict.stage} (evaluation {verdict.evaluation}, record "
        f"{verdict.record_id}); adjust the policy if this text should pass",
        verdict,
    )


def stopped_message(verdict: Verdict, text: str) -> AIMessage:
    """Return the assistant message shown instead of a stopped text."""
    return AIMessage(content=text, response_metadata={"ngsd_guard": told(verdict)})


def stopped_chunk(verdict: Verdict, text: str) -> AIMessageChunk:
    """Return the last chunk of a stopped stream; the chunks before it were clean."""
    message = stopped_message(verdict, text)
    return AIMessageChunk(
        content=message.content,
        response_metadata=message.response_metadata,
        chunk_position="last",
    )


def told(verdict: Verdict) -> dict[str, Any]:
    """Return the metadata of a verdict for a message."""
    return {
        "record_id": verdict.record_id,
        "stage": verdict.stage,
        "evaluation": verdict.evaluation,
        "flagged": verdict.flagged,
        "action": verdict.action,
        "enforced": verdict.enforced,
        "risk": verdict.risk,
        "categories": [score.name for score in verdict.categories if score.flagged],
    }
