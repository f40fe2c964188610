"""How long the rest of a JSON answer may have to be, from its schema."""

import json
import math
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.json_schemas._walking import resolved

_NUMBER: Final = 24
_KEY: Final = 16
_PATTERN: Final = 64
_PUNCTUATION: Final = 4
_NO_ASSERTIONS: Final = {
    "$ref", "anyOf", "oneOf", "allOf", "$defs", "definitions", "$schema", "$id",
    "title", "description", "default", "examples", "discriminator", "x-guidance",
}  # fmt: skip
"""Keywords that ask nothing of a value themselves."""


class _Size(NamedTuple):
    """In bytes."""

    whole: float
    """Length of a short answer; infinite where none fits."""
    rest: float
    """Bound on the short completions of any beginning."""


_NOTHING: Final = _Size(0, 0)
_IMPOSSIBLE: Final = _Size(math.inf, 0)


def shortest_answer(schema: dict[str, Any]) -> float:
    """Return the length of a short answer, in bytes; infinite where none fits.

    Args:
        schema: a JSON schema. A part that contains itself is taken to end after one level.
    """
    return _Sizes(schema).of(schema).whole


def longest_remainder(schema: dict[str, Any]) -> int:
    """Return a bound on the shortest completion of any beginning of an answer, in bytes.

    It assumes that the beginning has entered the longest of several alternatives and one optional
    part.

    Args:
        schema: a JSON schema. A part that contains itself is counted once.
    """
    return int(_Sizes(schema).of(schema).rest)


class _Sizes:
    """Sizes of the parts of one schema."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._references: dict[str, _Size] = {}

    def of(self, schema: object) -> _Size:
        """Return the size of a part."""
        if schema is False:
            return _IMPOSSIBLE
        if not isinstance(schema, dict):
            return _Size(_NUMBER, _NUMBER)
        together = [
            *([self._reference(schema["$ref"])] if "$ref" in schema else []),
            *(_either(map(self.of, schema[key])) for key in ("anyOf", "oneOf") if key in schema),
            *map(self.of, schema.get("allOf", ())),
            *([_either(map(_value_size, schema["enum"]))] if "enum" in schema else []),
            *([_value_size(schema["const"])] if "const" in schema else []),
        ]
        is_listed = "const" in schema or "enum" in schema
        if not together or not (is_listed or schema.keys() <= _NO_ASSERTIONS):
            together.append(self._own(schema))
        return _Size(sum(one.whole for one in together), sum(one.rest for one in together))

    def _own(self, schema: dict[str, Any]) -> _Size:
        kinds = schema.get("type")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        sizes = {
            "object": self._object,
            "array": self._array,
            "string": _string_size,
        }
        return _either(
            sizes[kind](schema) if kind in sizes else _Size(_NUMBER, _NUMBER)
            for kind in kinds or (*sizes, "number")
        )

    def _reference(self, name: str) -> _Size:
        if name not in self._references:
            self._references[name] = _NOTHING  # it may contain itself
            try:
                part = resolved(self._root, name)
            except ConfigurationError:  # the engine follows more kinds of references
                part = {}
            self._references[name] = self.of(part)
        return self._references[name]

    def _object(self, schema: dict[str, Any]) -> _Size:
        named = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        free = [schema.get("additionalProperties", True), *patterns.values()]
        other = _either(self.of(part) for part in free)
        required = dict.fromkeys(schema.get("required", ()))
        sizes = {name: self.of(part) for name, part in named.items()}
        sizes |= {name: other for name in required if name not in sizes}
        keys = {name: len(_text(name)) + _PUNCTUATION for name in sizes}
        num_more = max(0, int(schema.get("minProperties", 0)) - len(required))
        whole = (
            2
            + sum(keys[name] + sizes[name].whole for name in required)
            + (num_more * (_KEY + other.whole) if num_more else 0)
        )
        if math.isinf(whole):
            return _IMPOSSIBLE
        entered = [
            size.rest - size.whole if name in required else keys[name] + size.rest
            for name, size in sizes.items()
            if not math.isinf(size.whole)
        ]
        if not math.isinf(other.whole) and any(isinstance(part, dict) for part in free):
            entered.append(_KEY + other.rest)
        return _Size(whole, whole + max(entered, default=0))

    def _array(self, schema: dict[str, Any]) -> _Size:
        items = schema.get("items", True)
        first = schema.get("prefixItems", items if isinstance(items, list) else [])
        item = self.of(schema.get("additionalItems", True) if isinstance(items, list) else items)
        sizes = [self.of(part) for part in first]
        least = int(schema.get("minItems", 0))
        needed = [size.whole for size in sizes[:least]]
        num_more = max(0, least - len(first))
        whole = 2 + sum(needed) + 2 * least + (num_more * item.whole if num_more else 0)
        if math.isinf(whole):
            return _IMPOSSIBLE
        possible = [size for size in (*sizes, item) if not math.isinf(size.whole)]
        entered = max((2 + size.rest for size in possible), default=0)
        return _Size(whole, whole + entered)


def _either(sizes: Iterable[_Size]) -> _Size:
    possible = [size for size in sizes if not math.isinf(size.whole)]
    if not possible:
        return _IMPOSSIBLE
    return _Size(min(size.whole for size in possible), max(size.rest for size in possible))


def _value_size(value: object) -> _Size:
    return _Size(len(_text(value)), len(_text(value)))


def _string_size(schema: dict[str, Any]) -> _Size:
    is_shaped = "pattern" in schema or "format" in schema
    size = 2 + int(schema.get("minLength", 0)) + (_PATTERN if is_shaped else 0)
    return _Size(size, size)


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace")
