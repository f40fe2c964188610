"""What a chat model is asked for: LangChain's options as the engine's."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from langchain_core.messages import BaseMessage

from langchain_ngsd._answer import AnswerReader
from langchain_ngsd._engines import SharedEngine
from langchain_ngsd._messages import to_engine_messages
from ngsd_guard import ConfigurationError, InvalidRequestError, MissingDependencyError
from ngsd_guard.tool_calling import (
    ReasoningSplitter,
    ToolFormat,
    check_tool_choice,
    normalise_tools,
    quote,
    text_grammar,
    written_schema,
)

SAMPLING_OPTIONS: Final = frozenset({"max_tokens", "temperature", "top_k", "top_p", "seed"})
CALL_OPTIONS: Final = SAMPLING_OPTIONS | {
    "logprobs",
    "model",
    "parallel_tool_calls",
    "response_format",
    "strict",
    "tool_choice",
    "tools",
    "top_logprobs",
}
"""What a call may say besides `stop`."""
_SCHEMA_REQUEST: Final = "Answer with one JSON object that fits this schema:\n{}"


def check_call_options(options: Mapping[str, Any]) -> None:
    """Refuse options that mean nothing here.

    Raises:
        ConfigurationError: naming them.
    """
    unknown = sorted(options.keys() - CALL_OPTIONS)
    if unknown:
        raise ConfigurationError(
            f"unknown option {', '.join(unknown)}; a call takes stop, "
            f"{', '.join(sorted(CALL_OPTIONS))}"
        )


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the conversation, the engine's options, and how its answer is read."""

    shared: SharedEngine
    messages: Sequence[Mapping[str, Any]]
    options: Mapping[str, Any]
    """Of `Engine.stream`, less the constraint."""
    new_constraint: Callable[[], Any]
    new_reader: Callable[[], AnswerReader]
    timeout_s: float = math.inf
    """Seconds it may take, the wait for its turn included."""
    deadline: float = math.inf
    """When these are over, by `time.monotonic()`."""

    def engine_options(self) -> dict[str, Any]:
        """Return the options of `Engine.stream`, with a constraint that was never used."""
        return {**self.options, "constraint": self.new_constraint()}


def make_call(
    shared: SharedEngine,
    messages: Sequence[BaseMessage],
    *,
    model_name: str,
    sampling: Mapping[str, Any],
    options: Mapping[str, Any],
    timeout_s: float = math.inf,
) -> Call:
    """Check a call's options and turn them into the engine's.

    Raises:
        ConfigurationError: an option is wrong, contradicts another, or cannot be enforced.
        InvalidRequestError: the messages are wrong.
        MissingDependencyError: a forced call or a schema needs the grammar engine.
    """
    conversation = to_engine_messages(messages)
    tools = normalise_tools(options.get("tools") or ())
    choice = check_tool_choice(tools, options.get("tool_choice"))
    schema = _schema_of(options.get("response_format"))
    if schema is not None and tools:
        raise ConfigurationError(
            "both tools and response_format were given; give one of them, or offer the schema as "
            "a tool"
        )
    is_forced = schema is not None or choice not in ("auto", "none")
    if is_forced and conversation and conversation[-1]["role"] == "assistant":
        raise InvalidRequestError(
            "the last message is the assistant's own and would be continued, but the answer must "
            "be a tool call or JSON; end with a human or tool message"
        )
    if schema is not None and _is_object(options["response_format"]):
        conversation = _with_request(conversation, schema)
    tool_format = _tool_format(shared) if tools else None
    grammar = _grammar(shared, tools, choice, tool_format, schema, options)
    if choice == "none":
        tools, tool_format = [], None
    num_logprobs = _num_logprobs(options)

    def new_reader() -> AnswerReader:
        markers = None if is_forced else shared.reasoning_markers  # a grammar leaves it no room
        return AnswerReader(
            shared.engine.base,
            model_name=model_name,
            reasoning=markers
            and ReasoningSplitter(*markers, starts_inside=shared.opens_with_reasoning),
            calls=None if tool_format is None else tool_format.parser(),
            tells_logprobs=num_logprobs is not None,
        )

    return Call(
        shared=shared,
        messages=conversation,
        options={
            **sampling,
            "tools": tools,
            "num_logprobs": num_logprobs,
            "trace": num_logprobs is not None,
        },
        new_constraint=lambda: None if grammar is None else grammar.start(),
        new_reader=new_reader,
        timeout_s=timeout_s,
        deadline=time.monotonic() + timeout_s,
    )


def _tool_format(shared: SharedEngine) -> ToolFormat:
    if shared.tool_format is None:
        raise ConfigurationError(
            f"the chat template of {shared.engine.base.name!r} takes no tools; use a model whose "
            "template does, or with_structured_output(method='json_schema') for JSON"
        )
    return shared.tool_format


def _grammar(
    shared: SharedEngine,
    tools: Sequence[Mapping[str, Any]],
    choice: str,
    tool_format: ToolFormat | None,
    schema: Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> Any:
    if schema is not None:
        return shared.grammar(json_schema=json.dumps(written_schema(schema)))
    if tool_format is None:
        return None
    if choice == "none":
        text = text_grammar(
            [marker for marker in tool_format.markers if not shared.literal(marker)]
        )
    else:
        parallel = options.get("parallel_tool_calls")
        text = tool_format.grammar(
            tools,
            choice=choice,
            parallel=parallel is None or bool(parallel),
            literal=lambda marker: shared.literal(marker) or quote(marker),
        )
    is_free = choice in ("auto", "none")  # then a call is read as it comes, a broken one is told
    if is_free and not shared.can_constrain:
        return None
    try:
        return shared.grammar(lark=text)
    except MissingDependencyError:
        if is_free:
            return None
        raise


def _schema_of(response_format: Any) -> dict[str, Any] | None:
    if response_format is None or response_format == {"type": "text"}:
        return None
    if isinstance(response_format, Mapping):
        if response_format.get("type") == "json_object":
            schema = response_format.get("schema", {"type": "object"})
        else:
            described = response_format.get("json_schema", {})
            schema = described.get("schema") if isinstance(described, Mapping) else None
        if isinstance(schema, Mapping):
            return dict(schema)
    raise ConfigurationError(
        "response_format is none of {'type': 'text'}, {'type': 'json_object'} and {'type': "
        "'json_schema', 'json_schema': {'schema': ...}}; give one of these"
    )


def _is_object(response_format: Mapping[str, Any]) -> bool:
    return response_format.get("type") == "json_schema"


def _with_request(
    conversation: Sequence[dict[str, Any]], schema: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Tell the model the schema in the system prompt."""
    request = _SCHEMA_REQUEST.format(json.dumps(schema, ensure_ascii=False))
    first, *rest = conversation
    if first["role"] != "system":
        return [{"role": "system", "content": request}, *conversation]
    return [{**first, "content": f"{first['content']}\n\n{request}"}, *rest]


def _num_logprobs(options: Mapping[str, Any]) -> int | None:
    wanted, top = options.get("logprobs"), options.get("top_logprobs")
    if top is not None and not wanted:
        raise ConfigurationError("top_logprobs needs logprobs=True; add it")
    return (top or 0) if wanted else None
