"""Between LangChain's messages and the engine's."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, convert_to_openai_messages
from langchain_core.messages.ai import UsageMetadata

from ngsd_guard import Generation, InvalidRequestError


def to_engine_messages(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Return LangChain messages as the engine takes them.

    Raises:
        InvalidRequestError: a message cannot be expressed as text.
    """
    try:
        converted = convert_to_openai_messages(messages, text_format="string")
    except ValueError as error:
        raise InvalidRequestError(
            f"a message holds content that is not text ({type(error).__name__}); pass strings or "
            "text blocks"
        ) from error
    return list(converted)


def usage_metadata(generation: Generation) -> UsageMetadata:
    """Return the token counts of an answer."""
    usage = generation.usage
    return UsageMetadata(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
    )


def response_metadata(generation: Generation, *, model_name: str) -> dict[str, Any]:
    """Return what an `AIMessage` says about how it came to be."""
    return {
        "model_name": model_name,
        "model_provider": "ngsd",
        "finish_reason": generation.finish_reason,
        "ngsd": {
            "record_id": generation.id,
            "guarded": generation.guarded,
            "risk": generation.risk,
            "alpha": generation.alpha,
            "num_spikes": generation.num_spikes,
            "num_overrides": generation.num_overrides,
            "peak_potential": generation.peak_potential,
            "seed": generation.seed,
        },
    }
