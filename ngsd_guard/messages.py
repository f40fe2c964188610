"""Validation of conversations, before any work is done."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, get_args

from ngsd_guard.calls import is_repeated, read_call
from ngsd_guard.content_blocks import is_encrypted, kind_of, role_of_block, text_of
from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.types import Message, Role, ToolCall

ROLES: tuple[str, ...] = get_args(Role)
_ALIASES: Final = {"developer": "system"}
_KEYS: Final = frozenset({"role", "content", "name", "tool_calls", "tool_call_id"})


def validate_messages(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Check a conversation that is to be answered, and return it as plain messages.

    Args:
        messages: one mapping with `role` and `content` per turn, oldest first. `content` is text or
            a list of text blocks. An assistant turn
            may have `tool_calls`, each with `name`, `arguments` and `id` or in OpenAI's format; a
            tool turn names the call it answers with `tool_call_id`.

    Raises:
        InvalidRequestError: there are no messages, a role is unknown, a content is not text, the
            last turn is blank or calls tools, or a tool result does not match any call.
    """
    checked = check_messages(messages)
    if not checked:
        raise InvalidRequestError("messages is empty; pass at least one user message")
    if not any(message["role"] == "user" for message in checked):
        raise InvalidRequestError("no message has the role 'user'; pass at least one")
    _check_results(checked)
    last, where = checked[-1], f"messages[{len(checked) - 1}]"
    if last.get("tool_calls"):
        raise InvalidRequestError(
            f"{where} calls tools; add a message with the role 'tool' for each call"
        )
    if not last["content"].strip() and last["role"] != "tool":
        raise InvalidRequestError(f"{where} is blank; add some text")
    return checked


