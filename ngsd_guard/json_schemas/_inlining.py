"""Referenced parts written in place of their references."""

from typing import Any, Final

from ngsd_guard.json_schemas._unrolling import ReferenceGraph
from ngsd_guard.json_schemas._walking import DEFINITIONS, rebuilt, resolved

_NOTES: Final = {"title", "description", "default", "examples", "deprecated"}
_MOST_PARTS: Final = 500


def inlined_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with its referenced parts in place, as chat templates show them best.

    References that go round, or that stand beside keywords which ask for something, are kept with
    their definitions. A schema that would become very large is returned as it is.

    Args:
        schema: a well-formed JSON schema.

    Raises:
        ConfigurationError: a reference leads nowhere.
    """
    inliner = _Inliner(schema)
    bare = {key: value for key, value in schema.items() if key not in DEFINITIONS}
    if bare.keys() - _NOTES == {"$ref"} and bare["$ref"] in inliner.cycles:
        # Templates look for the properties of the whole.
        target = resolved(schema, bare.pop("$ref"))
        bare = {**target, **bare} if isinstance(target, dict) else bare
    try:
        inlined: dict[str, Any] = inliner.inlined(bare)
    except _TooLargeError:
        return schema
    kept: dict[str, Any] = {key: schema[key] for key in DEFINITIONS if key in schema}
    return {**inlined, **kept} if inliner.has_kept else inlined


class _TooLargeError(Exception):
    """The schema is used too often in itself."""


class _Inliner:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self.cycles = ReferenceGraph(root).cycles
        """References that go round."""
        self._num_parts = 0
        self.has_kept = False
        """Whether a reference was kept."""

    def inlined(self, schema: Any) -> Any:
        """Return a part with its references replaced."""
        if not isinstance(schema, dict):
            return schema
        name = schema.get("$ref")
        if name is None:
            return rebuilt(schema, lambda part, key, place: self.inlined(part))
        own = {key: value for key, value in schema.items() if key != "$ref"}
        target = resolved(self._root, name)
        if name in self.cycles or not own.keys() <= _NOTES or not isinstance(target, dict):
            self.has_kept = True
            return rebuilt(schema, lambda part, key, place: self.inlined(part))
        self._num_parts += 1
        if self._num_parts > _MOST_PARTS:
            raise _TooLargeError
        return {**self.inlined(target), **own}
