"""Whatever JSON schema is given, a finished answer fits it, or the schema is refused."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from json_schemas import random_answer, schemas, shortest_budget
from ngsd_guard import ConfigurationError, DecodingError, load_engine
from ngsd_guard.chat import ChatEngine, ChatRequest
from ngsd_guard.grammar import compile_grammar
from ngsd_guard.models import HFCausalLM, load_causal_lm
from ngsd_guard.tool_calling import written_schema
from tiny_models import save_model

NODE = {
    "type": "object",
    "properties": {
        "value": {"type": "integer"},
        "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
    },
    "required": ["value", "children"],
}
ROOTS: dict[str, dict[str, Any]] = {
    "reference": {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
    "list of nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}, "$defs": {"node": NODE}},
    "linked list": {
        "type": "object",
        "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
        "required": ["next"],
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "map of maps": {"type": "object", "additionalProperties": {"$ref": "#"}},
    "enum": {"enum": ["a", 1, None, {"b": [2]}]},
    "any of": {"anyOf": [{"type": "integer"}, NODE | {"$defs": {}}], "$defs": {"node": NODE}},
    "all of": {
        "allOf": [{"$ref": "#/$defs/a"}, {"properties": {"b": {"type": "boolean"}}}],
        "required": ["a", "b"],
        "$defs": {"a": {"type": "object", "properties": {"a": {"type": "integer"}}}},
    },
    "formats": {
        "type": "object",
        "properties": {
            "day": {"type": "string", "format": "date"},
            "file": {"type": "string", "format": "path", "maxLength": 9},
        },
        "required": ["day", "file"],
    },
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> HFCausalLM:
    """A random model with 340 tokens; only its vocabulary matters here."""
    return load_causal_lm(save_model(tmp_path_factory.mktemp("tiny"), "llama", seed=1))


@pytest.mark.parametrize("more", [0, 7, 90])
@pytest.mark.parametrize("name", ROOTS)
def test_answer_under_any_root_fits_it(model: HFCausalLM, name: str, more: int) -> None:
    schema = ROOTS[name]
    grammar = compile_grammar(model, json_schema=json.dumps(written_schema(schema)))
    least = shortest_budget(grammar)
    assert least is not None
    for seed in range(2):
        text = random_answer(model, grammar, least + more, seed)
        Draft202012Validator(schema).validate(json.loads(text))


def check(model: HFCausalLM, schema: dict[str, Any], seed: int, more: int, raw: bool) -> bool:
    """Check one answer; return whether the schema was answered rather than refused."""
    try:
        source = json.dumps(schema if raw else written_schema(schema))
        grammar = compile_grammar(model, json_schema=source)
    except ConfigurationError:
        return False
    least = shortest_budget(grammar)
    if least is None:
        return False
    text = random_answer(model, grammar, least + more, seed)
    Draft202012Validator(schema).validate(json.loads(text))
    return True


CASES = st.tuples(schemas(), st.integers(0, 99), st.sampled_from([0, 4, 40]), st.booleans())


@pytest.mark.parametrize("num_examples", [20, pytest.param(1000, marks=pytest.mark.slow)])
def test_answer_fits_any_schema_that_is_not_refused(model: HFCausalLM, num_examples: int) -> None:
    answered: list[bool] = []

    @settings(
        max_examples=num_examples,
        deadline=None,
        database=None,
        derandomize=num_examples < 100,
        suppress_health_check=list(HealthCheck),
    )
    @given(CASES)
    def check_case(case: tuple[dict[str, Any], int, int, bool]) -> None:
        answered.append(check(model, *case))

    check_case()
    assert sum(answered) > len(answered) / 2


def test_answer_that_cannot_be_completed_is_a_typed_error(tmp_path: Any) -> None:
    folder = save_model(tmp_path / "tiny", "llama", seed=1)
    chat = ChatEngine(load_engine(folder, folder))
    request = {
        "messages": [{"role": "user", "content": "Hi"}],
        "response_format": {"type": "json_object", "schema": {"type": "object"}},
        "max_new_tokens": 12,
    }
    with pytest.raises(DecodingError, match="before its JSON was complete"):
        chat.answer(ChatRequest(**request, stop=["{"]))
    json.loads(chat.answer(ChatRequest(**request)).text)
