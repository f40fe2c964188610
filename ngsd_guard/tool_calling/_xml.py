"""Calls with one tag per argument: Qwen3-Coder, and models trained on its form."""

import json
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.json_schemas import enforceable_schema, inlined_schema
from ngsd_guard.tool_calling._calls import Calls, Reading, read_visible
from ngsd_guard.tool_calling._events import ToolCallParser
from ngsd_guard.tool_calling._grammar import (
    quote,
    repeated,
    start_rules,
    wanted_tools,
    written_schema,
)
from ngsd_guard.tool_calling._json import ENDED, MalformedCallError
from ngsd_guard.tool_calling._parser import MarkedParser
from ngsd_guard.tool_calling._tools import normalise_tools

_OPENING: Final = "<tool_call>"
_CLOSING: Final = "</tool_call>"
_FUNCTION: Final = "<function="
_PARAMETER: Final = "<parameter="
_END_OF_VALUE: Final = "\n</parameter>\n"
_COMBINING: Final = ("$ref", "allOf", "anyOf", "oneOf", "patternProperties")


@dataclass(frozen=True, slots=True)
class XmlFormat:
    """`<function=name>` with a `<parameter=key>` per argument, between two tags.

    Text is written as it is, every other value as JSON.
    """

    name: str

    @property
    def markers(self) -> tuple[str, ...]:
        """The two tags around a call."""
        return _OPENING, _CLOSING

    def matches(self, chat_template: str) -> bool:
        """Whether the template writes functions and parameters as tags between the two tags."""
        return all(tag in chat_template for tag in (_OPENING, _FUNCTION, _PARAMETER))

    def parser(self) -> ToolCallParser:
        """Return a parser for one answer; a value is JSON where it can be read as JSON."""
        return self.parser_for(())

    def parser_for(self, tools: Sequence[Mapping[str, Any]]) -> ToolCallParser:
        """Return a parser for one answer, which knows which arguments are text."""
        texts = {
            (tool["function"]["name"], key)
            for tool in normalise_tools(tools)
            for key, part in _properties(tool["function"]["parameters"]).items()
            if _is_text(part)
        }
        return MarkedParser(_OPENING, lambda calls: _read(calls, texts), closing=_CLOSING)

    def grammar(
        self,
        tools: Sequence[Mapping[str, Any]],
        *,
        choice: str,
        parallel: bool,
        literal: Callable[[str], str] = quote,
    ) -> str:
        """Return a grammar of answers; see `ToolFormat.grammar`.

        Raises:
            ConfigurationError: the tools or the choice are invalid, or a tool's arguments are not
                simply listed.
        """
        functions, is_required = wanted_tools(tools, choice)
        one = f'"\\n" call "\\n" {literal(_CLOSING)}'
        following = f'"\\n" {literal(_OPENING)} {one}'
        rules = [
            *start_rules(_OPENING, is_required=is_required, literal=literal),
            f"calls: {repeated(one, following, parallel=parallel)}",
            "call: " + " | ".join(f"call_{index}" for index in range(len(functions))),
        ]
        for index, function in enumerate(functions):
            rules += _call_rules(index, function)
        return "\n".join(rules)


def _call_rules(index: int, function: Mapping[str, Any]) -> list[str]:
    schema = function["parameters"]
    properties = _properties(schema)
    required = set(schema.get("required", ()))
    if required - properties.keys() or any(key in schema for key in _COMBINING):
        raise ConfigurationError(
            f"tool {function['name']!r} has arguments that are not simply listed, and this model "
            "writes one tag per argument; list them all in 'properties'"
        )
    parts, rules = [quote(f"{_FUNCTION}{function['name']}>\n")], list[str]()
    for number, (key, part) in enumerate(properties.items()):
        name = f"argument_{index}_{number}"
        parts.append(name if key in required else f"{name}?")
        value = f"VALUE_{index}_{number}"
        opening = quote(f"{_PARAMETER}{key}>\n")
        if _is_text(part):
            rules += [f"{name}: {opening} {value}", f"{value}: {_text_terminal(part)}"]
        else:
            defs = {k: schema[k] for k in ("$defs", "definitions") if k in schema}
            written = json.dumps(written_schema({**part, **defs} if defs else part))
            rules += [
                f"{name}: {opening} value_{index}_{number} {quote(_END_OF_VALUE)}",
                f"value_{index}_{number}: %json {written}",
            ]
    return [f"call_{index}: {' '.join(parts)} {quote('</function>')}", *rules]


