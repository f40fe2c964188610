"""Chat templates, and control tokens typed into messages."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from jinja2 import TemplateError

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.types import Message

TRANSCRIPT_TEMPLATE: Final = (
    "{% for message in messages %}{{ message.role.capitalize() }}: {{ message.content }}\n"
    "{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For models that have no chat template of their own."""

_BREAK: Final = "\u200b"


def render_chat(tokenizer: Any, chat_template: str, messages: Sequence[Message]) -> str:
    """Return the prompt text of a conversation.

    A conversation that ends with an assistant message leaves that message open.

    Raises:
        InvalidRequestError: the template does not take these messages.
    """
    is_continuation = messages[-1]["role"] == "assistant"
    try:
        text = tokenizer.apply_chat_template(
            list(messages),
            chat_template=chat_template,
            tokenize=False,
            add_generation_prompt=not is_continuation,
            continue_final_message=is_continuation,
        )
    except (TemplateError, ValueError) as error:
        roles = ", ".join(message["role"] for message in messages)
        raise InvalidRequestError(
            f"the chat template does not take messages with the roles {roles} "
            f"({type(error).__name__}); use the roles and the order its model was trained on"
        ) from error
    return str(text)


def break_special_tokens(special_tokens: Iterable[str], text: str) -> str:
    """Return the text with an invisible break inside every special token."""
    for token in sorted(special_tokens, key=len, reverse=True):
        text = text.replace(token, token[0] + _BREAK + token[1:])
    return text
