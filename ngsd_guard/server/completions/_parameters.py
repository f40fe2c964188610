"""Which parameters an endpoint takes, ignores or refuses."""

import difflib
from collections.abc import Collection, Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from ngsd_guard.server._errors import ApiError

IGNORED: Final = frozenset(
    {
        "user",
        "metadata",
        "service_tier",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "prediction",
    }
)
"""Parameters that change no answer."""
MAX_TOOLS: Final = 128


class Strict(BaseModel):
    """A part of a body whose fields are all known, without conversions between types."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Body(BaseModel):
    """A body whose further parameters `check_parameters` sorts."""

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False)


def check_parameters(
    body: Body,
    *,
    ignored: Collection[str],
    neutral: Mapping[str, Any],
    refused: Collection[str],
) -> None:
    """Refuse parameters that are unknown, or would change the answer and are not supported.

    Args:
        body: the body of a request.
        ignored: parameters that are left alone, whatever their value.
        neutral: parameters that are not supported, with the value that asks for nothing.
        refused: further parameters that are not supported.

    Raises:
        ApiError: there is such a parameter; the message names it if its name is a known one.
    """
    for name, value in (body.model_extra or {}).items():
        if value is None or name in ignored:
            continue
        if name in neutral and value == neutral[name] and type(value) is not bool:
            continue
        if name in neutral and value is neutral[name]:
            continue
        if name in neutral or name in refused:
            raise unsupported(name, "leave it out")
        names = [*type(body).model_fields, *ignored, *neutral, *refused]
        close = difflib.get_close_matches(name[:40], names, n=1)
        hint = f"did you mean {close[0]}?" if close else "see /openapi.json for those there are"
        raise ApiError(400, f"there is an unknown parameter; {hint}", code="unknown_parameter")


def unsupported(name: str, remedy: str) -> ApiError:
    """Return the error for something that would change the answer and is not supported."""
    return ApiError(
        400, f"{name} is not supported here; {remedy}", code="unsupported_parameter", param=name
    )


def seed_of(seed: int | None) -> int | None:
    """Return a seed as the engine takes it; negative ones are valid for OpenAI."""
    return None if seed is None else seed % 2**63
