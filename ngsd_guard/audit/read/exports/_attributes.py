"""The members of a record as attributes of OpenTelemetry."""

import json
from collections.abc import Container, Mapping
from typing import Any, Final

GEN_AI: Final = {
    "base": "gen_ai.request.model",
    "max_new_tokens": "gen_ai.request.max_tokens",
    "temperature": "gen_ai.request.temperature",
    "top_k": "gen_ai.request.top_k",
    "top_p": "gen_ai.request.top_p",
    "seed": "gen_ai.request.seed",
    "usage.input_tokens": "gen_ai.usage.input_tokens",
    "usage.output_tokens": "gen_ai.usage.output_tokens",
    "usage.cached_tokens": "gen_ai.usage.cache_read.input_tokens",
    "session_id": "gen_ai.conversation.id",
    "error_type": "error.type",
}
"""Members that the semantic conventions have a name for; all others are under `ngsd.`."""
PROVIDER: Final = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "ngsd-guard"}
_NOT_TOLD: Final = frozenset({"kind", "time_utc", "time_monotonic_s"})
_LARGEST_INTEGER: Final = 2**63 - 1


def attributes(fields: Mapping[str, Any], *, without: Container[str] = ()) -> dict[str, Any]:
    """Return a record's members under their OpenTelemetry names.

    Members that are None are left out. A member of a member has both names, `ngsd.timing.total_s`;
    a list of objects is JSON.

    Args:
        fields: a record as its model or the log gives it.
        without: members to leave out.
    """
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in without and name not in _NOT_TOLD:
            _put(found, name, value)
    if fields.get("kind") == "request":
        found |= PROVIDER
        found["gen_ai.response.id"] = fields["event_id"]
        if fields.get("finish_reason") is not None:
            found["gen_ai.response.finish_reasons"] = [fields["finish_reason"]]
    return found


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    if isinstance(value, Mapping):
        for inner, item in value.items():
            _put(found, f"{name}.{inner}", item)
    elif value is not None:
        found[GEN_AI.get(name, f"ngsd.{name}")] = _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        if any(isinstance(item, Mapping) for item in value):
            return json.dumps(value)
        return list(value)
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return str(value)
    return value
