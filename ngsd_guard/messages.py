"""What a conversation is: checked once, before any work."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.types import Message, Role

ROLES: tuple[str, ...] = get_args(Role)


def validate_messages(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Check a conversation and return it as plain messages.

    Args:
        messages: one mapping with `role` and `content` per turn, oldest first.

    Raises:
        InvalidRequestError: there is no message, a role is unknown, a content is not text, or the
            last turn is blank.
    """
    if isinstance(messages, str | bytes | Mapping) or not isinstance(messages, Sequence):
        raise InvalidRequestError(
            f"messages must be a list of {{'role', 'content'}}, not {type(messages).__name__}; "
            "wrap a single prompt as [{'role': 'user', 'content': prompt}]"
        )
    if not messages:
        raise InvalidRequestError("messages is empty; pass at least one user message")
    checked = [_validate(message, index) for index, message in enumerate(messages)]
    if not any(message["role"] == "user" for message in checked):
        raise InvalidRequestError("no message has the role 'user'; pass at least one")
    if not checked[-1]["content"].strip():
        raise InvalidRequestError(f"messages[{len(checked) - 1}] is blank; give it some text")
    return checked


def _validate(message: Mapping[str, Any], index: int) -> Message:
    where = f"messages[{index}]"
    if not isinstance(message, Mapping):
        raise InvalidRequestError(
            f"{where} is a {type(message).__name__}; pass a mapping with 'role' and 'content'"
        )
    role, content = message.get("role"), message.get("content")
    if role not in ROLES:
        shown = repr(role)[:40]
        raise InvalidRequestError(f"{where} has the role {shown}; use one of {', '.join(ROLES)}")
    if not isinstance(content, str):
        raise InvalidRequestError(
            f"{where} has content of type {type(content).__name__}; only text is supported, so "
            "pass a string and describe images or audio in words"
        )
    if any("\ud800" <= character <= "\udfff" for character in content):
        raise InvalidRequestError(
            f"{where} holds half a surrogate pair, not text; decode it with errors='replace'"
        )
    unknown = sorted(str(key)[:40] for key in set(message) - {"role", "content", "name"})
    if unknown:
        raise InvalidRequestError(
            f"{where} has unsupported keys {', '.join(unknown)}; use 'role', 'content' and 'name'"
        )
    name = message.get("name")
    if name is None:
        return {"role": role, "content": content}
    if not isinstance(name, str):
        raise InvalidRequestError(
            f"{where} has a name of type {type(name).__name__}; pass a string or leave it out"
        )
    return {"role": role, "content": content, "name": name}
