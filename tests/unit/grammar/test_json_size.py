"""The bound on completions of a JSON answer, compared with hand counts where it is exact."""

from typing import Any

import pytest

from ngsd_guard.grammar._json_size import longest_remainder

ANY = 26  # an array of one number, the longest of the simple values


@pytest.mark.parametrize(
    ("schema", "size"),
    [
        ({"type": "integer"}, ANY),
        ({"type": "string", "minLength": 100}, 102),
        ({"enum": ["a", "b" * 50]}, 52 + ANY),
        ({"anyOf": [{"type": "null"}, {"minLength": 98}]}, 100 + ANY),
        ({"type": "array", "items": {"minLength": 28}, "minItems": 4}, 2 + 4 * (30 + 2)),
    ],
)
def test_size_of_simple_schemas(schema: dict[str, Any], size: int) -> None:
    assert longest_remainder(schema) == size


def test_object_counts_required_properties_and_the_longest_optional_one() -> None:
    long, short = {"minLength": 98}, {"type": "integer"}
    parts = {"a": long, "b": short, "c": long, "d": long}
    one = longest_remainder({"properties": {"a": long}, "required": ["a"]})
    two = longest_remainder({"properties": parts, "required": ["a"]})
    three = longest_remainder({"properties": parts, "required": ["a", "c"]})
    assert one < two < three
    assert two - one == three - two == 100 + len('"c"') + 4


def test_references_are_followed_once_and_cycles_terminate() -> None:
    schema: dict[str, Any] = {
        "$defs": {"tree": {"properties": {"kids": {"items": {"$ref": "#/$defs/tree"}}}}},
        "$ref": "#/$defs/tree",
    }
    assert 0 < longest_remainder(schema) < 200
    assert longest_remainder({"$ref": "#"}) > 0


def test_shared_parts_are_measured_once() -> None:
    """Each level uses the next twice: without memoisation the time would be exponential."""
    parts = {
        f"p{n}": {"allOf": [{"$ref": f"#/$defs/p{n + 1}"}] * 2, "minLength": 1} for n in range(60)
    }
    schema = {"$defs": {**parts, "p60": {"type": "null"}}, "$ref": "#/$defs/p0"}
    assert longest_remainder(schema) > 2**60


@pytest.mark.parametrize("schema", [{"properties": 3}, {"items": True}, {"required": "a"}, {}])
def test_invalid_schemas_have_a_size(schema: dict[str, Any]) -> None:
    assert longest_remainder(schema) > 0
