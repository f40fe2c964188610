"""The bounds on JSON answers, compared with hand counts where they are exact."""

import math
from typing import Any

import pytest

from ngsd_guard.json_schemas import longest_remainder, shortest_answer


@pytest.mark.parametrize(
    ("schema", "shortest", "rest"),
    [
        ({"type": "integer"}, 24, 24),
        ({"type": "string", "minLength": 100}, 102, 102),
        ({"enum": ["a", "b" * 50]}, 3, 52),
        ({"anyOf": [{"type": "null"}, {"type": "string", "minLength": 98}]}, 24, 100),
        (
            {"type": "array", "items": {"type": "string", "minLength": 28}, "minItems": 4},
            2 + 4 * (30 + 2),
            2 + 5 * (30 + 2),
        ),
    ],
)
def test_size_of_simple_schemas(schema: dict[str, Any], shortest: int, rest: int) -> None:
    assert shortest_answer(schema) == shortest
    assert longest_remainder(schema) == rest


def test_object_counts_required_properties_and_the_longest_optional_one() -> None:
    long, short = {"type": "string", "minLength": 98}, {"type": "integer"}
    parts = {"a": long, "b": short, "c": long, "d": long}
    one = longest_remainder({"type": "object", "properties": {"a": long}, "required": ["a"]})
    two = longest_remainder({"type": "object", "properties": parts, "required": ["a"]})
    three = longest_remainder({"type": "object", "properties": parts, "required": ["a", "c"]})
    assert one < two < three
    assert two - one == three - two == 100 + len('"c"') + 4


def test_what_nothing_fits_has_no_length() -> None:
    missing = {"type": "object", "properties": {"a": False}, "required": ["a"]}
    assert math.isinf(shortest_answer(missing))
    assert shortest_answer({"anyOf": [missing, {"const": 1}]}) == 1
    assert shortest_answer({"type": "object", "properties": {"a": False}}) == 2
    assert shortest_answer({"type": "array", "items": False}) == 2


def test_references_are_followed_once_and_cycles_terminate() -> None:
    schema: dict[str, Any] = {
        "$defs": {"tree": {"properties": {"kids": {"items": {"$ref": "#/$defs/tree"}}}}},
        "$ref": "#/$defs/tree",
    }
    assert 0 < longest_remainder(schema) < 200
    assert longest_remainder({"type": "object", "properties": {"a": {"$ref": "#"}}}) > 0


def test_shared_parts_are_measured_once() -> None:
    """Each level uses the next twice: without memoisation the time would be exponential."""
    parts = {
        f"p{n}": {"allOf": [{"$ref": f"#/$defs/p{n + 1}"}] * 2, "minLength": 1} for n in range(60)
    }
    schema = {"$defs": {**parts, "p60": {"type": "null"}}, "$ref": "#/$defs/p0"}
    assert longest_remainder(schema) > 2**60
