"""The parts of a JSON schema, and the references between them."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from ngsd_guard.errors import ConfigurationError

MAPS: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
"""Keywords that map names to schemas."""
LISTS: Final = ("allOf", "anyOf", "oneOf", "prefixItems")
"""Keywords with a list of schemas."""
SINGLES: Final = (
    "items", "additionalItems", "additionalProperties", "unevaluatedItems", "unevaluatedProperties",
    "contains", "propertyNames", "not", "if", "then", "else",
)  # fmt: skip
"""Keywords with one schema; `items` may be a list in older drafts."""
DEFINITIONS: Final = ("$defs", "definitions")
IN_PLACE: Final = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas")
"""Keywords whose schemas describe the same value as the schema they stand in."""

Change = Callable[[Any, str, str], Any]
"""From a part, the keyword that it belongs to and its place, to what replaces it."""


def parts(schema: Any, place: str = "#") -> Iterator[tuple[str, str, Any]]:
    """Return the direct parts of a schema: keyword, place as a JSON pointer, and schema.

    Keywords whose values are of a wrong type have no parts.
    """
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():
        if key in MAPS and isinstance(value, dict):
            for name, part in value.items():
                yield key, f"{place}/{key}/{escaped(name)}", part
        elif isinstance(value, list) and (key in LISTS or key == "items"):
            for index, part in enumerate(value):
                yield key, f"{place}/{key}/{index}", part
        elif key in SINGLES:
            yield key, f"{place}/{key}", value


def rebuilt(schema: dict[str, Any], change: Change, place: str = "#") -> dict[str, Any]:
    """Return a copy of a schema with its direct parts replaced."""
    copy: dict[str, Any] = {}
    for key, value in schema.items():
        where = f"{place}/{key}"
        if key in MAPS and isinstance(value, dict):
            copy[key] = {
                name: change(part, key, f"{where}/{escaped(name)}") for name, part in value.items()
            }
        elif isinstance(value, list) and (key in LISTS or key == "items"):
            copy[key] = [change(part, key, f"{where}/{i}") for i, part in enumerate(value)]
        else:
            copy[key] = change(value, key, where) if key in SINGLES else value
    return copy


def escaped(name: str) -> str:
    """Return a name as one part of a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def resolved(root: dict[str, Any], reference: str) -> Any:
    """Return the part that a reference names.

    Args:
        root: the whole schema.
        reference: `#`, or `#/` and a JSON pointer.

    Raises:
        ConfigurationError: there is no such part, or the reference leaves the schema.
    """
    if reference not in ("#", "") and not reference.startswith("#/"):
        raise refusal(
            f"$ref {reference!r}", "only '#' and pointers such as '#/$defs/name' can be followed"
        )
    part: Any = root
    for key in reference.removeprefix("#").split("/")[1:]:
        key = key.replace("~1", "/").replace("~0", "~")
        if isinstance(part, list) and key.isdecimal() and int(key) < len(part):
            part = part[int(key)]
        elif isinstance(part, dict) and key in part:
            part = part[key]
        else:
            raise refusal(f"$ref {reference!r}", "nothing is there")
    return part


def refusal(
    place: str, reason: str, *, remedy: str = "correct the schema there"
) -> ConfigurationError:
    """Return the error that names a place in a schema and what is wrong with it."""
    return ConfigurationError(f"JSON schema, {place}: {reason}; {remedy}")
