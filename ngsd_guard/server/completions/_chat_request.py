"""From the body of a chat completion to a chat request."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from ngsd_guard.chat import ChatRequest
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server.completions._content import Content, ToolName, text_blocks
from ngsd_guard.server.completions._parameters import (
    IGNORED,
    MAX_TOOLS,
    Body,
    Strict,
    check_parameters,
    seed_of,
    unsupported,
)

_NEUTRAL: Final[dict[str, Any]] = {
    "n": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logit_bias": {},
    "store": False,
    "modalities": ["text"],
    "verbosity": "medium",
}
_REFUSED: Final = frozenset(
    {
        "audio",
        "function_call",
        "functions",
        "moderation",
        "reasoning_effort",
        "web_search_options",
        "min_p",
        "repetition_penalty",
        "best_of",
        "echo",
        "suffix",
        "guided_json",
        "guided_regex",
        "guided_choice",
        "guided_grammar",
    }
)


class FunctionCall(Strict):
    """Name and arguments of a call."""

    name: ToolName
    arguments: str
    """A JSON object."""


class ToolCall(Strict):
    """A call in an assistant message."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall
    index: int | None = None


class ChatMessage(Strict):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Content | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = Field(default=None, description="Ignored.")
    annotations: list[Any] | None = Field(default=None, description="Ignored.")
    audio: None = None
    function_call: None = None


class Function(Strict):
    """Definition of a function."""

    name: ToolName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Strict):
    """A tool that the model may call."""

    type: Literal["function"]
    function: Function


class NamedFunction(Strict):
    """Name of a function."""

    name: ToolName


class NamedTool(Strict):
    """The tool that must be called."""

    type: Literal["function"]
    function: NamedFunction


class JsonSchema(Strict):
    """A schema that the answer must fit."""

    name: ToolName
    description: str | None = None
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool | None = None


class ResponseFormat(Strict):
    """Form of the answer."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(Strict):
    """Options of a stream."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = Field(default=None, description="Ignored.")


class ChatBody(Body):
    """The body of `POST /v1/chat/completions`."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2, description="Default: 0, greedy.")
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_k: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=-(2**63), lt=2**63)
    stop: str | Annotated[list[str], Field(max_length=16)] | None = None
    tools: list[Tool] | None = Field(default=None, max_length=MAX_TOOLS)
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)

    @property
    def includes_usage(self) -> bool:
        """Whether a stream ends with a chunk of token counts."""
        return bool(self.stream_options and self.stream_options.include_usage)


def chat_request(body: ChatBody, timeout_s: float) -> ChatRequest:
    """Return what a body asks for.

    Args:
        body: the body of a request.
        timeout_s: time the answer may take, in seconds.

    Raises:
        ApiError: a parameter or a content is not supported.
        ConfigurationError: an option is out of range.
    """
    check_parameters(body, ignored=IGNORED, neutral=_NEUTRAL, refused=_REFUSED)
    if body.stream_options is not None and not body.stream:
        raise unsupported("stream_options", "set stream to true, or leave it out")
    tools = [tool.model_dump(exclude_none=True, exclude={"strict"}) for tool in body.tools or ()]
    for tool in tools:
        tool["function"].pop("strict", None)
    names = {tool["function"]["name"] for tool in tools}
    options: dict[str, Any] = {
        "temperature": body.temperature,
        "top_p": body.top_p,
        "top_k": body.top_k,
        "seed": seed_of(body.seed),
        "stop": stop_strings(body.stop),
        "parallel_tool_calls": body.parallel_tool_calls,
        "top_logprobs": body.top_logprobs,
    }
    return ChatRequest(
        messages=[_message(message, n) for n, message in enumerate(body.messages)],
        max_new_tokens=_max_tokens(body),
        tools=tools or None,
        tool_choice=_choice(body.tool_choice, names),
        response_format=_format(body.response_format),
        logprobs=bool(body.logprobs),
        timeout_s=timeout_s,
        **{name: value for name, value in options.items() if value is not None},
    )


def checked_choice(name: str, names: set[str]) -> str:
    """Return the name of the tool that must be called.

    Raises:
        ApiError: there is no such tool.
    """
    if name not in names:
        raise ApiError(
            400,
            "tool_choice names a tool that is not among the tools",
            code="invalid_request",
            param="tool_choice",
        )
    return name


def stop_strings(stop: str | list[str] | None) -> tuple[str, ...] | None:
    """Return the stop strings; None for none.

    Raises:
        ApiError: one is empty.
    """
    strings = (stop,) if isinstance(stop, str) else tuple(stop or ())
    if not all(strings):
        raise ApiError(400, "stop has an empty string; remove it", code="invalid_request")
    return strings or None


def _choice(choice: str | NamedTool | None, names: set[str]) -> str | None:
    if isinstance(choice, NamedTool):
        return checked_choice(choice.function.name, names)
    if choice == "required" and not names:
        raise ApiError(
            400,
            "tool_choice requires a call, but there are no tools; add them",
            code="invalid_request",
            param="tool_choice",
        )
    return choice


def _max_tokens(body: ChatBody) -> int | None:
    old, new = body.max_tokens, body.max_completion_tokens
    if old is not None and new is not None and old != new:
        raise unsupported("max_tokens beside a different max_completion_tokens", "send one of them")
    return old if new is None else new


def _format(format: ResponseFormat | None) -> dict[str, Any] | None:
    if format is None or format.type == "text":
        return None
    if format.type == "json_object":
        return {"type": "json_object"}
    if format.json_schema is None:
        raise ApiError(
            400,
            "response_format has no json_schema; add it",
            code="invalid_request",
            param="response_format",
        )
    return {"type": "json_schema", "json_schema": {"schema": format.json_schema.schema_}}


def _message(message: ChatMessage, index: int) -> dict[str, Any]:
    content = text_blocks(message.content, f"messages.{index}")
    if not content and message.refusal is not None:
        content = message.refusal
    built: dict[str, Any] = {"role": message.role, "content": content}
    if message.tool_calls:
        built["tool_calls"] = [
            {"id": call.id, "name": call.function.name, "arguments": call.function.arguments}
            for call in message.tool_calls
        ]
    built |= {"name": message.name, "tool_call_id": message.tool_call_id}
    return {key: value for key, value in built.items() if value is not None or key == "content"}
