"""From the schema that a user gave to one that a grammar can hold an answer to."""

import json
from collections.abc import Mapping
from typing import Any

from ngsd_guard.json_schemas._check import check_schema
from ngsd_guard.json_schemas._closing import closed_schema
from ngsd_guard.json_schemas._formats import with_formats
from ngsd_guard.json_schemas._unrolling import unrolled
from ngsd_guard.json_schemas._walking import rebuilt, refusal


def enforceable_schema(schema: Mapping[str, Any], *, is_closed: bool = False) -> dict[str, Any]:
    """Return a schema without references that go round, and without notes.

    Whatever fits it fits the schema given. Parts that contain themselves are written out to a
    bounded depth, so that an answer can always be ended. Unknown formats are dropped; dates, times,
    durations and addresses are narrowed to ones that exist.

    Args:
        schema: a JSON schema.
        is_closed: objects have only the properties that their schema lists, unless it says
            otherwise.

    Raises:
        ConfigurationError: it is malformed, refers to something outside it, or asks for something
            that cannot be kept while an answer is written; the message names the place.
    """
    check_schema(schema)
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(schema), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal("#", f"it is not JSON: {error}") from error
    return unrolled(_prepared(closed_schema(copy) if is_closed else copy, "", "#"))


def _prepared(schema: Any, key: str, place: str) -> Any:
    if not isinstance(schema, dict):
        return schema
    if place != "#" and isinstance(schema.get("$id"), str) and not schema["$id"].startswith("#"):
        raise refusal(f"{place}/$id", "a schema inside another one cannot have an address")
    _check_count(schema, place)
    prepared = with_formats(rebuilt(schema, _prepared, place))
    return {name: value for name, value in prepared.items() if not _is_idle(name, prepared)}


def _is_idle(key: str, schema: dict[str, Any]) -> bool:
    """Whether a keyword, which the engine would refuse, asks for nothing more than the others."""
    if key == "uniqueItems":
        return schema[key] is False
    if key == "minProperties":
        return bool(schema[key] <= len({*schema.get("required", ())}))
    is_closed = schema.get("additionalProperties") is False and "patternProperties" not in schema
    return key == "maxProperties" and is_closed and len(schema.get("properties", ())) <= schema[key]


def _check_count(schema: dict[str, Any], place: str) -> None:
    """Refuse a least number of properties that repeating one name would seem to reach."""
    least, required = schema.get("minProperties", 0), len({*schema.get("required", ())})
    is_free = schema.get("additionalProperties") is not False or "patternProperties" in schema
    if is_free and least > max(1, required):
        raise refusal(
            f"{place}/minProperties",
            f"{least} properties of names that are not known beforehand cannot be enforced, since "
            "a name may be written twice",
            remedy="list the names in 'required'",
        )
