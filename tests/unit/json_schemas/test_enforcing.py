"""Schemas made ready for a grammar: refused by place, closed where sound, recursion bounded."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ngsd_guard import ConfigurationError
from ngsd_guard.json_schemas import (
    enforceable_schema,
    inlined_schema,
    longest_remainder,
    shortest_answer,
)

INTEGER = {"type": "integer"}
TREE: dict[str, Any] = {
    "$ref": "#/$defs/tree",
    "$defs": {
        "tree": {
            "type": "object",
            "properties": {
                "value": INTEGER,
                "children": {"type": "array", "items": {"$ref": "#/$defs/tree"}},
            },
            "required": ["value"],
        }
    },
}
EXPRESSION: dict[str, Any] = {
    "$ref": "#/$defs/expression",
    "$defs": {
        "expression": {"anyOf": [INTEGER, {"$ref": "#/$defs/sum"}]},
        "sum": {
            "type": "object",
            "properties": {
                "left": {"$ref": "#/$defs/expression"},
                "right": {"$ref": "#/$defs/expression"},
            },
            "required": ["left", "right"],
        },
    },
}


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"required": None}, "#/required: it is a list of names, not null"),
        ({"properties": {"a": {"required": [1]}}}, "#/properties/a/required"),
        ({"properties": []}, "#/properties: it maps names to schemas"),
        ({"properties": {"a/b": {"type": "float"}}}, "#/properties/a~1b/type: 'float'"),
        ({"type": None}, "#/type: None is not a type"),
        ({"type": []}, "#/type: an empty list"),
        ({"anyOf": []}, "#/anyOf: it is a list of at least one schema"),
        ({"items": {"allOf": [{"items": 3}]}}, "#/items/allOf/0/items: a schema is"),
        ({"$defs": {"x": None}}, r"#/\$defs/x: a schema is"),
        ({"minLength": -1}, "#/minLength: it is a whole number"),
        ({"maxItems": "3"}, "#/maxItems"),
        ({"multipleOf": 0}, "#/multipleOf: it is a number above 0"),
        ({"minimum": "1"}, "#/minimum"),
        ({"pattern": 1}, "#/pattern: it is text"),
        ({"enum": "ab"}, "#/enum"),
        ({"$ref": 1}, r"#/\$ref: it is text"),
        ({"$ref": "#/$defs/lost"}, r"\$ref '#/\$defs/lost': nothing is there"),
        ({"$ref": "https://example.org/x"}, "only '#' and pointers"),
        ({"type": "object", "minProperties": 3}, "#/minProperties: 3 properties of names"),
        ({"$ref": "#"}, "#: it refers to itself for the same value"),
        ({"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "#: it refers to itself"),
        (
            {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
            "#: nothing fits it",
        ),
        ({"const": float("nan")}, "not JSON"),
    ],
)
def test_what_cannot_be_enforced_is_refused_by_place(schema: dict[str, Any], place: str) -> None:
    with pytest.raises(ConfigurationError, match=place):
        enforceable_schema(schema)


@pytest.mark.parametrize("schema", [TREE, EXPRESSION])
def test_recursion_is_written_out_until_it_ends(schema: dict[str, Any]) -> None:
    bounded = enforceable_schema(schema)
    assert longest_remainder(bounded) <= 448
    assert shortest_answer(bounded) < 50
    assert enforceable_schema(bounded) == bounded


def nested(depth: int) -> dict[str, Any]:
    return {"value": 1, "children": [nested(depth - 1)] if depth else []}


def test_written_out_recursion_takes_what_the_schema_takes_up_to_its_depth() -> None:
    given, bounded = Draft202012Validator(TREE), Draft202012Validator(enforceable_schema(TREE))
    for depth in range(6):
        assert given.is_valid(nested(depth))
        assert bounded.is_valid(nested(depth))
    assert given.is_valid(nested(40))
    assert not bounded.is_valid(nested(40))
    assert not bounded.is_valid({"value": 1, "children": [{}]})


def test_unknown_formats_are_notes_and_known_ones_hold() -> None:
    assert enforceable_schema({"type": "string", "format": "path"}) == {"type": "string"}
    date = enforceable_schema({"type": "string", "format": "date"})
    validator = Draft202012Validator({"pattern": date["pattern"]})
    for day in ("2024-02-29", "2000-02-29", "0800-12-25", "2023-12-31"):
        assert validator.is_valid(day), day
    for day in ("2023-02-29", "1900-02-29", "2023-04-31", "0000-01-01", "2023-00-10"):
        assert not validator.is_valid(day), day
    assert enforceable_schema(date) == date


def test_objects_are_closed_where_no_other_place_lists_their_properties() -> None:
    def one(name: str) -> dict[str, Any]:
        return {"type": "object", "properties": {name: INTEGER}, "required": [name]}

    def closed(schema: dict[str, Any]) -> Draft202012Validator:
        return Draft202012Validator(enforceable_schema(schema, is_closed=True))

    assert not closed(one("a")).is_valid({"a": 1, "b": 2})
    assert not closed({"$ref": "#/$defs/a", "$defs": {"a": one("a")}}).is_valid({"a": 1, "b": 2})
    joined = {"allOf": [{"$ref": "#/$defs/a"}, one("b")], "$defs": {"a": one("a")}}
    assert closed(joined).is_valid({"a": 1, "b": 2})
    beside = {**one("a"), "anyOf": [one("b"), one("c")]}
    assert closed(beside).is_valid({"a": 1, "c": 2})


def test_alternatives_that_overlap_are_not_closed_into_disjoint_ones() -> None:
    small = {"type": "object", "properties": {"a": INTEGER}, "required": ["a"]}
    large = {"type": "object", "properties": {"a": INTEGER, "b": INTEGER}, "required": ["a", "b"]}
    written = enforceable_schema({"oneOf": [small, large]}, is_closed=True)
    assert not Draft202012Validator(written).is_valid({"a": 1, "b": 2})
    tagged = [
        {
            "type": "object",
            "properties": {"kind": {"const": kind}, "x": INTEGER},
            "required": ["kind"],
        }
        for kind in ("p", "q")
    ]
    written = enforceable_schema({"oneOf": tagged}, is_closed=True)
    assert Draft202012Validator(written).is_valid({"kind": "p", "x": 1})
    assert not Draft202012Validator(written).is_valid({"kind": "p", "y": 1})


def test_references_are_inlined_unless_they_go_round() -> None:
    point = {"type": "object", "properties": {"x": INTEGER}}
    schema = {
        "properties": {"a": {"$ref": "#/$defs/p", "description": "first"}},
        "$defs": {"p": point},
    }
    assert inlined_schema(schema) == {"properties": {"a": {**point, "description": "first"}}}
    shown = inlined_schema(TREE)
    assert shown["properties"]["children"] == {"type": "array", "items": {"$ref": "#/$defs/tree"}}
    assert shown["$defs"] == TREE["$defs"]
