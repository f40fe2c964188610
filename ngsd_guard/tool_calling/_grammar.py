r"""The parts that grammars of tool calls share, in llguidance's dialect of Lark.

A terminal may be the intersection (`&`) of regular expressions and complements (`~`). The engine
reads the longest terminal that fits, so a text up to a marker and the marker are one terminal.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.tool_calling._tools import check_tool_choice, names_of, normalise_tools

Render = Callable[[str], str]
"""Renders text as a term of a grammar."""

# As json.dumps writes it, so that a call reads as templates show it.
_AS_WRITTEN: Final = {"item_separator": ", ", "key_separator": ": ", "whitespace_flexible": False}
_COMBINING: Final = ("$ref", "allOf", "anyOf", "oneOf", "not", "if")
_OPENING_KEYS: Final = ("additionalProperties", "patternProperties", "unevaluatedProperties")


def quote(text: str) -> str:
    """Return a term of a grammar that stands for a text."""
    return json.dumps(text, ensure_ascii=False)


def text_grammar(markers: Sequence[str]) -> str:
    """Return a grammar of text that contains none of some markers."""
    without = "".join(f" & ~{_anything(marker)}" for marker in markers)
    return f"start: TEXT\nTEXT: {_anything()}{without}"


def written_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON schema of what `json.dumps` writes, for llguidance.

    Objects have no keys beyond the properties they name, unless the schema speaks of others.
    """
    return {"x-guidance": _AS_WRITTEN, **_closed(dict(schema))}


def wanted_tools(
    tools: Sequence[Mapping[str, Any]], choice: str
) -> tuple[list[dict[str, Any]], bool]:
    """Return the functions that may be called, and whether one must be.

    Raises:
        ConfigurationError: there is none, or the choice is none of them.
    """
    tools, choice = normalise_tools(tools), check_tool_choice(tools, choice)
    if not tools or choice == "none":
        raise ConfigurationError(
            f"choice={choice!r} with {len(tools)} tools; a grammar of calls needs a tool and a "
            "choice that allows calls, so use none here"
        )
    functions = [
        tool["function"] for tool in tools if choice in ("auto", "required", *names_of([tool]))
    ]
    return functions, choice != "auto"


def call_rules(
    functions: Sequence[Mapping[str, Any]], *, before: Callable[[str], str], after: str
) -> list[str]:
    """Return the rule `call`, one alternative for each function, and the rules it needs.

    Args:
        functions: what may be called.
        before: gives the terms between a call's beginning and its arguments, from its name.
        after: the terms behind the arguments.
    """
    rules = ["call: " + " | ".join(f"call_{index}" for index in range(len(functions)))]
    for index, function in enumerate(functions):
        schema = written_schema(function["parameters"])
        terms = f"{before(function['name'])} arguments_{index} {after}"
        rules.append(f"call_{index}: {terms.strip()}")
        rules.append(f"arguments_{index}: %json {json.dumps(schema)}")
    return rules


def named_object(key: str) -> Callable[[str], str]:
    """Return, from a name, the term for a call's object up to its arguments under `key`."""
    return lambda name: quote(f'{{"name": "{name}", "{key}": ')


def repeated(first: str, following: str, *, parallel: bool) -> str:
    """Return the terms of one call, or of several."""
    return f"{first} ({following})*" if parallel else first


def start_rules(opening: str, *, is_required: bool, literal: Render) -> list[str]:
    """Return the rule `start`: an opening marker, then the rule `calls`; text before or instead.

    The text does not contain the marker, whichever tokens would spell it.
    """
    term = literal(opening)
    if is_required:
        return [f"start: {term} calls"]
    text = f"TEXT: {_anything()} & ~{_anything(opening)}"
    if term != quote(opening):  # one special token, which no terminal can hold
        return [f"start: TEXT ({term} calls)?", text]
    until = f"/(?s:.*){_escape(opening)}/ & ~/(?s:.*){_escape(opening)}(?s:.+)/"
    return ["start: TEXT | UNTIL_OPENING calls", text, f"UNTIL_OPENING: {until}"]


def text_unless(start: str, marker: str) -> str:
    """Return a terminal's body: text whose first visible character is another, without a marker."""
    blank = r"[ \t\r\n]*"
    return f"/{blank}([^{_escape(start)} \\t\\r\\n](?s:.*))?/ & ~{_anything(marker)}"


def _anything(around: str = "") -> str:
    return f"/(?s:.*){_escape(around)}(?s:.*)/" if around else "/(?s:.*)/"


def _escape(text: str) -> str:
    return re.escape(text).replace("/", r"\/")


def _closed(schema: Any) -> Any:
    """Return a schema whose objects have the properties they name, where it says nothing else."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed_below(key, value) for key, value in schema.items()}
    named = schema.get("properties")
    if (
        isinstance(named, dict)
        and set(schema.get("required", ())) <= set(named)
        and not any(key in schema for key in (*_COMBINING, *_OPENING_KEYS))
    ):
        closed["additionalProperties"] = False
    return closed


def _closed_below(key: str, value: Any) -> Any:
    if key in ("properties", "$defs", "definitions") and isinstance(value, dict):
        return {name: _closed(one) for name, one in value.items()}
    # Under allOf, what one part names another may forbid; elsewhere are values, not schemas.
    return _closed(value) if key in ("items", "prefixItems", "anyOf", "oneOf") else value
