"""What both endpoints say of a finished answer."""

import json
from collections.abc import Mapping
from typing import Any

from ngsd_guard.chat import Finished
from ngsd_guard.server._errors import ApiError


def guards_refusal(text: str, finished: Finished) -> str | None:
    """Return the text of an answer that refuses because the guard changed it; None for others."""
    return text if finished.is_guards_refusal(text) else None


def ngsd_field(finished: Finished, refusal: str | None) -> dict[str, Any]:
    """Return the `ngsd` field of an answer; it contains no text."""
    return {**finished.summary(), "refused": refusal is not None}


def require_whole(finished: Finished) -> None:
    """Refuse to present an answer that was cancelled as a complete one.

    Raises:
        ApiError: it was cancelled.
    """
    if finished.finish_reason == "cancelled":
        raise ApiError(503, "the answer was cancelled; send the request again", code="cancelled")


def broken_call() -> ApiError:
    """Return the error for a call that was streamed in part and turned out not to be valid."""
    return ApiError(
        502,
        "the model wrote a tool call that is not valid; discard it and send the request again",
        code="invalid_tool_call",
    )


def written(arguments: Mapping[str, Any]) -> str:
    """Return the arguments of a call as JSON text that has a UTF-8 form."""
    text = json.dumps(arguments, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(arguments)
