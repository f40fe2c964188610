"""Strategies of JSON schemas, as people and pydantic write them, and answers to them."""

import random
from typing import Any

from hypothesis import strategies as st

from ngsd_guard import DecodingError
from ngsd_guard.grammar import Grammar
from ngsd_guard.models import HFCausalLM

Schema = dict[str, Any]

NAMES = st.sampled_from(["a", "b", "id", "name", 'q"', "é"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text('ab {"é', max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=3,
)
FORMATS = ["date", "date-time", "time", "uuid", "ipv4", "email", "path", "ipv4network", "binary"]


def _without_none(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if value is not None}


@st.composite
def strings(draw: st.DrawFn) -> Schema:
    kind = draw(st.sampled_from(["plain", "length", "format", "pattern"]))
    schema: Schema = {"type": "string"}
    if kind == "length":
        least = draw(st.integers(0, 6))
        schema |= {"minLength": least, "maxLength": least + draw(st.integers(0, 6))}
    elif kind == "format":
        schema["format"] = draw(st.sampled_from(FORMATS))
    elif kind == "pattern":
        schema["pattern"] = draw(st.sampled_from(["^[A-Z]{2}-[0-9]+$", "a|b", "^x.*y$"]))
    return schema


@st.composite
def numbers(draw: st.DrawFn) -> Schema:
    least = draw(st.none() | st.integers(-50, 50))
    most = None if least is None else draw(st.none() | st.integers(least + 8, least + 90))
    schema = {
        "type": draw(st.sampled_from(["integer", "number"])),
        draw(st.sampled_from(["minimum", "exclusiveMinimum"])): least,
        draw(st.sampled_from(["maximum", "exclusiveMaximum"])): most,
        "multipleOf": draw(st.sampled_from([None, None, 1, 3])),
    }
    return _without_none(schema)


LEAVES = st.one_of(
    strings(),
    numbers(),
    st.just({"type": "boolean"}),
    st.just({"type": ["string", "null"], "maxLength": 5}),
    st.lists(VALUES, min_size=1, max_size=3).map(lambda values: {"enum": values}),
    VALUES.map(lambda value: {"const": value}),
)


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    named = draw(st.dictionaries(NAMES, inner, max_size=3))
    required = draw(st.lists(st.sampled_from([*named, "other"]), unique=True, max_size=2))
    others = draw(st.sampled_from([None, None, False, {"type": "integer"}]))
    if others is False:
        required = [name for name in required if name in named]
    schema = {
        "type": "object",
        "properties": named,
        "required": required or None,
        "additionalProperties": others,
        "minProperties": draw(st.sampled_from([None] * 8 + [1, 2])),
        "maxProperties": draw(st.sampled_from([None, None, None, 4])),
        "title": draw(st.sampled_from([None, "Thing"])),
    }
    return _without_none(schema)


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    least = draw(st.integers(0, 2))
    schema = {
        "type": "array",
        "items": draw(inner),
        "prefixItems": draw(st.none() | st.lists(inner, min_size=1, max_size=2)),
        "minItems": draw(st.sampled_from([None, least])),
        "maxItems": draw(st.sampled_from([None, least + 2])),
        "uniqueItems": draw(st.sampled_from([None] * 6 + [False, True])),
    }
    return _without_none(schema)


def combinations(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    listed = st.lists(inner, min_size=1, max_size=3)
    tagged = st.lists(objects(inner), min_size=2, max_size=2).map(_tagged)
    return st.one_of(
        listed.map(lambda parts: {"anyOf": parts}),
        listed.map(lambda parts: {"oneOf": parts}),
        st.lists(objects(inner), min_size=1, max_size=2).map(lambda parts: {"allOf": parts}),
        st.tuples(objects(inner), objects(inner)).map(lambda two: {**two[0], "anyOf": [two[1]]}),
        tagged,
    )


def _tagged(parts: list[Schema]) -> Schema:
    return {
        "oneOf": [
            {
                **part,
                "properties": {"kind": {"const": f"k{number}"}, **part["properties"]},
                "required": ["kind", *part.get("required", ())],
            }
            for number, part in enumerate(parts)
        ]
    }


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    """Draw a schema whose parts may refer to each other and to themselves."""
    references = [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}, {"$ref": "#"}]
    ends = [{"anyOf": [one, {"type": "null"}]} for one in references]
    leaves = LEAVES | LEAVES | st.sampled_from([*references, *ends])
    parts = st.recursive(
        leaves,
        lambda inner: objects(inner) | objects(inner) | arrays(inner) | combinations(inner),
        max_leaves=5,
    )
    root = draw(parts)
    return {**root, "$defs": {"A": draw(parts), "B": draw(parts)}}


def shortest_budget(grammar: Grammar) -> int | None:
    """Return the least number of tokens that an answer needs; None if none was found."""
    low, high = 1, 512
    while low < high:
        middle = (low + high) // 2
        try:
            grammar.start().mask(middle)
            high = middle
        except DecodingError:
            low = middle + 1
    return low if low < 512 else None


def random_answer(model: HFCausalLM, grammar: Grammar, budget: int, seed: int) -> str:
    """Return what a model writes that draws among the allowed tokens, and likes brackets."""
    chooser, constraint, written = random.Random(seed), grammar.start(), list[int]()
    while len(written) < budget:
        allowed = constraint.mask(budget - len(written)).nonzero().flatten().tolist()
        inner = [i for i in allowed if i not in model.eos_token_ids]
        if not inner or (len(inner) < len(allowed) and chooser.random() < 0.2):
            break
        opening = [i for i in inner if set(model.decode([i])) & set('{[,"')]
        written.append(chooser.choice(opening if opening and chooser.random() < 0.4 else inner))
        constraint.advance(written[-1])
    return model.decode(written)
