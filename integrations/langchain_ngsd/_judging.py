"""Conversion of messages for the guard, and application of verdicts to them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.prompt_values import PromptValue

from langchain_ngsd._messages import role_of
from langchain_ngsd._refusals import PROVIDER, provider_after
from ngsd_guard import ConfigurationError, Guard, GuardBlockedError, Verdict
from ngsd_guard.guard import is_refused, speech_of

Conversation = str | list[dict[str, Any]]
_ELSEWHERE: Final = ("reasoning_content", "reasoning", "refusal", "audio")
"""Members of `additional_kwargs` in which providers put what a model says besides its answer."""


def conversation_of(value: Any) -> Conversation:
    """Convert a value of a chain to the guard's input format.

    Raises:
        ConfigurationError: the value is not text, messages or a prompt.
    """
    return value if isinstance(value, str) else turns_of(messages_of(value))


def messages_of(value: Any) -> list[BaseMessage]:
    """Return the messages in a value of a chain.

    Raises:
        ConfigurationError: the value is not messages or a prompt.
    """
    if isinstance(value, PromptValue):
        return value.to_messages()
    if isinstance(value, BaseMessage):
        return [value]
    if isinstance(value, Sequence) and all(isinstance(item, BaseMessage) for item in value):
        return list(value)
    raise ConfigurationError(
        f"a guard cannot judge a {type(value).__name__}; place it where the chain passes text, "
        "messages or a prompt"
    )


def turns_of(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Convert messages to the guard's input format, with all text a model or user may read.

    What is not text is passed on as it is, for the guard to refuse and record.
    """
    return [turn_of(message) for message in messages]


def turn_of(message: BaseMessage) -> dict[str, Any]:
    """Return a message as the guard takes it; see `turns_of`."""
    turn: dict[str, Any] = {"role": role_of(message), "content": spoken(message)}
    own = {
        "tool_calls": calls_of(message),
        "name": message.name,
        "tool_call_id": getattr(message, "tool_call_id", None),
    }
    return turn | {key: value for key, value in own.items() if value}


def calls_of(message: BaseMessage) -> list[dict[str, Any]]:
    """Return the tool calls of a message, including those with broken arguments."""
    if not isinstance(message, AIMessage):
        return []
    # LangChain repairs broken arguments and loses some of what they say.
    chunks = getattr(message, "tool_call_chunks", ())
    broken = [chunk for chunk in chunks if not _is_json(chunk["args"])]
    calls: list[Any] = [*message.tool_calls, *message.invalid_tool_calls, *broken]
    return [_as_turn_call(call) for call in calls]


def _as_turn_call(call: Mapping[str, Any]) -> dict[str, Any]:
    error = call.get("error")
    described = {"name": call["name"], "arguments": call["args"], "id": call["id"]}
    return described | {"error": error} if error else described


def spoken(message: BaseMessage) -> str | list[Any]:
    """Return what a message says: its text, or a list if it also holds reasoning or images."""
    content = [message.content] if isinstance(message.content, str) else message.content
    blocks = [*(content if message.content else []), *_blocks_beside(message)]
    is_answer = isinstance(message, AIMessage)
    return speech_of(blocks, is_answer=is_answer, calls=calls_of(message)) or ""


def said(value: Any) -> str:
    """Return the text of a string or a message.

    Raises:
        ConfigurationError: the value is neither.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, BaseMessage):
        texts = (
            part.get("reasoning") if isinstance(part, dict) else part for part in spoken(value)
        )
        return "".join(text for text in texts if isinstance(text, str))
    raise ConfigurationError(
        f"a guard cannot judge a {type(value).__name__} as an answer; put the guard after a model "
        "or a string parser"
    )


def can_cut(message: BaseMessage) -> bool:
    """Return whether the spans of a verdict on a message are positions in its text."""
    return isinstance(spoken(message), str)


def cut(message: BaseMessage, verdict: Verdict) -> BaseMessage:
    """Return a message without what a verdict found, and without copies of its text."""
    metadata = {k: v for k, v in message.response_metadata.items() if k != "logprobs"}
    return message.model_copy(
        update={
            "content": verdict.redacted(str(spoken(message))),
            "name": None if isinstance(message, HumanMessage) else message.name,
            "additional_kwargs": {},
            "response_metadata": metadata,
        }
    )


def _blocks_beside(message: BaseMessage) -> Iterator[Any]:
    """Yield as blocks what providers put beside the content."""
    beside = message.additional_kwargs
    for name in _ELSEWHERE:
        if value := beside.get(name):
            yield {"type": "reasoning", "reasoning": value}
    yield from beside.get("tool_outputs") or ()
    for call in [*(beside.get("tool_calls") or ()), beside.get("function_call")]:
        inner = call.get("function", call) if isinstance(call, Mapping) else call
        if isinstance(inner, Mapping):
            yield {"type": "function_call", "id": call.get("id"), **inner}
        elif inner:
            yield {"type": "non_standard", "value": inner}


def _is_json(arguments: Any) -> bool:
    try:
        json.loads(arguments or "{}")
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def source_id_of(*names: Any) -> str | None:
    """Return the first of some names that is not empty, as the source id of an audit record."""
    name = next((name for name in names if name), None)
    return None if name is None else str(name).encode(errors="replace").decode()


def blocked(verdict: Verdict) -> GuardBlockedError:
    """Return the error that stops a chain."""
    return GuardBlockedError(
        f"blocked by a guard at stage {verdict.stage} (evaluation {verdict.evaluation}, record "
        f"{verdict.record_id}); adjust the policy if this text should pass",
        verdict,
    )


def stopped_message(guard: Guard, verdict: Verdict, text: str) -> AIMessage:
    """Return the assistant message that replaces what was stopped."""
    mark = {**verdict_summary(verdict), "refused": is_refused(guard, verdict, text)}
    metadata = {"ngsd_guard": mark, "model_provider": PROVIDER}
    return AIMessage(content=text, response_metadata=metadata)


def stopped_chunk(
    guard: Guard, verdict: Verdict, text: str, earlier: Sequence[BaseMessage] = ()
) -> AIMessageChunk:
    """Return the last chunk of a stream that was stopped; what left before it was clean."""
    mark = stopped_message(guard, verdict, text).response_metadata["ngsd_guard"]
    return AIMessageChunk(
        content=text,
        response_metadata={"ngsd_guard": mark, **provider_after(earlier)},
        chunk_position="last",
    )


def verdict_summary(verdict: Verdict) -> dict[str, Any]:
    """Return what a message may say of a verdict."""
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
