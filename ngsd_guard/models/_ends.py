"""Which token ends a turn, read from what a chat template writes after an answer."""

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import TemplateError

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.models._chat import MARKERS, render_chat
from ngsd_guard.types import Message

_ANSWER: Final = "Answer7Q"
_QUESTION: Final[Message] = {"role": "user", "content": "Question7Q"}


def turn_ends(tokenizer: Any, chat_template: str) -> frozenset[int]:
    """Return the token that a chat template writes after an assistant's answer, if it is one.

    Where a template opens its answers in several parts, each with control tokens of its own (such
    as channels), what ends the last part may end others too: no token is returned.

    Args:
        tokenizer: with its added tokens.
        chat_template: Jinja source.
    """
    added = _added_tokens(tokenizer)
    try:
        prompt = render_chat(tokenizer, chat_template, [_QUESTION])
        text = str(
            tokenizer.apply_chat_template(
                [_QUESTION, {"role": "assistant", "content": _ANSWER}],
                chat_template=chat_template,
                tokenize=False,
                add_generation_prompt=False,
            )
        )
    except (InvalidRequestError, TemplateError, ValueError, TypeError):
        return frozenset()
    before, found, after = text.rpartition(_ANSWER)
    if not found:
        return frozenset()
    opening = before.removeprefix(prompt) if before.startswith(prompt) else ""
    if any(token in opening for token in added if token not in MARKERS):
        return frozenset()
    following = [token for token in added if after.lstrip().startswith(token)]
    longest = max(following, key=len, default=None)
    return frozenset() if longest is None or longest in MARKERS else frozenset({added[longest]})


def _added_tokens(tokenizer: Any) -> Mapping[str, int]:
    return {
        token.content: token_id
        for token_id, token in tokenizer.added_tokens_decoder.items()
        if len(token.content) > 1
    }
