from typing import Any

import pytest

from ngsd_guard import ConfigurationError
from ngsd_guard.tool_calling import check_tool_choice, normalise_tools

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
FUNCTION = {"name": "f", "description": "Does it.", "parameters": SCHEMA}
TOOL = {"type": "function", "function": FUNCTION}
OTHER = {"type": "function", "function": {"name": "any_other", "parameters": SCHEMA}}


def test_definitions_are_returned_in_openai_format() -> None:
    assert normalise_tools([TOOL]) == [TOOL]
    assert normalise_tools([FUNCTION]) == [TOOL]
    assert normalise_tools([FUNCTION | {"type": "function"}]) == [TOOL]
    assert normalise_tools((TOOL, OTHER)) == [TOOL, OTHER]
    assert normalise_tools([]) == []


def test_duplicate_tool_is_returned_once() -> None:
    titled = SCHEMA | {"title": "F", "properties": {"a": {"type": "integer", "title": "A"}}}
    again = FUNCTION | {"description": "Otherwise.", "parameters": titled}
    assert normalise_tools([TOOL, OTHER, FUNCTION, again]) == [TOOL, OTHER]


def test_result_is_a_deep_copy() -> None:
    schema = {"type": "object", "properties": {"a": {"enum": [1]}}}
    (tool,) = normalise_tools([{"name": "f", "parameters": schema}])
    tool["function"]["parameters"]["properties"]["a"]["enum"].append(2)
    assert schema["properties"]["a"]["enum"] == [1]


@pytest.mark.parametrize(
    "function", [{"name": "f"}, {"name": "f", "parameters": {}}, {"name": "f", "parameters": None}]
)
def test_missing_parameters_become_an_empty_object(function: dict[str, Any]) -> None:
    (tool,) = normalise_tools([function])
    assert tool["function"]["parameters"] == {"type": "object", "properties": {}}


@pytest.mark.parametrize(
    ("tools", "reason"),
    [
        (TOOL, "tools are of type dict; pass a list"),
        ("f", "tools are of type str"),
        (None, "tools are of type NoneType"),
        ([print], r"tools\[0\] is of type builtin_function_or_method; pass its definition"),
        ([{"type": "web_search"}], r"tools\[0\] is not a function"),
        ([{"type": "function", "function": "f"}], r"tools\[0\] is not a function"),
        ([TOOL, {"name": ""}], r"tools\[1\] has the name ''; use 1 to 64"),
        ([{"parameters": {}}], r"tools\[0\] has the name None"),
        ([{"name": "f\n"}], "has the name"),
        ([{"name": "x" * 65}], "has the name"),
        ([{"name": "größe"}], "has the name"),
        ([{"name": "required"}], "'required' has the name of a tool_choice; rename"),
        ([TOOL, {"name": "f"}], "'f' is defined twice, with different parameters; give"),
        ([{"name": "f", "description": 3}], "'f' has a description of type int"),
        ([{"name": "f", "parameters": [1]}], "'f' has parameters of type list"),
        ([{"name": "f", "parameters": {"type": "string"}}], "'f' .* JSON type 'string'; wrap"),
        ([{"name": "f", "parameters": {"properties": [1]}}], "'f': #/properties: it maps names"),
        ([{"name": "f", "parameters": {"default": {1}}}], "'f' .* not JSON: .*set"),
        ([{"name": "f", "parameters": {"default": float("nan")}}], "'f' .* not JSON"),
    ],
)
def test_wrong_definition_is_refused_with_the_remedy(tools: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        normalise_tools(tools)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (None, "auto"),
        ("auto", "auto"),
        ("none", "none"),
        (False, "none"),
        ("any", "required"),
        ("required", "required"),
        (True, "required"),
        ("f", "f"),
        ("any_other", "any_other"),
        ({"type": "function", "function": {"name": "f"}}, "f"),
        ({"type": "tool", "name": "f"}, "f"),
        ({"type": "function", "name": "f"}, "f"),
        ({"type": "any"}, "required"),
        ({"type": "auto"}, "auto"),
    ],
)
def test_every_spelling_of_a_choice_is_accepted(choice: Any, expected: str) -> None:
    assert check_tool_choice([TOOL, OTHER], choice) == expected


@pytest.mark.parametrize(
    "choice", ["g", "", 1, 0, [], ["f"], {}, {"type": "tool", "name": "g"}, {"type": ["f"]}]
)
def test_unknown_choice_is_refused_with_the_available_ones(choice: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"tool_choice=.*available: f, any_other"):
        check_tool_choice([TOOL, OTHER], choice)


@pytest.mark.parametrize("choice", ["required", True, "f"])
def test_call_cannot_be_required_without_tools(choice: Any) -> None:
    with pytest.raises(ConfigurationError, match="available: none, so a call cannot"):
        check_tool_choice([], choice)


@pytest.mark.parametrize(("choice", "expected"), [(None, "auto"), ("none", "none")])
def test_choices_auto_and_none_need_no_tools(choice: Any, expected: str) -> None:
    assert check_tool_choice([], choice) == expected