def _text_terminal(schema: Mapping[str, Any]) -> str:
    """Return the terminal of a text and the tag after it, which cannot be part of the text."""
    end = re.escape(_END_OF_VALUE).replace("/", r"\/").replace("\\\n", r"\n")
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " | ".join(quote(f"{value}{_END_OF_VALUE}") for value in values)
    terms = [f"/(?s:.*){end}/", f"~/(?s:.*){end}(?s:.+)/"]
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if least or most is not None:
        terms.append(f"/(?s:.{{{least},{'' if most is None else most}}}){end}/")
    pattern = enforceable_schema(dict(schema)).get("pattern")
    if pattern is not None:
        before = "" if pattern.startswith("^") else "(?s:.*)"
        after = "" if pattern.endswith("$") else "(?s:.*)"
        body = pattern.removeprefix("^").removesuffix("$").replace("/", r"\/")
        terms.append(f"/{before}({body}){after}{end}/")
    return " & ".join(terms)


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = inlined_schema(dict(schema)).get("properties", {})
    return properties


def _is_text(schema: Any) -> bool:
    if not isinstance(schema, Mapping) or any(key in schema for key in _COMBINING):
        return False
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return all(isinstance(value, str) for value in values)
    return schema.get("type") == "string"


def _read(calls: Calls, texts: set[tuple[str, str]]) -> Reading:
    char = yield from read_visible()
    arguments = yield from _read_function(calls, char, texts)
    char = yield from read_visible()
    if char:  # the closing tag may be missing at the end of the answer
        yield from _read_tag(char, _CLOSING)
    calls.end(arguments)


def _read_function(
    calls: Calls, char: str, texts: set[tuple[str, str]]
) -> Generator[None, str, dict[str, Any]]:
    yield from _read_tag(char, _FUNCTION)
    name = (yield from _read_until(">")).strip()
    if not name:
        raise MalformedCallError("it has no name")
    calls.start(name)
    arguments: dict[str, Any] = {}
    while True:
        char = yield from read_visible()
        found = yield from _read_tag(char, _PARAMETER, "</function>")
        if found != _PARAMETER:
            calls.add_arguments("}" if arguments else "{}")
            return arguments
        key = (yield from _read_until(">")).strip()
        text = yield from _read_until("</parameter>")
        if not key or key in arguments:
            raise MalformedCallError("an argument has no name, or is there twice")
        text = text.removeprefix("\n").removesuffix("\n")
        value = text if (name, key) in texts else _value(text)
        calls.add_arguments(
            ("{" if not arguments else ", ")
            + f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        )
        arguments[key] = value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _read_tag(char: str, *tags: str) -> Generator[None, str, str]:
    """Read one of some tags, of which the first character was read; return it."""
    read = char
    while read not in tags:
        if not char:
            raise MalformedCallError(ENDED)
        if not any(tag.startswith(read) for tag in tags):
            raise MalformedCallError("it has no function and parameter tags")
        char = yield
        read += char
    return read


def _read_until(end: str) -> Generator[None, str, str]:
    """Read up to a text; return what was before it."""
    read = ""
    while not read.endswith(end):
        char = yield
        if not char:
            raise MalformedCallError(ENDED)
        read += char
    return read.removesuffix(end)


XML: Final = XmlFormat("xml")
