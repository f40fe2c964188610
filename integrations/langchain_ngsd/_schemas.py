"""JSON schemas of whatever LangChain takes as a tool or a schema, as the user wrote them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool, Tool
from langchain_core.tools.base import create_schema_from_function
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import is_typeddict

from ngsd_guard import ConfigurationError
from ngsd_guard.json_schemas import check_schema, inlined_schema

Schema = type | dict[str, Any]

_EXACT_DIGITS: Final = 15
"""Digits that a JSON number keeps when it is read as a float."""


def json_schema_of(schema: Schema) -> dict[str, Any]:
    """Return the JSON schema of a pydantic model, a TypedDict or a JSON schema.

    A JSON schema is returned as it is. Of a definition of a tool, its parameters are.

    Raises:
        ConfigurationError: it has none, or it is malformed; the message names the place.
    """
    if isinstance(schema, dict) and not _is_tool(schema):
        check_schema(schema)
        return schema
    if isinstance(schema, type) and issubclass(schema, BaseModel):
        return _of_model(schema)
    try:
        return dict(convert_to_json_schema(schema))
    except Exception as error:  # pydantic and LangChain raise many kinds
        raise _without_schema(schema, error) from error


def as_openai_tool(tool: Any) -> dict[str, Any]:
    """Return the definition of whatever LangChain takes as a tool.

    Raises:
        ConfigurationError: it has no JSON schema.
    """
    if isinstance(tool, Runnable) and not isinstance(tool, BaseTool):
        tool = tool.as_tool()
    try:
        definition = dict(convert_to_openai_tool(tool))
        parameters = _parameters(tool)
    except ConfigurationError:
        raise
    except Exception as error:  # pydantic and LangChain raise many kinds
        name = getattr(tool, "name", None) or getattr(tool, "__name__", type(tool).__name__)
        raise ConfigurationError(
            f"tool {name!r} has no JSON schema ({type(error).__name__}); give it arguments of "
            "plain types, an args_schema, or a definition in OpenAI's form"
        ) from error
    if parameters is None:
        return definition
    own = {k: v for k, v in parameters.items() if k not in ("title", "description")}
    return {**definition, "function": {**definition["function"], "parameters": own}}


def schema_as_tool(schema: Schema, described: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as the definition of a tool, whose arguments are the answer.

    Args:
        schema: what the user gave.
        described: its JSON schema.

    Raises:
        ConfigurationError: it has no name.
    """
    if not isinstance(schema, dict) or _is_tool(schema):
        return as_openai_tool(schema)
    name = schema.get("title")
    if not isinstance(name, str) or not name:
        raise ConfigurationError(
            "the JSON schema has no title, which method 'function_calling' names the tool by; "
            "add one, or use method='json_schema'"
        )
    own = {key: value for key, value in described.items() if key not in ("title", "description")}
    function = {"name": name, "description": described.get("description", ""), "parameters": own}
    return {"type": "function", "function": function}


def _is_tool(schema: dict[str, Any]) -> bool:
    """Whether a dict defines a tool, in the form of OpenAI, Anthropic or Bedrock."""
    if "toolSpec" in schema or "input_schema" in schema:
        return True
    is_function = schema.get("type") == "function" and "function" in schema
    return is_function or (isinstance(schema.get("name"), str) and "properties" not in schema)


def _parameters(tool: Any) -> dict[str, Any] | None:
    """Return a tool's parameters with its references, where LangChain would lose them."""
    if isinstance(tool, dict):
        is_schema = not _is_tool(tool) and "title" in tool
        return json_schema_of(tool) if is_schema else None
    if isinstance(tool, BaseTool):
        is_simple = isinstance(tool, Tool) and not tool.args_schema
        tool = None if is_simple else tool.tool_call_schema
        return tool if isinstance(tool, dict) else _of_type(tool)
    if isinstance(tool, type):
        return None if is_typeddict(tool) else _of_type(tool)
    return _of_function(tool) if callable(tool) else None


def _of_type(model: Any) -> dict[str, Any] | None:
    is_model = isinstance(model, type) and issubclass(model, BaseModel)
    return _of_model(model) if is_model else None


def _of_function(function: Callable[..., Any]) -> dict[str, Any] | None:
    model = create_schema_from_function(
        getattr(function, "__name__", type(function).__name__),
        function,
        filter_args=(),
        parse_docstring=True,
        error_on_invalid_docstring=False,
        include_injected=False,
    )
    return _of_type(model)


def _of_model(model: type[BaseModel]) -> dict[str, Any]:
    try:
        return inlined_schema(model.model_json_schema(schema_generator=_Generator))
    except ConfigurationError:
        raise
    except Exception as error:  # pydantic raises many kinds
        raise _without_schema(model, error) from error


def _without_schema(schema: Any, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"{getattr(schema, '__name__', type(schema).__name__)} has no JSON schema "
        f"({type(error).__name__}); pass a pydantic model, a TypedDict or a JSON schema"
    )


class _Generator(GenerateJsonSchema):
    """Pydantic's JSON schemas, with the digits of a `Decimal` and without titles of fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return whether a field is titled: never, since its name says the same."""
        return False

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Return a schema whose values all fit the `Decimal`: numbers, and text without bounds."""
        bounds = {
            key: float(schema[name])  # type: ignore[literal-required]
            for name, key in _BOUNDS.items()
            if schema.get(name) is not None
        }
        shapes = _shapes(schema.get("max_digits"), schema.get("decimal_places"))
        numbers = [_number(whole, places, bounds) for whole, places in shapes]
        if bounds:
            return {"anyOf": numbers} if len(numbers) > 1 else numbers[0]
        texts = "|".join(_digits(whole, places) for whole, places in shapes)
        return {"anyOf": [*numbers, {"type": "string", "pattern": f"^-?({texts})$"}]}


_BOUNDS: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}


def _shapes(max_digits: int | None, places: int | None) -> list[tuple[int | None, int | None]]:
    """Return digits before and after the point that a `Decimal` may have together."""
    if max_digits is None:
        return [(None, places)]
    if places is not None:
        return [(max(0, max_digits - places), places)]
    return [(max_digits - after, after) for after in range(max_digits + 1)]


def _number(whole: int | None, places: int | None, bounds: dict[str, float]) -> dict[str, Any]:
    """Return the schema of JSON numbers; those with bounds are written without an exponent."""
    free = max(0, _EXACT_DIGITS - (places or 0))
    digits = free if whole is None else min(whole, _EXACT_DIGITS)
    step = None if places is None else Decimal(1).scaleb(-min(places, _EXACT_DIGITS - digits))
    limit = float(Decimal(10) ** digits - (step or 1))
    schema: dict[str, Any] = {"type": "number", **bounds}
    if "exclusiveMinimum" not in bounds:
        schema["minimum"] = max(-limit, bounds.get("minimum", -limit))
    if "exclusiveMaximum" not in bounds:
        schema["maximum"] = min(limit, bounds.get("maximum", limit))
    if step is not None:
        ours = {"multipleOf": int(step) if step == 1 else float(step)}
        return {**schema, "allOf": [ours]} if "multipleOf" in bounds else {**schema, **ours}
    return schema


def _digits(whole: int | None, places: int | None) -> str:
    more = "*" if whole is None else f"{{0,{max(whole - 1, 0)}}}"
    before = "0" if whole == 0 else f"(0|[1-9][0-9]{more})"
    if places == 0:
        return before
    return before + (r"(\.[0-9]+)?" if places is None else rf"(\.[0-9]{{1,{places}}})?")
