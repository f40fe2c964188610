"""Members of a record as OpenTelemetry attributes."""

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
"""Members that have a name in the semantic conventions; all others are under `ngsd.`."""
PROVIDER: Final = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "ngsd-guard"}
_OMITTED: Final = frozenset({"kind", "time_utc", "time_monotonic_s"})
_LARGEST_INTEGER: Final = 2**63 - 1


def attributes(fields: Mapping[str, Any], *, without: Container[str] = ()) -> dict[str, Any]:
    """Return a record's members under their OpenTelemetry names.

    Members that are None are omitted. Names of nested members are joined, as in
    `ngsd.timing.total_s`; lists of objects become JSON.

    Args:
        fields: the members of a record.
        without: members to omit.
    """
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in without and name not in _OMITTED:
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
