"""Refusals of the guard as LangChain's standard content blocks, and as its `ModelRefusalError`.

A refusal is marked in the message's metadata. Its content stays text, which a provider reads as
part of the history; the block is derived from the mark by a translator, as for hosted models.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from langchain_core import exceptions
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.block_translators import register_translator

from ngsd_guard import MissingDependencyError

OnRefusal = Literal["message", "raise"]
"""What a refusal of the guard becomes: an ordinary message, or a `ModelRefusalError`."""
PROVIDER: Final = "ngsd"
_MARKED: Final = ("ngsd_guard", "ngsd")


def refusal_of(message: BaseMessage) -> dict[str, Any] | None:
    """Return the standard block of a message with which the guard refused; None for others."""
    for name in _MARKED:
        mark = message.response_metadata.get(name)
        if isinstance(mark, Mapping) and mark.get("refused") is True:
            categories = mark.get("categories") or [None]
            found = {"category": categories[0], "record_id": mark.get("record_id")}
            extras = {key: value for key, value in found.items() if value is not None}
            block = {"type": "refusal", "refusal": ""}
            return {**block, "extras": extras} if extras else block
    return None


def provider_after(earlier: Iterable[BaseMessage]) -> dict[str, str]:
    """Return the metadata that names the provider of a stream's last chunk.

    LangChain joins different names of one stream to a name that nobody knows.
    """
    named = any("model_provider" in chunk.response_metadata for chunk in earlier)
    return {} if named else {"model_provider": PROVIDER}


def with_refusal(message: AIMessage) -> AIMessage:
    """Return a message of which the guard stopped a part, with the standard block."""
    block = refusal_of(message)
    if block is None or any(each["type"] == "refusal" for each in message.content_blocks):
        return message
    metadata = message.response_metadata
    if metadata.get("output_version") == "v1" and isinstance(message.content, list):
        return message.model_copy(update={"content": [*message.content, block]})
    return message.model_copy(
        update={"response_metadata": {**metadata, "model_provider": PROVIDER}}
    )


def check_on_refusal(on_refusal: OnRefusal) -> OnRefusal:
    """Refuse an option that the installed version cannot serve.

    Raises:
        MissingDependencyError: langchain-core has no `ModelRefusalError`.
    """
    if on_refusal == "raise" and not hasattr(exceptions, "ModelRefusalError"):
        raise MissingDependencyError(
            'on_refusal="raise" needs langchain-core 1.7.5 or later; upgrade it with: pip install '
            "-U langchain-core, or leave on_refusal out"
        )
    return on_refusal


def raise_refusal(message: BaseMessage) -> None:
    """Raise the error of a message with which the guard refused.

    Raises:
        ModelRefusalError: it did.
    """
    block: Any = refusal_of(message)
    if block is not None:
        raise exceptions.ModelRefusalError.from_refusal(block, raw_message=message)


def _translated(message: AIMessage) -> list[Any]:
    """Return the content blocks of a message of this package.

    Raises:
        NotImplementedError: the guard did not refuse; LangChain then reads the blocks itself.
    """
    block = refusal_of(message)
    if block is None:
        raise NotImplementedError
    metadata = {k: v for k, v in message.response_metadata.items() if k != "model_provider"}
    plain = message.model_copy(update={"response_metadata": metadata})
    return [*plain.content_blocks, block]


register_translator(PROVIDER, _translated, _translated)
