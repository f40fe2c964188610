"""What the content of a message says, whichever provider's blocks it is made of."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from ngsd_guard.calls import is_repeated, read_call
from ngsd_guard.content_blocks import (
    BLOCK_ROLES,
    SPOKEN,
    holds_media,
    is_encrypted,
    is_phrase,
    is_stored_elsewhere,
    kind_of,
    role_of_block,
    text_of,
    unspoken_part,
    without_sealed,
    words_of,
)
from ngsd_guard.errors import InvalidRequestError

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MAX_DEPTH: Final = 16


def speech_of(content: Any, *, is_answer: bool, calls: Sequence[Any] = ()) -> str | list[Any]:
    """Return what content says: its text, or a list if it holds more than text.

    Adjacent pieces of text are joined, so that nothing hides between two of them. What only a
    provider can read is left out, and so are blocks that repeat tool calls word for word.

    Args:
        content: text, a block, or a list of these.
        is_answer: whether the content is an assistant's; its pieces follow each other directly.
        calls: the message's tool calls, which are judged separately.
    """
    separator = "" if is_answer else "\n"
    parts, kinds = list[Any](), list[str | None]()
    for block in content if isinstance(content, list | tuple) else [content]:
        role = role_of_block(block) if is_answer and isinstance(block, Mapping) else None
        if (role == "encrypted" and is_encrypted(block)) or (
            role == "call" and is_repeated(block, calls)
        ):
            continue
        for kind, part in _pieces(block):
            if kind is not None and kinds and kinds[-1] == kind:
                parts[-1] += separator + part
            else:
                parts.append(part)
                kinds.append(kind)
    if kinds == ["text"]:
        return str(parts[0])
    return [
        {"type": "reasoning", "reasoning": part} if kind == "reasoning" else part
        for kind, part in zip(kinds, parts, strict=True)
    ]


def content_text(content: Any, where: str, depth: int = 0) -> str:
    """Return all text of a message's content.

    Raises:
        InvalidRequestError: something in it is not text, or of an unknown kind.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return plain_text(content, where)
    if depth > _MAX_DEPTH:
        raise InvalidRequestError(f"{where} is nested too deeply; pass plain text")
    if isinstance(content, list | tuple):
        return _lines(content_text(block, where, depth + 1) for block in content)
    if isinstance(content, Mapping):
        return _block_text(content, where, depth + 1)
    raise _not_text(content, where)


def calls_text(calls: Any, where: str) -> str:
    """Return tool calls as text, one JSON object per line.

    Raises:
        InvalidRequestError: they are not a list, or a call has unknown members.
    """
    if not calls:
        return ""
    if isinstance(calls, str | Mapping) or not isinstance(calls, Sequence):
        raise InvalidRequestError(
            f"{where} has tool_calls of type {type(calls).__name__}; pass a list of calls"
        )
    lines = []
    for number, call in enumerate(calls):
        is_named = isinstance(call, Mapping) and not {"name", "function", "custom"}.isdisjoint(call)
        place = f"{where}.tool_calls[{number}]"
        read = read_call(call, place).as_json() | _phrases(call) if is_named else call
        lines.append(json_text(read, where))
    return "\n".join(lines)


def _phrases(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ids and labels of a call that have several words."""
    inner = [call[name] for name in ("function", "custom") if isinstance(call.get(name), Mapping)]
    labels = [(key, value) for part in (*inner, call) for key, value in part.items()]
    return {
        key: words_of(value) or value
        for key, value in labels
        if key in ("id", "call_id", "type", "index", "status") and value not in BLOCK_ROLES
        if is_phrase(value)
    }


def names_text(message: Mapping[str, Any], called: Collection[str], where: str) -> str:
    """Return the name and the call id of a message, as far as they say something.

    The name of a tool says nothing new if it is that of a call; an id, unless it has several words.
    """
    name, call_id = message.get("name"), message.get("tool_call_id")
    for label in (name, call_id):
        if label is not None:
            plain_text(label, f"{where}.name or {where}.tool_call_id")
    if message.get("role") == "tool" and name in called:
        name = None
    labels = [name, call_id if is_phrase(call_id) else None]
    return _lines(plain_text(words_of(label), where) for label in labels)


def plain_text(text: Any, where: str) -> str:
    """Return a text without lone surrogates.

    Raises:
        InvalidRequestError: it is not a string.
    """
    if not isinstance(text, str):
        raise InvalidRequestError(
            f"{where} has content of type {type(text).__name__}; pass a string"
        )
    return _SURROGATE.sub("\ufffd", text)


def json_text(value: Any, where: str) -> str:
    """Return a JSON value as text.

    Raises:
        InvalidRequestError: it cannot be written as JSON.
    """
    try:
        return plain_text(json.dumps(value, ensure_ascii=False, default=str), where)
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(
            f"{where} has a value that cannot be written as JSON ({type(error).__name__}); pass "
            "strings, numbers, lists and dictionaries"
        ) from error


def _pieces(block: Any) -> Iterator[tuple[str | None, Any]]:
    """Yield the kind and the text of what a block says; None and the block if it is not text."""
    text = text_of(block)
    if text is not None and role_of_block(block) == "text":
        yield "text", text
        if isinstance(block, Mapping) and (rest := _beside(block, text)):
            yield None, rest
        return
    if role_of_block(block) == "reasoning" and isinstance(block, Mapping):
        said = [block[name] for name in SPOKEN if block.get(name)]
        if len(said) == 1 and isinstance(said[0], str) and not unspoken_part(block):
            yield "reasoning", said[0]
            return
    yield None, block


def _beside(block: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a block of what a text block says beside its text; empty for nothing."""
    rest = unspoken_part(block)
    rest |= {name: block[name] for name in SPOKEN if block.get(name) not in (None, "", [], text)}
    return {"type": "citation", **rest} if rest else {}


def _block_text(block: Mapping[str, Any], where: str, depth: int) -> str:
    """Return the complete text of a block; refuse a block with anything but text."""
    said = [block[name] for name in SPOKEN if block.get(name) is not None]
    role = role_of_block(block)
    if role is None and said and "type" not in block and not unspoken_part(block):
        role = "text"  # the members of a provider's own object
    if role in ("text", "reasoning"):
        is_silent = role == "reasoning"  # only a signature or ciphertext
        if said or is_silent:
            spoken = [content_text(text, where, depth) for text in said]
            rest = unspoken_part(block)
            return _lines([*spoken, json_text(rest, where) if rest else ""])
    if role == "wrapped":
        return content_text(block.get("value"), where, depth)
    is_readable = role == "call" or (role == "record" and not holds_media(block))
    if is_readable or (role == "document" and not is_stored_elsewhere(block)):
        return json_text(without_sealed(block), where)
    raise _not_text(block, where)


def _lines(texts: Any) -> str:
    return "\n".join(text for text in texts if text)


def _not_text(content: Any, where: str) -> InvalidRequestError:
    kind = kind_of(content)
    named = f"a block of the type {kind[:40]!r}" if kind else f"a {type(content).__name__}"
    known = "is not text" if role_of_block(content) else "is of an unknown kind"
    return InvalidRequestError(
        f"{where} holds {named} that {known} and cannot be judged; omit images, audio and files, "
        "or describe them in words"
    )
