"""Extraction of the text to judge, and its context, from a request."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ngsd_guard.content_blocks import (
    CALL_BLOCKS,
    DOCUMENT_BLOCKS,
    REASONING_BLOCKS,
    TEXT_KEYS,
)
from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.guard._verdict import CheckRequest, Stage
from ngsd_guard.messages import validate_messages
from ngsd_guard.risk import request_text
from ngsd_guard.types import Message

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SPEECH: Final = REASONING_BLOCKS.union(TEXT_KEYS)
"""Blocks of content that say something."""
_SPOKEN: Final = ("text", "thinking", "reasoning", "refusal", "summary", "content")
"""What that may be called in them."""
_WRITTEN_OUT: Final = CALL_BLOCKS | DOCUMENT_BLOCKS | {
    "server_tool_use", "json", "input_json", "tool_result",
}  # fmt: skip
"""Blocks that are judged as the JSON they are."""
_SOURCES: Final = frozenset({"url", "base64", "file_id"})
"""Keys of blocks that refer to content stored elsewhere."""
_NAMES: Final = ("name", "tool_call_id")
_MAX_DEPTH: Final = 16


@dataclass(frozen=True, slots=True)
class Subject:
    """The text to judge, with its context."""

    stage: Stage
    text: str = field(repr=False)
    """The text that spans refer to; empty if there is nothing to judge."""
    conversation: tuple[Message, ...] = field(default=(), repr=False)
    """The conversation that the base rates: only roles and text, no blank turns, and at least one
    user turn."""
    prompt: tuple[Message, ...] = field(default=(), repr=False)
    """The conversation before the probe or the answer."""

    @property
    def rated_text(self) -> str:
        """The text that is rated."""
        return request_text(self.conversation) if self.conversation else ""


def read_subject(request: CheckRequest) -> Subject:
    """Return the subject of a request.

    Tool calls are written as JSON, content blocks are joined, and lone surrogates are replaced by
    U+FFFD.

    Raises:
        InvalidRequestError: the request contains something that cannot be judged as text, or
            nothing to judge at its stage.
    """
    try:
        return _read(request)
    except RecursionError as error:
        raise InvalidRequestError("the messages are nested too deeply; pass plain text") from error


def _read(request: CheckRequest) -> Subject:
    stage, messages = request.stage, request.messages
    response = None if request.response is None else _text(request.response, "response")
    if isinstance(messages, str):
        text = _text(messages, "messages")
        if stage == "input" or response is not None:
            return _subject(stage, [{"role": "user", "content": text}], response)
        return _subject(stage, [], text)
    if isinstance(messages, bytes | Mapping) or not isinstance(messages, Sequence):
        raise InvalidRequestError(
            f"messages must be a string or a list of {{'role', 'content'}}, not "
            f"{type(messages).__name__}"
        )
    turns = [_plain(message, f"messages[{index}]") for index, message in enumerate(messages)]
    if response is not None or stage == "input":
        return _subject(stage, turns, response)
    if stage == "tool_args":
        return _calls(messages, turns)
    if not turns:
        raise InvalidRequestError(
            f"there is no message to judge at stage {stage!r}; pass at least one"
        )
    if stage == "output" and turns[-1]["role"] != "assistant":
        raise InvalidRequestError(
            "the last message is not an answer; pass response=, or end with the assistant's message"
        )
    return _subject(stage, turns[:-1], turns[-1]["content"])


def _subject(stage: Stage, turns: list[dict[str, Any]], response: str | None) -> Subject:
    """Return the subject of a stage: a response after some turns, or the turns themselves."""
    checked = checked_turns(turns)
    if response is None:
        return Subject(stage, turns[-1]["content"] if checked else "", checked, checked)
    if not response.strip():
        # A blank answer need not be judged, but the turns before it may have to be.
        return _subject(stage, turns, None) if stage == "input" else Subject(stage, "")
    alone: Message = {"role": "user", "content": response}
    if stage in ("retrieval", "tool_result") or not checked:
        return Subject(stage, response, (alone,), ({"role": "user", "content": ""},))
    answered: Message = {"role": "assistant", "content": response}
    whole = (*checked, answered)
    if stage == "input":
        return Subject(stage, response, whole, whole)
    return Subject(stage, response, whole, checked)


def _calls(messages: Sequence[Any], turns: list[dict[str, Any]]) -> Subject:
    """Return the subject of the last assistant message's tool calls."""
    for index in range(len(turns) - 1, -1, -1):
        if turns[index]["role"] != "assistant":
            continue
        text = _written_calls(messages[index].get("tool_calls"), f"messages[{index}]")
        if text:
            return Subject("tool_args", text, checked_turns(turns[: index + 1]))
        break
    raise InvalidRequestError(
        "the last assistant message has no tool_calls to judge; pass the message with the calls"
    )