def check_messages(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Check messages one by one, and return them plain; they need not make a conversation.

    Raises:
        InvalidRequestError: a role is unknown, or a content is not text.
    """
    if isinstance(messages, str | bytes | Mapping) or not isinstance(messages, Sequence):
        raise InvalidRequestError(
            f"messages must be a list of {{'role', 'content'}}, not {type(messages).__name__}; "
            "wrap a single prompt as [{'role': 'user', 'content': prompt}]"
        )
    return [_validate(message, index) for index, message in enumerate(messages)]


def map_text(message: Message, change: Callable[[str], str]) -> Message:
    """Return a message with all of its text changed: content, names, ids and tool calls."""
    changed = message.copy()
    changed["content"] = change(message["content"])
    if "name" in message:
        changed["name"] = change(message["name"])
    if "tool_call_id" in message:
        changed["tool_call_id"] = change(message["tool_call_id"])
    if "tool_calls" in message:
        changed["tool_calls"] = [map_json_text(call, change) for call in message["tool_calls"]]
    return changed


def map_json_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return a JSON value with every string changed, including keys."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {
            map_json_text(key, change): map_json_text(item, change) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [map_json_text(item, change) for item in value]
    return value


def _validate(message: Mapping[str, Any], index: int) -> Message:
    where = f"messages[{index}]"
    if not isinstance(message, Mapping):
        raise InvalidRequestError(
            f"{where} is a {type(message).__name__}; pass a mapping with 'role' and 'content'"
        )
    role: Any = message.get("role")
    role = _ALIASES.get(role, role) if isinstance(role, str) else role
    if role not in ROLES:
        shown = repr(role)[:40]
        raise InvalidRequestError(f"{where} has the role {shown}; use one of {', '.join(ROLES)}")
    unknown = sorted(str(key)[:40] for key in set(message) - _KEYS)
    if unknown:
        raise InvalidRequestError(
            f"{where} has unsupported keys {', '.join(unknown)}; use {', '.join(sorted(_KEYS))}"
        )
    calls = _validate_calls(message.get("tool_calls"), role, where)
    checked: Message = {"role": role, "content": _content(message, where, role, calls)}
    if calls:
        checked["tool_calls"] = calls
    keys: tuple[Literal["name", "tool_call_id"], ...] = ("name", "tool_call_id")
    for key in keys:
        value = message.get(key)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InvalidRequestError(
                f"{where} has a {key} of type {type(value).__name__}; pass a string or omit it"
            )
        _check_text(value, where)
        checked[key] = value
    return checked


def _content(message: Mapping[str, Any], where: str, role: str, calls: Sequence[ToolCall]) -> str:
    content = message.get("content")
    if content is None and calls:
        return ""
    if isinstance(content, list | tuple):
        content = _joined(content, where, role, calls)
    if not isinstance(content, str):
        raise InvalidRequestError(
            f"{where} has content of type {type(content).__name__}; only text is supported, so "
            "pass a string and describe images or audio in words"
        )
    _check_text(content, where)
    return content


def _joined(blocks: Sequence[Any], where: str, role: str, calls: Sequence[ToolCall]) -> str:
    """Return the text of content blocks.

    Of an assistant turn, reasoning is left out, as chat templates want it, and so are blocks that
    repeat its tool calls word for word.
    """
    parts = []
    for block in blocks:
        text = text_of(block)
        if text is not None:
            parts.append(text)
        elif role != "assistant" or not _is_left_out(block, calls):
            raise InvalidRequestError(
                f"{where} holds a block of the type {repr(kind_of(block))[:40]}, which is not text "
                f"that a {role} message can have; only text is supported, so describe images, "
                "audio, files and a provider's own calls in words"
            )
    return ("" if role == "assistant" else "\n").join(parts)


def _is_left_out(block: Any, calls: Sequence[ToolCall]) -> bool:
    if not isinstance(block, Mapping) or "type" not in block:
        return False
    role = role_of_block(block)
    return (
        role == "reasoning" or is_encrypted(block) or (role == "call" and is_repeated(block, calls))
    )


def _check_text(text: str, where: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidRequestError(
            f"{where} contains a lone surrogate; decode the text with errors='replace'"
        )


def _validate_calls(calls: Any, role: Any, where: str) -> list[ToolCall]:
    if not calls:
        return []
    if role != "assistant":
        raise InvalidRequestError(
            f"{where} has tool_calls; move them to a message with the role 'assistant'"
        )
    if isinstance(calls, str | Mapping) or not isinstance(calls, Sequence):
        raise InvalidRequestError(
            f"{where} has tool_calls of type {type(calls).__name__}; pass a list of calls"
        )
    return [_validate_call(call, f"{where}.tool_calls[{n}]") for n, call in enumerate(calls)]


def _validate_call(call: Any, where: str) -> ToolCall:
    parts = read_call(call, where)
    name, arguments = parts.name, parts.arguments
    if not isinstance(name, str) or not name or not isinstance(arguments, Mapping):
        problem = "has an argument twice" if parts.is_ambiguous else (
            "has no name, or its arguments are not a JSON object"
        )  # fmt: skip
        raise InvalidRequestError(f"{where} {problem}; pass 'name' and 'arguments'")
    if parts.notes:
        raise InvalidRequestError(
            f"{where} has {', '.join(parts.notes)}, which no chat template shows; leave it out"
        )
    try:
        text = json.dumps(arguments, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequestError(
            f"{where} has arguments that cannot be written as JSON ({type(error).__name__}); pass "
            "strings, numbers, lists and dictionaries"
        ) from error
    _check_text(name + text, where)
    checked: ToolCall = {"name": name, "arguments": dict(arguments)}
    if parts.id is not None:
        checked["id"] = parts.id
    return checked


def _check_results(messages: Sequence[Message]) -> None:
    """Check that each tool result with a `tool_call_id` comes after the call it names."""
    known: set[str] = set()
    for index, message in enumerate(messages):
        known.update(call["id"] for call in message.get("tool_calls", ()) if "id" in call)
        call_id = message.get("tool_call_id")
        if call_id is not None and call_id not in known:
            raise InvalidRequestError(
                f"messages[{index}] is the result of tool call {call_id[:40]!r}, which no earlier "
                "message makes; keep the assistant message with that call in the history"
            )
