"""Validation of tool definitions and tool choices, before any work is done."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.json_schemas import check_schema

_NAME: Final = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_CHOICES: Final[dict[object, str]] = {
    None: "auto",
    "auto": "auto",
    "any": "required",
    "required": "required",
    True: "required",
    "none": "none",
    False: "none",
}


def normalise_tools(tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Validate tool definitions and return them in OpenAI's format.

    Args:
        tools: mappings `{"type": "function", "function": {"name", "description", "parameters"}}`,
            or just the function; `parameters` is a JSON schema of an object, and is optional.

    Returns:
        Copies, each with `parameters` of type object and without duplicates.

    Raises:
        ConfigurationError: an item is not a definition, two different tools have the same name, or
            parameters are not a JSON schema of an object.
    """
    if isinstance(tools, str | bytes | Mapping) or not isinstance(tools, Sequence):
        raise ConfigurationError(
            f"tools are of type {type(tools).__name__}; pass a list of function definitions"
        )
    checked: dict[str, dict[str, Any]] = {}
    for index, tool in enumerate(tools):
        normalised = _normalise(tool, index)
        name = normalised["function"]["name"]
        first = checked.setdefault(name, normalised)
        if _arguments_of(first) != _arguments_of(normalised):
            raise ConfigurationError(
                f"tool {name!r} is defined twice, with different parameters; give each tool a "
                "unique name"
            )
    return list(checked.values())


def _arguments_of(tool: Mapping[str, Any]) -> Any:
    """Return a tool's parameters without titles and descriptions."""

    def bare(schema: Any) -> Any:
        if isinstance(schema, Mapping):
            return {
                key: bare(value)
                for key, value in schema.items()
                if not (key in ("title", "description") and isinstance(value, str))
            }
        return [bare(item) for item in schema] if isinstance(schema, list) else schema

    return bare(tool["function"]["parameters"])


def names_of(tools: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the names of tools returned by `normalise_tools`."""
    return [tool["function"]["name"] for tool in tools]


def check_tool_choice(tools: Sequence[Mapping[str, Any]], choice: object) -> str:
    """Normalise a tool choice to "auto", "none", "required" or a tool's name.

    Args:
        tools: tools in any form that `normalise_tools` accepts.
        choice: None or "auto"; "none" or False; "required", "any" or True; a tool's name; or a
            mapping in the format of OpenAI (`{"type": "function", "function": {"name": ...}}`) or
            Anthropic (`{"type": "tool", "name": ...}`).

    Raises:
        ConfigurationError: the choice is unknown, or requires a call without any tools.
    """
    names = names_of(normalise_tools(tools))
    wanted = _spelled_out(choice) if isinstance(choice, Mapping) else choice
    if wanted is None or isinstance(wanted, str | bool):
        normalised = _CHOICES.get(wanted, wanted)
        if normalised in ("auto", "none") or (normalised == "required" and names):
            return str(normalised)
        if normalised in names:
            return str(normalised)
    available = ", ".join(names) or "none, so a call cannot be required"
    raise ConfigurationError(
        f"tool_choice={repr(choice)[:80]}; use 'auto', 'none', 'required' or the name of a tool "
        f"(available: {available})"
    )


def _spelled_out(choice: Mapping[str, Any]) -> object:
    function = choice.get("function")
    name = function.get("name") if isinstance(function, Mapping) else choice.get("name")
    kind = choice.get("type")
    is_word = isinstance(kind, str) and kind in _CHOICES
    word = kind if is_word else choice  # an invalid choice, to be named in the error
    return word if name is None else name


def _normalise(tool: Mapping[str, Any], index: int) -> dict[str, Any]:
    if not isinstance(tool, Mapping):
        raise ConfigurationError(
            f"tools[{index}] is of type {type(tool).__name__}; pass its definition, a mapping "
            "with 'name', 'description' and 'parameters'"
        )
    function = tool.get("function", tool)
    if tool.get("type", "function") != "function" or not isinstance(function, Mapping):
        raise ConfigurationError(
            f"tools[{index}] is not a function; define it as "
            "{'type': 'function', 'function': {'name': ..., 'parameters': ...}}"
        )
    name = function.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"tools[{index}] has the name {repr(name)[:80]}; use 1 to 64 of the characters a-z, "
            "A-Z, 0-9, '_', '.' and '-'"
        )
    if name in _CHOICES:
        raise ConfigurationError(f"tool {name!r} has the name of a tool_choice; rename the tool")
    description = function.get("description", "")
    if not isinstance(description, str):
        raise ConfigurationError(
            f"tool {name!r} has a description of type {type(description).__name__}; pass a string"
        )
    own = {key: value for key, value in function.items() if key != "type"}
    own["parameters"] = _object_schema(name, function.get("parameters"))
    return {"type": "function", "function": own}


def _object_schema(name: str, parameters: object) -> dict[str, Any]:
    if parameters is None:
        parameters = {}
    if not isinstance(parameters, Mapping):
        raise ConfigurationError(
            f"tool {name!r} has parameters of type {type(parameters).__name__}; pass the JSON "
            "schema of an object"
        )
    try:
        schema: dict[str, Any] = json.loads(json.dumps(dict(parameters), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"tool {name!r} has parameters that are not JSON: {error}; use only JSON types"
        ) from error
    check_schema(schema, f"parameters of tool {name!r}: #")
    kind = schema.setdefault("type", "object")
    if kind != "object":
        raise ConfigurationError(
            f"tool {name!r} has parameters of the JSON type {repr(kind)[:80]}; wrap them in an "
            "object with 'properties'"
        )
    schema.setdefault("properties", {})
    return schema
