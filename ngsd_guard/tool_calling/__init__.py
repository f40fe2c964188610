"""Tool calls in a model's text: formats, parsing and grammars, without any model.

::

    find_tool_format(chat_template) -> ToolFormat | None    register_tool_format(format)
    format.name, format.markers, format.matches(chat_template)
    format.grammar(tools, *, choice, parallel, literal=quote) -> str    for `compile_grammar`
    format.parser().feed(text), .finish() -> list[ParserEvent]
    format.parser_for(tools)                                where arguments are not JSON, as in XML
    parse_answer(format, text) -> ParsedAnswer(text, calls, broken)
    text_grammar(markers), written_schema(schema)           for `compile_grammar`

    normalise_tools(tools) -> list[dict]    check_tool_choice(tools, choice) -> str

    find_reasoning_markers(chat_template) -> tuple[str, str] | None
    ReasoningSplitter(opening, closing, *, starts_inside).feed(text), .finish()

The events do not depend on how an answer is split between `feed` calls, except that deltas are
split differently. The index of a call counts broken ones; a `BrokenCall` retracts all earlier
events with its index.
"""

from ngsd_guard.tool_calling._answer import parse_answer
from ngsd_guard.tool_calling._events import (
    ArgumentsDelta,
    BrokenCall,
    CallEnded,
    CallStarted,
    ParsedAnswer,
    ParsedCall,
    ParserEvent,
    ReasoningDelta,
    TextDelta,
    ToolCallParser,
)
from ngsd_guard.tool_calling._formats import ToolFormat
from ngsd_guard.tool_calling._grammar import quote, text_grammar, written_schema
from ngsd_guard.tool_calling._llama3 import LLAMA3, Llama3Format
from ngsd_guard.tool_calling._mistral import MISTRAL, MISTRAL_NAMED, MistralFormat
from ngsd_guard.tool_calling._reasoning import ReasoningSplitter, find_reasoning_markers
from ngsd_guard.tool_calling._registry import find_tool_format, register_tool_format
from ngsd_guard.tool_calling._tagged import HERMES, TaggedFormat
from ngsd_guard.tool_calling._tools import check_tool_choice, normalise_tools
from ngsd_guard.tool_calling._xml import XML, XmlFormat

__all__ = [
    "HERMES",
    "LLAMA3",
    "MISTRAL",
    "MISTRAL_NAMED",
    "XML",
    "ArgumentsDelta",
    "BrokenCall",
    "CallEnded",
    "CallStarted",
    "Llama3Format",
    "MistralFormat",
    "ParsedAnswer",
    "ParsedCall",
    "ParserEvent",
    "ReasoningDelta",
    "ReasoningSplitter",
    "TaggedFormat",
    "TextDelta",
    "ToolCallParser",
    "ToolFormat",
    "XmlFormat",
    "check_tool_choice",
    "find_reasoning_markers",
    "find_tool_format",
    "normalise_tools",
    "parse_answer",
    "quote",
    "register_tool_format",
    "text_grammar",
    "written_schema",
]
