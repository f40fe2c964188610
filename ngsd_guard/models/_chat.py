"""Chat templates, and control tokens in messages."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from jinja2 import TemplateError

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.types import Message

TRANSCRIPT_TEMPLATE: Final = (
    "{% for message in messages %}{{ message.role.capitalize() }}: {{ message.content }}\n"
    "{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For models without a chat template."""

MARKERS: Final = (
    "<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[CALL_ID]", "[ARGS]", "<|python_tag|>",
    "<think>", "</think>", "[THINK]", "[/THINK]",
)  # fmt: skip
"""Delimiters of tool calls and reasoning, which are special tokens in some tokenizers."""

_BREAK: Final = "\u200b"
_SHORT_ID: Final = 9
"""Length of tool call ids that Mistral's templates accept."""


def takes_tools(chat_template: str) -> bool:
    """Return whether a chat template shows the model the tools it may call."""
    return re.search(r"\btools\b", chat_template) is not None


def render_chat(
    tokenizer: Any,
    chat_template: str,
    messages: Sequence[Message],
    tools: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the prompt text of a conversation.

    A final assistant message is left open. If the template refuses the messages, consecutive turns
    of one role are merged; if it still refuses, the system prompt is put at the start of the first
    user turn.

    Raises:
        InvalidRequestError: the template does not support these messages, or any tools.
    """
    if tools and not takes_tools(chat_template):
        raise InvalidRequestError(
            "this model's chat template does not support tools; use a model whose template does, "
            "or request JSON with a schema instead of a tool"
        )
    failure: Exception | None = None
    for attempt in _attempts(messages):
        try:
            return _render(tokenizer, chat_template, attempt, tools)
        except (TemplateError, ValueError) as error:
            failure = failure or error
    roles = ", ".join(message["role"] for message in messages)
    raise InvalidRequestError(
        f"the chat template does not support messages with the roles {roles} in this order "
        f"({type(failure).__name__}); use the roles and the order the model was trained on"
    ) from failure


def _render(
    tokenizer: Any,
    chat_template: str,
    messages: Sequence[Message],
    tools: Sequence[Mapping[str, Any]],
) -> str:
    is_continuation = messages[-1]["role"] == "assistant"
    return str(
        tokenizer.apply_chat_template(
            [_as_template_message(message) for message in messages],
            tools=[dict(tool) for tool in tools] or None,
            chat_template=chat_template,
            tokenize=False,
            add_generation_prompt=not is_continuation,
            continue_final_message=is_continuation,
        )
    )


def _attempts(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    yield messages
    merged = _merge_turns(messages)
    if len(merged) < len(messages):
        yield merged
    if merged[0]["role"] == "system" and len(merged) > 1 and merged[1]["role"] == "user":
        first = merged[1].copy()
        first["content"] = f"{merged[0]['content']}\n\n{first['content']}"
        yield [first, *merged[2:]]


def _merge_turns(messages: Sequence[Message]) -> list[Message]:
    merged: list[Message] = []
    for message in messages:
        last = merged[-1] if merged else None
        can_merge = message["role"] != "tool" and "tool_calls" not in message
        if (
            last is not None
            and last["role"] == message["role"]
            and can_merge
            and not last.get("tool_calls")
        ):
            last["content"] = f"{last['content']}\n\n{message['content']}"
        else:
            merged.append(message.copy())
    return merged


def _as_template_message(message: Message) -> dict[str, Any]:
    """Return a message in the format that chat templates expect."""
    shown: dict[str, Any] = dict(message)
    if "tool_calls" in message:
        shown["tool_calls"] = [
            {
                "type": "function",
                "id": _short_id(call.get("id", str(index))),
                "function": {"name": call["name"], "arguments": call["arguments"]},
            }
            for index, call in enumerate(message["tool_calls"])
        ]
    if "tool_call_id" in message:
        shown["tool_call_id"] = _short_id(message["tool_call_id"])
    return shown


def _short_id(call_id: str) -> str:
    if re.fullmatch(f"[a-zA-Z0-9]{{{_SHORT_ID}}}", call_id):
        return call_id
    return hashlib.sha256(call_id.encode()).hexdigest()[:_SHORT_ID]


def break_special_tokens(special_tokens: Iterable[str], text: str) -> str:
    """Return the text with a zero-width space inserted in every special token."""
    for token in sorted(special_tokens, key=len, reverse=True):
        text = text.replace(token, token[0] + _BREAK + token[1:])
    return text
