r"""Building blocks of tool call grammars, in llguidance's variant of Lark.

A terminal may be an intersection (`&`) of regular expressions and complements (`~`). The engine
reads the longest terminal that matches, so a marker and the text before it are one terminal.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.json_schemas import enforceable_schema
from ngsd_guard.tool_calling._tools import check_tool_choice, names_of, normalise_tools

Render = Callable[[str], str]
"""Renders text as a term of a grammar."""

# The format of json.dumps, which chat templates show to the model.
_AS_WRITTEN: Final = {"item_separator": ", ", "key_separator": ": ", "whitespace_flexible": False}


def quote(text: str) -> str:
    """Return the grammar term for a literal text."""
    return json.dumps(text, ensure_ascii=False)


def text_grammar(markers: Sequence[str]) -> str:
    """Return a grammar of text that contains none of the markers."""
    without = "".join(f" & ~{_anything(marker)}" for marker in markers)
    return f"start: TEXT\nTEXT: {_anything()}{without}"


def written_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON schema for llguidance that is formatted as by `json.dumps`.

    Objects have only the properties that their schema lists, unless it says otherwise.

    Raises:
        ConfigurationError: the schema is malformed or cannot be enforced; the message names the
            place.
    """
    return {"x-guidance": _AS_WRITTEN, **enforceable_schema(schema, is_closed=True)}


def wanted_tools(
    tools: Sequence[Mapping[str, Any]], choice: str
) -> tuple[list[dict[str, Any]], bool]:
    """Return the functions that may be called, and whether a call is required.

    Raises:
        ConfigurationError: there are no tools, the choice forbids calls, or it is unknown.
    """
    tools, choice = normalise_tools(tools), check_tool_choice(tools, choice)
    if not tools or choice == "none":
        raise ConfigurationError(
            f"choice={choice!r} with {len(tools)} tools leaves nothing to call; pass at least one "
            "tool and another choice than 'none', or use no grammar"
        )
    functions = [
        tool["function"] for tool in tools if choice in ("auto", "required", *names_of([tool]))
    ]
    return functions, choice != "auto"


def call_rules(
    functions: Sequence[Mapping[str, Any]], *, before: Callable[[str], str], after: str
) -> list[str]:
    """Return the rule `call`, with one alternative per function, and the rules it needs.

    Args:
        functions: the functions that may be called.
        before: returns, for a function's name, the terms from the call's start to its arguments.
        after: the terms after the arguments.
    """
    rules = ["call: " + " | ".join(f"call_{index}" for index in range(len(functions)))]
    for index, function in enumerate(functions):
        schema = written_schema(function["parameters"])
        terms = f"{before(function['name'])} arguments_{index} {after}"
        rules.append(f"call_{index}: {terms.strip()}")
        rules.append(f"arguments_{index}: %json {json.dumps(schema)}")
    return rules


def named_object(key: str) -> Callable[[str], str]:
    """Return a function from a name to the term for a call's object up to its arguments, `key`."""
    return lambda name: quote(f'{{"name": "{name}", "{key}": ')


def repeated(first: str, following: str, *, parallel: bool) -> str:
    """Return the terms of one call, or of several."""
    return f"{first} ({following})*" if parallel else first


def start_rules(opening: str, *, is_required: bool, literal: Render) -> list[str]:
    """Return the rule `start`: an opening marker and the rule `calls`.

    Unless calls are required, text may precede or replace them. The text cannot contain the
    marker, whichever tokens spell it.
    """
    term = literal(opening)
    if is_required:
        return [f"start: {term} calls"]
    text = f"TEXT: {_anything()} & ~{_anything(opening)}"
    if term != quote(opening):  # a special token, which cannot be part of a terminal
        return [f"start: TEXT ({term} calls)?", text]
    until = f"/(?s:.*){_escape(opening)}/ & ~/(?s:.*){_escape(opening)}(?s:.+)/"
    return ["start: TEXT | UNTIL_OPENING calls", text, f"UNTIL_OPENING: {until}"]


def text_unless(start: str, marker: str) -> str:
    """Return the body of a terminal: text without `marker` that does not start with `start`."""
    blank = r"[ \t\r\n]*"
    return f"/{blank}([^{_escape(start)} \\t\\r\\n](?s:.*))?/ & ~{_anything(marker)}"


def _anything(around: str = "") -> str:
    return f"/(?s:.*){_escape(around)}(?s:.*)/" if around else "/(?s:.*)/"


def _escape(text: str) -> str:
    return re.escape(text).replace("/", r"\/")
