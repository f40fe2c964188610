"""Structured output: a schema that the answer must fit, and the parser that reads it."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Literal

from langchain_core.messages import AIMessage
from langchain_core.output_parsers import (
    BaseOutputParser,
    JsonOutputParser,
    PydanticOutputParser,
)
from langchain_core.output_parsers.openai_tools import JsonOutputKeyToolsParser, PydanticToolsParser
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from langchain_core.utils.pydantic import is_basemodel_subclass

from ngsd_guard import ConfigurationError

Schema = type | dict[str, Any]
Method = Literal["json_schema", "function_calling", "json_mode"]


def json_schema_of(schema: Schema) -> dict[str, Any]:
    """Return the JSON schema of a pydantic model, a TypedDict or a JSON schema.

    Raises:
        ConfigurationError: it has none.
    """
    try:
        return dict(convert_to_json_schema(schema))
    except Exception as error:  # pydantic and LangChain raise many kinds
        raise ConfigurationError(
            f"{getattr(schema, '__name__', type(schema).__name__)} has no JSON schema "
            f"({type(error).__name__}); pass a pydantic model, a TypedDict or a JSON schema with "
            "a title"
        ) from error


def structured_output(
    model: Any,
    schema: Schema | None,
    *,
    method: Method,
    include_raw: bool,
    options: Mapping[str, Any],
) -> Runnable[Any, Any]:
    """Return a model whose answer fits a schema, and is parsed.

    Raises:
        ConfigurationError: the method is unknown, or the schema has no JSON schema.
    """
    if method not in ("json_schema", "function_calling", "json_mode"):
        raise ConfigurationError(
            f"no method {method!r}; use json_schema, function_calling or json_mode"
        )
    if schema is None:
        if method != "json_mode":
            raise ConfigurationError(f"method {method!r} needs a schema; pass one")
        bound = model.bind(response_format={"type": "json_object"}, **options)
        return _parsed(bound, JsonOutputParser(), include_raw=include_raw)
    described = json_schema_of(schema)
    traced: dict[str, Any] = {
        **options,
        "ls_structured_output_format": {"kwargs": {"method": method}, "schema": described},
    }
    if method == "function_calling":
        name = convert_to_openai_tool(schema)["function"]["name"]
        bound = model.bind_tools([schema], tool_choice=name, **traced)
        return _parsed(bound, _tool_parser(schema, name), include_raw=include_raw)
    if method == "json_schema":
        form = {"type": "json_schema", "json_schema": {"schema": described}}
    else:  # the prompt describes the schema; the grammar enforces it all the same
        form = {"type": "json_object", "schema": described}
    bound = model.bind(response_format=form, **traced)
    return _parsed(bound, _json_parser(schema), include_raw=include_raw)


def _tool_parser(schema: Schema, name: str) -> BaseOutputParser[Any]:
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return PydanticToolsParser(tools=[schema], first_tool_only=True)
    return JsonOutputKeyToolsParser(key_name=name, first_tool_only=True)


def _json_parser(schema: Schema) -> BaseOutputParser[Any]:
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return PydanticOutputParser(pydantic_object=schema)
    return JsonOutputParser()


def _parsed(
    bound: Runnable[Any, AIMessage], parser: BaseOutputParser[Any], *, include_raw: bool
) -> Runnable[Any, Any]:
    if not include_raw:
        return bound | parser
    parse = RunnablePassthrough.assign(
        parsed=itemgetter("raw") | parser, parsing_error=lambda _: None
    )
    failed = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=bound) | parse.with_fallbacks([failed], exception_key="parsing_error")
