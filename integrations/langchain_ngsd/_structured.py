"""Structured output: a schema that the answer must fit, and the parser that reads it."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Literal

from langchain_core.messages import AIMessage
from langchain_core.output_parsers import BaseOutputParser
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.pydantic import is_basemodel_subclass
from pydantic import BaseModel

from langchain_ngsd._parsers import StrictJsonParser, StrictToolParser
from langchain_ngsd._schemas import Schema, json_schema_of, schema_as_tool
from ngsd_guard import ConfigurationError

Method = Literal["json_schema", "function_calling", "json_mode"]


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
        return _parsed(bound, _json_parser(None), include_raw=include_raw)
    described = json_schema_of(schema)
    traced: dict[str, Any] = {
        **options,
        "ls_structured_output_format": {"kwargs": {"method": method}, "schema": described},
    }
    if method == "function_calling":
        tool = schema_as_tool(schema, described)
        name = tool["function"]["name"]
        bound = model.bind_tools([tool], tool_choice=name, **traced)
        return _parsed(bound, _tool_parser(schema, name), include_raw=include_raw)
    if method == "json_schema":
        form = {"type": "json_schema", "json_schema": {"schema": described}}
    else:  # the prompt describes the schema; the grammar enforces it all the same
        form = {"type": "json_object", "schema": described}
    bound = model.bind(response_format=form, **traced)
    return _parsed(bound, _json_parser(schema), include_raw=include_raw)


def _tool_parser(schema: Schema, name: str) -> BaseOutputParser[Any]:
    return StrictToolParser(key_name=name, first_tool_only=True, model=_model_of(schema))


def _json_parser(schema: Schema | None) -> BaseOutputParser[Any]:
    return StrictJsonParser(model=_model_of(schema))


def _model_of(schema: Schema | None) -> type[BaseModel] | None:
    is_model = isinstance(schema, type) and is_basemodel_subclass(schema)  # pydantic 1, too
    return schema if is_model else None  # type: ignore[return-value]


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
