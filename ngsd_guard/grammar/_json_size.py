"""A bound on the length of the shortest completion of a JSON answer, at any point."""

import json
from collections.abc import Iterable
from typing import Any, Final

_NUMBER: Final = 24
_KEY: Final = 16
_PATTERN: Final = 64
_PUNCTUATION: Final = 4


def longest_remainder(schema: dict[str, Any]) -> int:
    """Return a bound on the shortest completion of any prefix of an answer, in bytes.

    It assumes that the prefix has entered the longest of several alternatives and one optional
    part. A part that contains itself is counted once, since a recursive schema has no bound.

    Args:
        schema: a JSON schema.
    """
    return _Sizes(schema).of(schema)


class _Sizes:
    """Sizes of the parts of one schema."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._references: dict[str, int] = {}

    def of(self, schema: object) -> int:
        """Return the size of a part, in bytes."""
        if not isinstance(schema, dict):
            return _NUMBER
        values = [*_list(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]
        return (
            max((len(_text(value)) for value in values), default=0)
            + self._reference(schema.get("$ref"))
            + sum(self._largest(_list(schema.get(name))) for name in ("anyOf", "oneOf"))
            + sum(map(self.of, _list(schema.get("allOf"))))
            + max(self._object(schema), self._array(schema), _string_size(schema), _NUMBER)
        )

    def _largest(self, schemas: Iterable[object]) -> int:
        return max(map(self.of, schemas), default=0)

    def _reference(self, name: object) -> int:
        if not isinstance(name, str):
            return 0
        if name not in self._references:
            self._references[name] = 0  # it may contain itself
            self._references[name] = self.of(self._resolve(name))
        return self._references[name]

    def _resolve(self, name: str) -> object:
        part: Any = self._root
        for key in name.removeprefix("#").strip("/").split("/"):
            key = key.replace("~1", "/").replace("~0", "~")
            part = part.get(key) if isinstance(part, dict) else None
        return part if part is not None else {}

    def _object(self, schema: dict[str, Any]) -> int:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, dict) else {}
        required = _list(schema.get("required"))
        sizes = {
            name: len(_text(name)) + _PUNCTUATION + self.of(part)
            for name, part in properties.items()
        }
        others = [schema.get("additionalProperties")]
        patterns = schema.get("patternProperties")
        others += patterns.values() if isinstance(patterns, dict) else []
        other = _KEY + self._largest(part for part in others if isinstance(part, dict))
        lost = [name for name in required if name not in sizes]
        return (
            2
            + sum(sizes.get(name, 0) for name in required)
            + max((size for name, size in sizes.items() if name not in required), default=0)
            + sum(len(_text(name)) + other for name in lost)
            + (_count(schema.get("minProperties")) + 1) * other
        )

    def _array(self, schema: dict[str, Any]) -> int:
        prefix = sum(self.of(part) + 2 for part in _list(schema.get("prefixItems")))
        item = self.of(schema["items"]) + 2 if isinstance(schema.get("items"), dict) else _NUMBER
        return 2 + prefix + max(_count(schema.get("minItems")), 1) * item


def _string_size(schema: dict[str, Any]) -> int:
    is_shaped = "pattern" in schema or "format" in schema
    return 2 + _count(schema.get("minLength")) + (_PATTERN if is_shaped else 0)


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
