"""Grammars of tool calls with the embedded tokenizer, token by token."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ngsd_guard import load_engine
from ngsd_guard.grammar import Grammar, compile_grammar
from ngsd_guard.models import HFCausalLM
from ngsd_guard.tool_calling import (
    HERMES,
    LLAMA3,
    MISTRAL,
    MISTRAL_NAMED,
    ToolFormat,
    parse_answer,
    quote,
)

WEATHER = {
    "name": "get_weather",
    "description": "Weather at a place.",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "minimum": 1, "maximum": 9},
            "unit": {"enum": ["C", "F"]},
        },
        "required": ["city"],
    },
}
# A name that is a prefix of another, and a schema with references.
WEATHER_AT = {
    "name": "get_weather_at",
    "parameters": {
        "$defs": {
            "Point": {
                "type": "object",
                "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
                "required": ["x", "y"],
            }
        },
        "type": "object",
        "properties": {"points": {"type": "array", "items": {"$ref": "#/$defs/Point"}}},
        "required": ["points"],
    },
}
NOW = {"name": "now"}
EMPTY = {"name": "empty", "parameters": {}}
NO_PROPERTIES = {"name": "no-properties", "parameters": {"type": "object", "properties": {}}}
TOOLS = [
    {"type": "function", "function": one}
    for one in (WEATHER, WEATHER_AT, NOW, EMPTY, NO_PROPERTIES)
]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("get_weather", {"city": "Rome", "days": 3, "unit": "C"}),
    ("get_weather", {"city": 'Zürich "東京" {}, <b>\n'}),
    ("get_weather_at", {"points": [{"x": 1.5, "y": -2}, {"x": 0, "y": 0}]}),
    ("get_weather_at", {"points": []}),
    ("now", {}),
    ("empty", {}),
    ("no-properties", {}),
]
FORMATS = [HERMES, LLAMA3, MISTRAL, MISTRAL_NAMED]


def written(format: ToolFormat, *calls: tuple[str, dict[str, Any]]) -> str:
    """Write calls in a format by hand."""
    if format is MISTRAL_NAMED:
        return "".join(f"[TOOL_CALLS]{name}[ARGS]{dumped(own)}" for name, own in calls)
    key = "parameters" if format is LLAMA3 else "arguments"
    objects = [dumped({"name": name, key: own}) for name, own in calls]
    if format is HERMES:
        return "\n".join(f"<tool_call>\n{one}\n</tool_call>" for one in objects)
    return "; ".join(objects) if format is LLAMA3 else f"[TOOL_CALLS] [{', '.join(objects)}]"


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture(scope="module")
def base() -> HFCausalLM:
    model = load_engine().base
    assert isinstance(model, HFCausalLM)
    return model


@pytest.fixture(scope="module", params=FORMATS, ids=lambda format: format.name)
def format(request: pytest.FixtureRequest) -> ToolFormat:
    return request.param


def compiled(
    base: HFCausalLM,
    format: ToolFormat,
    choice: str = "required",
    *,
    tools: Sequence[Any] = TOOLS,
    parallel: bool = True,
) -> Grammar:
    return compile_grammar(base, lark=format.grammar(tools, choice=choice, parallel=parallel))


def accepted(base: HFCausalLM, grammar: Grammar, text: str) -> bool:
    """Return whether the grammar accepts the complete text, token by token."""
    constraint = grammar.start()
    for token_id in base.encode(text):
        if not constraint.mask()[token_id]:
            return False
        constraint.advance(token_id)
    return bool(constraint.mask()[sorted(base.eos_token_ids)].any())


@pytest.mark.parametrize("choice", ["auto", "required"])
def test_calls_of_every_tool_are_accepted_alone_and_together(
    base: HFCausalLM, format: ToolFormat, choice: str
) -> None:
    grammar = compiled(base, format, choice)
    for call in CALLS:
        assert accepted(base, grammar, written(format, call)), call
    together = written(format, *CALLS)
    assert accepted(base, grammar, together)
    assert [(call.name, call.arguments) for call in parse_answer(format, together).calls] == CALLS


@pytest.mark.parametrize(
    "call",
    [
        ("get_whether", {"city": "Rome"}),
        ("get_weather", {}),
        ("get_weather", {"days": 3}),
        ("get_weather", {"city": 3}),
        ("get_weather", {"city": "Rome", "days": 10}),
        ("get_weather", {"city": "Rome", "unit": "K"}),
        ("get_weather", {"city": "Rome", "mood": "good"}),
        ("get_weather_at", {"points": [{"x": 1}]}),
        ("get_weather_at", {"points": [{"x": 1, "y": 2, "z": 3}]}),
        ("get_weather_at", {"city": "Rome"}),
        ("now", {"city": "Rome"}),
        ("no-properties", {"a": 1}),
    ],
    ids=str,
)
def test_wrong_names_and_arguments_are_refused(
    base: HFCausalLM, format: ToolFormat, call: tuple[str, dict[str, Any]]
) -> None:
    assert not accepted(base, compiled(base, format), written(format, call))
    assert not accepted(base, compiled(base, format, "auto"), written(format, call))


def test_required_call_stands_alone(base: HFCausalLM, format: ToolFormat) -> None:
    grammar, call = compiled(base, format), written(format, CALLS[0])
    for text in ("", "Hello.", f"Hello.\n{call}", f"{call} Done.", call[:-1], f"{call}\n"):
        assert not accepted(base, grammar, text)


def test_chosen_tool_is_the_only_one(base: HFCausalLM, format: ToolFormat) -> None:
    grammar = compiled(base, format, "get_weather")
    assert accepted(base, grammar, written(format, CALLS[0]))
    assert accepted(base, grammar, written(format, CALLS[0], CALLS[1]))
    for other in CALLS[2:]:
        assert not accepted(base, grammar, written(format, other))
    assert not accepted(base, grammar, "Hello.")


@pytest.mark.parametrize("choice", ["auto", "required", "now"])
def test_without_parallel_calls_a_second_one_is_refused(
    base: HFCausalLM, format: ToolFormat, choice: str
) -> None:
    call = ("now", {})
    several = compiled(base, format, choice)
    single = compiled(base, format, choice, parallel=False)
    assert accepted(base, single, written(format, call))
    assert accepted(base, several, written(format, call, call))
    assert not accepted(base, single, written(format, call, call))


def test_auto_text_may_end_anywhere(base: HFCausalLM, format: ToolFormat) -> None:
    grammar = compiled(base, format, "auto")
    constraint, end = grammar.start(), sorted(base.eos_token_ids)
    text = " It's 5 < 7.\n\n<b>{Größe}</b> [1] <tool> <tool_cal [TOOL_ <|python 東京"
    assert constraint.mask()[end].any()
    token_ids = base.encode(text)
    for position, token_id in enumerate(token_ids):
        mask = constraint.mask()
        assert mask[token_id]
        # An answer cannot end inside a character.
        assert mask[end].any() != base.tokenizer.decode(token_ids[:position]).endswith("\ufffd")
        constraint.advance(token_id)


@pytest.mark.parametrize("format", [HERMES, MISTRAL, MISTRAL_NAMED], ids=lambda one: one.name)
def test_auto_text_may_precede_calls_but_not_follow(base: HFCausalLM, format: ToolFormat) -> None:
    grammar, calls = compiled(base, format, "auto"), written(format, CALLS[0], CALLS[4])
    for before in ("Let me look.", "Let me look.\n", "a < b [", "\n\n"):
        assert accepted(base, grammar, before + calls)
    assert not accepted(base, grammar, f"{calls} That was it.")


def test_auto_text_cannot_contain_a_marker(base: HFCausalLM, format: ToolFormat) -> None:
    grammar = compiled(base, format, "auto")
    marker = format.markers[0]
    for text in (f"The tag {marker} is", f"{marker}{marker}", f"{marker} [now]"):
        assert not accepted(base, grammar, text)


def test_llama_text_does_not_start_like_a_call(base: HFCausalLM) -> None:
    grammar = compiled(base, LLAMA3, "auto")
    assert accepted(base, grammar, 'It is {"name": "now"}.')
    assert not accepted(base, grammar, '{"a": 1}')
    assert not accepted(base, grammar, ' \n{"a": 1}')
    assert accepted(base, grammar, "<|python_tag|>" + written(LLAMA3, CALLS[0]))


def test_mistral_list_may_have_identifiers_and_no_space(base: HFCausalLM) -> None:
    grammar = compiled(base, MISTRAL)
    assert accepted(base, grammar, '[TOOL_CALLS][{"name": "now", "arguments": {}}]')
    identified = '[TOOL_CALLS] [{"name": "now", "arguments": {}, "id": "%s"}]'
    assert accepted(base, grammar, identified % "Ab3456789")
    assert not accepted(base, grammar, identified % "short")


def test_json_has_no_other_whitespace(base: HFCausalLM, format: ToolFormat) -> None:
    grammar, call = compiled(base, format), written(format, CALLS[0])
    for old, new in ((", ", ","), (": 3", ":3"), (": 3", ":  3"), (": 3", ":\n3"), ("3", "3 ")):
        assert not accepted(base, grammar, call.replace(old, new))


@pytest.mark.parametrize("choice", ["auto", "required"])
def test_marker_may_be_one_token(base: HFCausalLM, format: ToolFormat, choice: str) -> None:
    # Any tokens will do; these play the part of special tokens for the markers.
    ids = {marker: 4000 + index for index, marker in enumerate(format.markers)}

    def literal(text: str) -> str:
        return f"<[{ids[text]}]>" if text in ids else quote(text)

    lark = format.grammar(TOOLS, choice=choice, parallel=True, literal=literal)
    grammar = compile_grammar(base, lark=lark)
    text = written(format, CALLS[0], CALLS[4])
    if format is LLAMA3:
        text = format.markers[0] + text
    constraint = grammar.start()
    first = base.encode("Hi ") if choice == "auto" and format is not LLAMA3 else []
    for token_id in [*first, *tokens_with(base, text, ids)]:
        assert constraint.mask()[token_id]
        constraint.advance(token_id)
    assert constraint.mask()[sorted(base.eos_token_ids)].any()
    assert not accepted(base, grammar, format.markers[0] + "x")


def tokens_with(base: HFCausalLM, text: str, ids: dict[str, int]) -> list[int]:
    for marker, token_id in ids.items():
        before, found, after = text.partition(marker)
        if found:
            return [*tokens_with(base, before, ids), token_id, *tokens_with(base, after, ids)]
    return base.encode(text) if text else []


def test_nested_objects_are_closed_unless_the_schema_says_otherwise(base: HFCausalLM) -> None:
    schema = {
        "properties": {
            "open": {"type": "object", "additionalProperties": {"type": "integer"}},
            "free": {"type": "object"},
            "both": {
                "allOf": [
                    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                    {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]},
                ]
            },
            "either": {
                "anyOf": [
                    {"type": "object", "properties": {"c": {"type": "null"}}},
                    {"type": "null"},
                ]
            },
        }
    }
    tools = [{"name": "f", "parameters": schema}]
    grammar = compiled(base, HERMES, tools=tools)
    for own in (
        {"open": {"x": 1}},
        {"free": {"x": [1]}},
        {"both": {"a": 1, "b": 2}},
        {"either": {"c": None}},
        {"either": None},
    ):
        assert accepted(base, grammar, written(HERMES, ("f", own))), own
    for own in ({"open": {"x": "1"}}, {"either": {"d": None}}, {"more": 1}):
        assert not accepted(base, grammar, written(HERMES, ("f", own))), own


LEAVES = st.sampled_from(["string", "integer", "boolean", "null"]).map(lambda kind: {"type": kind})
KEYS = st.text('abcXYZ_ é"\\', min_size=1, max_size=5)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(lambda items: {"type": "array", "items": items, "maxItems": 3}, inner)
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda named: {"type": "object", "properties": named, "required": list(named)}
        )
    ),
    max_leaves=5,
)


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema["type"] == "object":
        named = schema["properties"]
        drawn = st.tuples(*(values(inner) for inner in named.values()))
        return drawn.map(lambda own: dict(zip(named, own, strict=True)))
    if schema["type"] == "array":
        return st.lists(values(schema["items"]), max_size=schema["maxItems"])
    return {
        "string": st.text('ab {}[]",:\\\n<>/é東', max_size=8),
        "integer": st.integers(-(10**12), 10**12),
        "boolean": st.booleans(),
        "null": st.none(),
    }[schema["type"]]


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_arguments_of_random_schemas_are_accepted(base: HFCausalLM, data: st.DataObject) -> None:
    named = data.draw(st.dictionaries(KEYS, SCHEMAS, max_size=3))
    schema = {"type": "object", "properties": named, "required": list(named)}
    tools = [{"name": "f", "parameters": schema}, NOW]
    call = ("f", data.draw(values(schema)))
    format = data.draw(st.sampled_from(FORMATS))
    grammar = compiled(base, format, data.draw(st.sampled_from(["auto", "f"])), tools=tools)
    text = written(format, call)
    assert accepted(base, grammar, text)
    assert parse_answer(format, text).calls[0].arguments == call[1]