def checked_turns(turns: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Return a valid conversation without blank turns; empty if all are blank."""
    kept = [dict(turn) for turn in turns if str(turn.get("content")).strip()]
    if not kept:
        return ()
    if not any(turn.get("role") == "user" for turn in kept):
        # A conversation needs a user turn; system prompts are not rated.
        spoken = [turn for turn in kept if turn.get("role") not in ("system", "developer")]
        (spoken or kept)[0]["role"] = "user"
    return tuple(validate_messages(kept))


def _plain(message: Any, where: str) -> dict[str, Any]:
    """Return a turn as role and text; unknown keys are kept, so that validation refuses them."""
    if not isinstance(message, Mapping):
        raise InvalidRequestError(
            f"{where} is a {type(message).__name__}; pass a mapping with 'role' and 'content'"
        )
    parts = [
        _content(message.get("content"), where),
        _written_calls(message.get("tool_calls"), where),
        *(_text(name, where) for name in map(message.get, _NAMES) if is_speech(name)),
    ]
    known = ("content", "tool_calls", *_NAMES)
    turn: dict[str, Any] = {key: value for key, value in message.items() if key not in known}
    turn["content"] = "\n".join(part for part in parts if part)
    validate_messages([{"role": "user", "content": "-"}, {**turn, "content": "-"}])
    return turn


def is_speech(name: Any) -> bool:
    """Return whether a name or id contains text, which some templates show to the model."""
    return isinstance(name, str) and len(name.split()) > 1


def _content(content: Any, where: str, depth: int = 0) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return _text(content, where)
    if depth > _MAX_DEPTH:
        raise InvalidRequestError(f"{where} is nested too deeply; pass plain text")
    if isinstance(content, list | tuple):
        return "\n".join(_content(block, where, depth + 1) for block in content)
    if isinstance(content, Mapping):
        return _block(content, where, depth + 1)
    raise _no_text(content, where)


def _block(block: Mapping[str, Any], where: str, depth: int) -> str:
    """Return the complete text of a block; refuse a block with anything but text."""
    kind = str(block.get("type", "")) or None
    spoken = [block[key] for key in _SPOKEN if block.get(key) is not None]
    is_lone = kind is None and len(block) == len(spoken) == 1
    is_silent = kind in ("thinking", "reasoning") and not spoken  # only a signature or ciphertext
    if is_lone or is_silent or (kind in _SPEECH and spoken):
        return "\n".join(_content(text, where, depth) for text in spoken)
    if kind == "tool_result" and isinstance(block.get("content"), str | list):
        return "\n".join(_content(text, where, depth) for text in spoken)
    if kind in _WRITTEN_OUT and _SOURCES.isdisjoint(block):
        return _json(block, where)
    raise _no_text(block, where)


def _no_text(content: Any, where: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{where} has content of type {type(content).__name__} that is not text and cannot be "
        "judged; omit images, audio and files, or describe them in words"
    )


def _written_calls(calls: Any, where: str) -> str:
    """Return tool calls as text, one JSON object per line."""
    if not calls:
        return ""
    if isinstance(calls, str | Mapping) or not isinstance(calls, Sequence):
        raise InvalidRequestError(
            f"{where} has tool_calls of type {type(calls).__name__}; pass a list of calls"
        )
    lines = []
    for call in calls:
        described = call.get("function", call) if isinstance(call, Mapping) else call
        if isinstance(described, Mapping) and "name" in described:
            arguments = described.get("arguments", described.get("args", {}))
            described = {"name": described["name"], "arguments": _parsed(arguments)}
        lines.append(_json(described, where))
    return "\n".join(lines)


def _parsed(arguments: Any) -> Any:
    if isinstance(arguments, str):
        try:
            return json.loads(arguments or "{}")
        except ValueError:
            return arguments
    return arguments


def _json(value: Any, where: str) -> str:
    try:
        return _text(json.dumps(value, ensure_ascii=False, default=str), where)
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(
            f"{where} has a value that cannot be written as JSON ({type(error).__name__}); pass "
            "strings, numbers, lists and dictionaries"
        ) from error


def _text(text: Any, where: str) -> str:
    if not isinstance(text, str):
        raise InvalidRequestError(
            f"{where} has content of type {type(text).__name__}; pass a string"
        )
    return _SURROGATE.sub("\ufffd", text)
