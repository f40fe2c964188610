"""Objects that have only the properties that their schema lists."""

from typing import Any, Final

from ngsd_guard.json_schemas._walking import DEFINITIONS, IN_PLACE, parts, rebuilt, resolved

_OPENING: Final = ("additionalProperties", "patternProperties", "unevaluatedProperties")
_ASIDE: Final = ("$defs", "definitions", "title", "description", "default", "examples", "type",
                 "$schema", "$id", "$comment", "deprecated", "discriminator")  # fmt: skip
"""Keywords that add no properties to a value."""


def closed_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose objects have only listed properties, unless it says otherwise.

    Whatever fits it fits the schema given. Left open are objects whose properties are listed in
    several places (`allOf`, or a `$ref` beside other keywords), since closing one place would
    forbid what another lists.

    Args:
        schema: a well-formed JSON schema.
    """
    closed: dict[str, Any] = _closed(schema, _Shared(schema).parts)
    return closed


def _closed(schema: Any, shared: set[int]) -> Any:
    if not isinstance(schema, dict):
        return schema
    closed = rebuilt(schema, lambda part, key, place: _closed(part, shared))
    named = schema.get("properties")
    if (
        named is not None
        and id(schema) not in shared
        and set(schema.get("required", ())) <= set(named)
        and not any(key in schema for key in (*_OPENING, *IN_PLACE, "$ref"))
    ):
        closed["additionalProperties"] = False
    return closed


class _Shared:
    """Finds the parts that describe a value together with another part."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self.parts: set[int] = set()
        """Ids of the parts."""
        self._visit(root)

    def _visit(self, schema: Any) -> None:
        if not isinstance(schema, dict):
            return
        own = [key for key in schema if key not in _ASIDE]
        is_shared = len(schema.get("allOf", ())) + len([k for k in own if k != "allOf"]) > 1
        if is_shared or not self._are_disjoint(schema.get("oneOf", [])):
            self._share_in_place(schema)
        for _, _, part in parts(schema):
            self._visit(part)

    def _share_in_place(self, schema: dict[str, Any]) -> None:
        for key, _, part in parts(schema):
            if key in IN_PLACE:
                self._share(part)
        if "$ref" in schema:
            self._share(resolved(self._root, schema["$ref"]))

    def _share(self, schema: Any) -> None:
        if not isinstance(schema, dict) or id(schema) in self.parts:
            return
        self.parts.add(id(schema))
        for key, _, part in parts(schema):
            if key not in DEFINITIONS:
                self._share(part)  # a property may be described in two places, too
        if "$ref" in schema:
            self._share(resolved(self._root, schema["$ref"]))

    def _are_disjoint(self, alternatives: list[Any]) -> bool:
        """Whether no value fits two alternatives, closed or not: by their types, or by a tag."""
        followed = [self._followed(one) for one in alternatives]
        kinds = [one.get("type") for one in followed]
        if all(isinstance(kind, str) for kind in kinds) and len({*kinds}) == len(kinds):
            return not {"integer", "number"} <= {*kinds}
        names = [name for one in followed[:1] for name in one.get("required", ())]
        return any(_is_tag(name, followed) for name in names)

    def _followed(self, schema: Any) -> dict[str, Any]:
        seen: list[Any] = []
        while isinstance(schema, dict) and "$ref" in schema and schema not in seen:
            seen.append(schema)
            schema = resolved(self._root, schema["$ref"])
        return schema if isinstance(schema, dict) else {}


def _is_tag(name: str, alternatives: list[dict[str, Any]]) -> bool:
    """Whether a property is required everywhere, with texts that differ."""
    found: list[str] = []
    for one in alternatives:
        own = one.get("properties", {}).get(name, {})
        values: list[Any] = [None]
        if isinstance(own, dict):
            values = own.get("enum", [own.get("const")])
        if one.get("type") != "object" or name not in one.get("required", ()):
            return False
        if not all(isinstance(value, str) for value in values):
            return False
        found += values
    return len({*found}) == len(found)
