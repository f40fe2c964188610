"""Whether a JSON schema is well formed, keyword by keyword."""

import math
from collections.abc import Mapping
from typing import Any, Final

from ngsd_guard.json_schemas._walking import (
    DEFINITIONS,
    LISTS,
    MAPS,
    SINGLES,
    escaped,
    refusal,
)

_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
_COUNTS: Final = (
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
)  # fmt: skip
_NUMBERS: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TEXTS: Final = ("$ref", "pattern", "format")
_DEEPEST: Final = 200


def check_schema(schema: Any, place: str = "#", depth: int = 0) -> None:
    """Refuse a schema in which a keyword has a value of the wrong kind.

    Unknown keywords are left alone, as JSON Schema has it.

    Args:
        schema: what is given as a JSON schema.
        place: its JSON pointer, for the error.
        depth: how many schemas it lies in.

    Raises:
        ConfigurationError: it is malformed; the message names the place.
    """
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        raise refusal(place, f"a schema is an object or a boolean, not {_kind(schema)}")
    if depth > _DEEPEST:
        raise refusal(place, f"schemas lie in one another more than {_DEEPEST} deep")
    for key, value in schema.items():
        if not isinstance(key, str):
            raise refusal(place, f"a keyword is text, not {_kind(key)}")
        where = f"{place}/{escaped(key)}"
        if key in MAPS:
            _check_map(key, value, where, depth)
        elif key in LISTS or (key == "items" and isinstance(value, list)):
            _check_list(value, where, depth)
        elif key in SINGLES:
            check_schema(value, where, depth + 1)
        else:
            _check_value(key, value, where)


def _check_map(key: str, value: Any, place: str, depth: int) -> None:
    if not isinstance(value, Mapping):
        what = "definitions" if key in DEFINITIONS else "schemas"
        raise refusal(place, f"it maps names to {what}, so it is an object, not {_kind(value)}")
    for name, part in value.items():
        check_schema(part, f"{place}/{escaped(name)}", depth + 1)


def _check_list(value: Any, place: str, depth: int) -> None:
    if not isinstance(value, list | tuple) or not value:
        raise refusal(place, f"it is a list of at least one schema, not {_kind(value)}")
    for index, part in enumerate(value):
        check_schema(part, f"{place}/{index}", depth + 1)


def _check_value(key: str, value: Any, place: str) -> None:
    if key == "type":
        _check_type(value, place)
    elif key == "enum":
        if not isinstance(value, list | tuple) or not value:
            raise refusal(place, f"it is a list of at least one value, not {_kind(value)}")
    elif key == "required":
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise refusal(place, f"it is a list of names, not {_kind(value)}")
    elif key in _TEXTS and not isinstance(value, str):
        raise refusal(place, f"it is text, not {_kind(value)}")
    elif key in _COUNTS and not _is_count(value):
        raise refusal(place, f"it is a whole number from 0, not {_kind(value)}")
    elif key in _NUMBERS and not _is_number(value, is_divisor=key == "multipleOf"):
        raise refusal(place, f"it is a number{' above 0' * (key == 'multipleOf')}, not {value!r}")


def _check_type(value: Any, place: str) -> None:
    names = value if isinstance(value, list | tuple) else [value]
    unknown = [name for name in names if name not in _TYPES]
    if unknown or not names:
        shown = repr(unknown[0])[:80] if unknown else "an empty list"
        raise refusal(place, f"{shown} is not a type; use {', '.join(_TYPES)}, or a list of these")


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_number(value: Any, *, is_divisor: bool = False) -> bool:
    is_finite = isinstance(value, int | float) and not isinstance(value, bool)
    return is_finite and math.isfinite(value) and (value > 0 or not is_divisor)


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str | int | float):
        return repr(value)[:80]
    if isinstance(value, list | tuple):
        return "a list" if value else "an empty list"
    return "an object" if isinstance(value, dict) else f"of type {type(value).__name__}"
