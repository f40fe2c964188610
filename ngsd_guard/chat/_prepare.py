"""From a request to what the engine is asked, and how the answer is read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ngsd_guard.chat._reading import AnswerReader
from ngsd_guard.chat._request import ChatRequest
from ngsd_guard.chat._template import AnswerFormat
from ngsd_guard.errors import ConfigurationError, InvalidRequestError, MissingDependencyError
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.tool_calling import (
    ReasoningSplitter,
    ToolCallParser,
    ToolFormat,
    check_tool_choice,
    normalise_tools,
    quote,
    text_grammar,
    written_schema,
)

_SCHEMA_REQUEST: Final = "Answer with JSON that fits this schema:\n{}"
_PASSED_ON: Final = (
    "guarded", "max_new_tokens", "temperature", "top_k", "top_p", "seed", "stop",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PreparedChat:
    """A request that was checked; it is answered once."""

    messages: Any
    """As `Engine.stream` takes them."""
    options: Mapping[str, Any]
    """Of `Engine.stream`."""
    reader: AnswerReader


def prepare(base: LanguageModel, format: AnswerFormat, request: ChatRequest) -> PreparedChat:
    """Check a request's tools and formats, and compile the grammar that enforces them.

    Args:
        base: the model that answers.
        format: how it writes answers.
        request: what is asked.

    Raises:
        ConfigurationError: an option is wrong, contradicts another, or cannot be enforced.
        InvalidRequestError: the answer must be a call or JSON, but would continue a message.
        MissingDependencyError: a forced call or a schema needs the grammar engine.
    """
    messages: Any = request.messages
    tools = normalise_tools(() if request.tools is None else request.tools)
    choice = check_tool_choice(tools, request.tool_choice)
    schema = _schema_of(request.response_format)
    written = None if schema is None else written_schema(schema)
    if schema is not None and tools:
        raise ConfigurationError(
            "both tools and response_format were given; give one of them, or offer the schema as "
            "a tool"
        )
    is_forced = schema is not None or choice not in ("auto", "none")
    if is_forced and _role_at(messages, -1) == "assistant":
        raise InvalidRequestError(
            "the last message is the assistant's own and would be continued, but the answer must "
            "be a tool call or JSON; end with a user or tool message"
        )
    if schema is not None and request.response_format["type"] == "json_schema":
        messages = _with_schema(messages, schema)
    tool_format = _tool_format(base, format) if tools else None
    grammar = _grammar(format, request, tools, choice, tool_format, written)
    if choice == "none":
        tools, tool_format = [], None
    markers = None if is_forced else format.reasoning_markers  # a grammar leaves it no room
    reader = AnswerReader(
        base,
        reasoning=markers
        and ReasoningSplitter(*markers, starts_inside=format.opens_with_reasoning),
        calls=None if tool_format is None else _parser(tool_format, tools),
        is_json=schema is not None,
    )
    options = {name: getattr(request, name) for name in _PASSED_ON}
    options |= {"tools": tools, "num_logprobs": request.num_logprobs}
    if grammar is not None:
        options["constraint"] = grammar.start()
    return PreparedChat(messages, options, reader)


def _tool_format(base: LanguageModel, format: AnswerFormat) -> ToolFormat:
    if format.tool_format is None:
        raise ConfigurationError(
            f"the chat template of {base.name!r} takes no tools; use a model whose template does, "
            "or ask for JSON by a schema: response_format, with_structured_output"
            "(method='json_schema') in LangChain"
        )
    return format.tool_format


def _parser(tool_format: ToolFormat, tools: Sequence[Mapping[str, Any]]) -> ToolCallParser:
    parser_for = getattr(tool_format, "parser_for", None)
    parser: ToolCallParser = tool_format.parser() if parser_for is None else parser_for(tools)
    return parser


def _grammar(
    format: AnswerFormat,
    request: ChatRequest,
    tools: Sequence[Mapping[str, Any]],
    choice: str,
    tool_format: ToolFormat | None,
    written: Mapping[str, Any] | None,
) -> Any:
    if written is not None:
        return format.grammar(json_schema=json.dumps(written))
    if tool_format is None:
        return None
    if choice == "none":
        spelled = [marker for marker in tool_format.markers if not format.literal(marker)]
        text = text_grammar(spelled)
    else:
        text = tool_format.grammar(
            tools,
            choice=choice,
            parallel=request.parallel_tool_calls is not False,
            literal=lambda marker: format.literal(marker) or quote(marker),
        )
    is_free = choice in ("auto", "none")  # without a grammar, a broken call is still reported
    if is_free and not format.can_constrain:
        return None
    try:
        return format.grammar(lark=text)
    except MissingDependencyError:
        if is_free:
            return None
        raise


def _schema_of(response_format: Any) -> dict[str, Any] | None:
    if response_format is None or response_format == {"type": "text"}:
        return None
    if isinstance(response_format, Mapping):
        kind, schema = response_format.get("type"), None
        if kind == "json_object":
            schema = response_format.get("schema", {"type": "object"})
        elif kind == "json_schema":
            described = response_format.get("json_schema")
            schema = described.get("schema") if isinstance(described, Mapping) else None
        if isinstance(schema, Mapping):
            return dict(schema)
    raise ConfigurationError(
        "response_format is not one of {'type': 'text'}, {'type': 'json_object'} and {'type': "
        "'json_schema', 'json_schema': {'schema': ...}}; give one of these"
    )


def _with_schema(messages: Any, schema: Mapping[str, Any]) -> Any:
    """Return a conversation whose system message asks for the schema."""
    role = _role_at(messages, 0)
    if role is None:  # not a conversation, which the engine refuses and records
        return messages
    request = _SCHEMA_REQUEST.format(json.dumps(schema, ensure_ascii=False))
    first, *rest = messages
    if role not in ("system", "developer"):
        return [{"role": "system", "content": request}, *messages]
    content = first.get("content")
    if isinstance(content, str):
        return [{**first, "content": f"{content}\n\n{request}"}, *rest]
    if isinstance(content, list | tuple):
        return [{**first, "content": [*content, {"type": "text", "text": request}]}, *rest]
    return messages


def _role_at(messages: Any, index: int) -> Any:
    """Return the role of a message; None where there is no such message."""
    if isinstance(messages, str | bytes) or not isinstance(messages, Sequence) or not messages:
        return None
    message = messages[index]
    return message.get("role") if isinstance(message, Mapping) else None
