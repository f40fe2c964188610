"""How many tokens messages take in a prompt, whether or not they can be answered."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.messages import check_messages, map_json_text, map_text
from ngsd_guard.pairs import Pair
from ngsd_guard.types import Message

_MARKUP: Final = 4
"""Tokens assumed around a message's role and text, where the chat template does not say."""


def count_prompt_tokens(
    pair: Pair, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]
) -> int:
    """Return the length of a prompt, in the base's tokens; 0 for nothing at all.

    Messages that the chat template refuses as they stand, such as a lone system message under
    some templates, are counted one by one with an estimate of the markup around them.

    Raises:
        InvalidRequestError: a role is unknown, or a content is not text.
    """

    def plain(text: str) -> str:
        return pair.expert.neutralise(pair.base.neutralise(text))

    turns = [map_text(message, plain) for message in check_messages(messages)]
    offered = [map_json_text(tool, plain) for tool in tools]
    if turns:
        try:
            return len(pair.base.encode_chat(turns, offered))
        except InvalidRequestError:
            pass
    written = [json.dumps(tool, ensure_ascii=False) for tool in offered]
    return sum(len(pair.base.encode(text)) for text in written) + sum(
        len(pair.base.encode(_written(turn))) + _MARKUP for turn in turns
    )


def _written(message: Message) -> str:
    calls = [json.dumps(call, ensure_ascii=False) for call in message.get("tool_calls", ())]
    return "\n".join([message["role"], message["content"], *calls])
