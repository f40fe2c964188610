"""How many tokens messages take in a prompt, whether or not they can be answered."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import Message

_MARKUP: Final = 4
"""Tokens assumed around a message's role and text, where the chat template does not say."""


def count_prompt_tokens(
    model: LanguageModel, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]
) -> int:
    """Return the length of a prompt, in the model's tokens; 0 for nothing at all.

    Messages that the chat template refuses as they stand, such as a lone system message under
    some templates, are counted one by one with an estimate of the markup around them.
    """
    if messages:
        try:
            return len(model.encode_chat(messages, tools))
        except InvalidRequestError:
            pass
    written = [json.dumps(tool, ensure_ascii=False) for tool in tools]
    return sum(len(model.encode(text)) for text in written) + sum(
        len(model.encode(_written(message))) + _MARKUP for message in messages
    )


def _written(message: Message) -> str:
    calls = [json.dumps(call, ensure_ascii=False) for call in message.get("tool_calls", ())]
    return "\n".join([message["role"], message["content"], *calls])
