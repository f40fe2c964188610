"""Errors of an answer, in the words of the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from ngsd_guard.chat import ChatRequest, IncompleteJsonError
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.server._errors import ApiError, as_api_error

_WORDS: Final = (
    "type properties items required enum const array boolean integer null number object string "
    "additionalProperties minLength maxLength minItems maxItems minimum maximum pattern format "
    "anyOf oneOf allOf $ref $defs definitions name description parameters function tools"
)
_KEPT: Final = frozenset(_WORDS.split())
"""Words of schemas that may stand in a message."""


@contextmanager
def translated(request: ChatRequest) -> Iterator[None]:
    """Raise errors inside as `ApiError`, without names from the request's tools and schema.

    Raises:
        ApiError: the tools or the schema are wrong, or the JSON did not fit.
    """
    try:
        yield
    except IncompleteJsonError:
        raise ApiError(
            400,
            "the answer ended before its JSON was complete; allow more tokens, bound strings and "
            "arrays in the schema, and give no stop strings that JSON may contain",
            code="incomplete_json",
        ) from None
    except ConfigurationError as error:
        answer = as_api_error(error)
        message = _without(answer.message, [request.tools, request.response_format])
        raise ApiError(answer.status, message, code=answer.code) from None


def _without(message: str, given: Any) -> str:
    texts = {text for text in _texts_in(given) if len(text) > 2} - _KEPT
    for text in sorted(texts, key=len, reverse=True):
        message = message.replace(text, "…")
    return message


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *_texts_in(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts_in(item)
