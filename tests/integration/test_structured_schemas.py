"""Structured output of pydantic models and raw schemas: the answer is valid for what was given."""

import json
import random
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from langchain_core.exceptions import OutputParserException
from langchain_core.outputs import Generation
from pydantic import BaseModel, Field, RootModel

from json_schemas import random_answer
from langchain_ngsd import ChatNGSD
from langchain_ngsd._parsers import StrictJsonParser
from langchain_ngsd._schemas import as_openai_tool, json_schema_of
from ngsd_guard import ConfigurationError
from ngsd_guard.grammar import compile_grammar
from ngsd_guard.models import HFCausalLM, load_causal_lm
from ngsd_guard.tool_calling import written_schema
from tiny_models import save_model


class Prices(BaseModel):
    plain: Decimal
    money: Annotated[Decimal, Field(max_digits=6, decimal_places=2)]
    share: Annotated[Decimal, Field(ge=0, le=1, decimal_places=3)]
    short: Annotated[Decimal, Field(max_digits=3)]
    quarter: Annotated[Decimal, Field(multiple_of=Decimal("0.25"), gt=0, lt=100)]


class Tree(BaseModel):
    name: Annotated[str, Field(max_length=8)]
    born: date | None = None
    children: list["Tree"] = []


class Names(RootModel[list[Annotated[str, Field(max_length=5)]]]):
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_model(tmp_path_factory.mktemp("structured") / "tiny", "llama", seed=4))


@pytest.fixture(scope="module")
def model(folder: str) -> HFCausalLM:
    return load_causal_lm(folder)


@pytest.mark.parametrize("kind", [Prices, Tree, Names])
def test_answers_are_valid_for_the_model_given(model: HFCausalLM, kind: type[BaseModel]) -> None:
    source = json.dumps(written_schema(json_schema_of(kind)))
    grammar = compile_grammar(model, json_schema=source)
    for seed in range(3):
        budget = random.Random(seed).choice([90, 140])
        kind.model_validate_json(random_answer(model, grammar, budget, seed))


@pytest.mark.parametrize(
    ("kind", "takes", "refuses"),
    [
        ("money", [0, 12.5, -9999.99, "12.50"], [1.234, 10000, "1e3", "", "12."]),
        ("share", [0, 1, 0.125], [1.5, "0.5", -0.1]),
        ("short", [123, 1.23, "0.123", "-99.9"], [1234, 1.2345, "12.34"]),
        ("plain", [1, 1.5, "1234567890.123"], ["NaN", "Infinity", "a"]),
    ],
)
def test_digits_of_decimals_are_in_the_schema(
    kind: str, takes: list[Any], refuses: list[Any]
) -> None:
    schema = json_schema_of(Prices)["properties"][kind]
    validator = Draft202012Validator(schema)
    assert [value for value in takes if not validator.is_valid(value)] == []
    assert [value for value in refuses if validator.is_valid(value)] == []


def test_schemas_are_bound_as_given() -> None:
    raw = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"type": "integer"}}}}
    assert json_schema_of(raw) == raw
    items = json_schema_of(Tree)["properties"]["children"]["items"]
    assert items == {"$ref": "#/$defs/Tree"}
    parameters = as_openai_tool(Tree)["function"]["parameters"]
    assert parameters["properties"]["children"]["items"] == items
    assert "Tree" in parameters["$defs"]

    def plant(tree: Tree, cost: Annotated[Decimal, Field(max_digits=3)]) -> str:
        """Plant it."""
        return tree.name

    parameters = as_openai_tool(plant)["function"]["parameters"]
    assert parameters["properties"]["tree"] == {"$ref": "#/$defs/Tree"}
    assert "pattern" in parameters["properties"]["cost"]["anyOf"][-1]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
        {"enum": ["red", "green"]},
        {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
    ],
)
def test_schema_without_a_title_or_an_object_is_answered(folder: str, schema: Any) -> None:
    chat = ChatNGSD(model=folder, expert=folder, max_tokens=24)
    found = chat.with_structured_output(schema).invoke("Hi")
    Draft202012Validator(schema).validate(found)


def test_recursive_model_comes_back_parsed(folder: str) -> None:
    chat = ChatNGSD(model=folder, expert=folder, max_tokens=60)
    structured = chat.with_structured_output(Tree, method="json_mode")
    assert isinstance(structured.invoke("Hi"), Tree)


def test_malformed_schema_is_refused_when_it_is_given(folder: str) -> None:
    chat = ChatNGSD(model=folder, expert=folder)
    schema = {"title": "T", "type": "object", "properties": {"a": {"required": None}}}
    with pytest.raises(ConfigurationError, match="#/properties/a/required"):
        chat.with_structured_output(schema)
    with pytest.raises(ConfigurationError, match="#/properties/a/required"):
        chat.bind_tools([schema])


def test_incomplete_answer_is_not_parsed() -> None:
    with pytest.raises(OutputParserException, match="not complete JSON"):
        StrictJsonParser().parse_result([Generation(text='{"a": [1, 2')])
    assert StrictJsonParser().parse_result([Generation(text='"```"')]) == "```"
