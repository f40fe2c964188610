"""Chat templates, and control tokens in messages."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from jinja2 import TemplateError

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.models._turns import attempts
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
_RENAMED: Final = "call7q"
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
    variables: Mapping[str, Any] | None = None,
) -> str:
    """Return the prompt text of a conversation.

    A final assistant message is left open. If the template refuses the messages, they are changed
    one step after another until it takes them: consecutive turns of one role are merged; a system
    message after the first turn becomes part of the user's turn there; an empty user turn is put
    before an assistant that speaks first; the system prompt is put at the start of the first user
    turn.

    Args:
        tokenizer: with its special tokens.
        chat_template: Jinja source.
        messages: the conversation.
        tools: definitions of what the model may call.
        variables: further variables of the template, by name.

    Raises:
        InvalidRequestError: the template does not support these messages, or any tools, or leaves
            out the calls in the messages.
    """
    if tools and not takes_tools(chat_template):
        raise InvalidRequestError(
            "this model's chat template does not support tools; use a model whose template does, "
            "or request JSON with a schema instead of a tool"
        )

    def render(turns: Sequence[Message]) -> str:
        return _render(tokenizer, chat_template, turns, tools, variables or {})

    failure: Exception | None = None
    for attempt in attempts(messages):
        try:
            text = render(attempt)
            is_whole = _shows_calls(render, attempt)
        except (TemplateError, ValueError, TypeError) as error:
            failure = failure or error
            continue
        if is_whole:
            return text
        raise InvalidRequestError(
            "this model's chat template leaves out the tool calls of earlier turns; use a model "
            "whose template has tools, or send the conversation without calls and their results"
        )
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
    variables: Mapping[str, Any],
) -> str:
    last = messages[-1]
    is_answer = last["role"] == "assistant"
    is_continuation = is_answer and not last.get("tool_calls")
    return str(
        tokenizer.apply_chat_template(
            [_as_template_message(message) for message in messages],
            tools=[dict(tool) for tool in tools] or None,
            chat_template=chat_template,
            tokenize=False,
            add_generation_prompt=not is_answer,
            continue_final_message=is_continuation,
            **variables,
        )
    )


def _shows_calls(render: Callable[[Sequence[Message]], str], messages: Sequence[Message]) -> bool:
    """Return whether each call of a conversation is in its prompt, by renaming it and looking."""
    names, renamed = list[str](), list[Message]()
    for message in messages:
        copy = message.copy()
        if message.get("tool_calls"):
            copy["tool_calls"] = []
            for call in message["tool_calls"]:
                names.append(f"{_RENAMED}{len(names)}q")
                copy["tool_calls"].append({**call, "name": names[-1]})
        renamed.append(copy)
    if not names:
        return True
    text = render(renamed)
    return all(name in text for name in names)


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
