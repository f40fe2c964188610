"""From the body of a response to a chat request."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ngsd_guard.chat import ChatRequest
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server.completions._chat_request import checked_choice
from ngsd_guard.server.completions._content import Content, ToolName, text_blocks
from ngsd_guard.server.completions._parameters import (
    IGNORED,
    MAX_TOOLS,
    Body,
    Strict,
    check_parameters,
)

_NEUTRAL: Final[dict[str, Any]] = {"background": False, "store": False, "truncation": "disabled"}
_IGNORED: Final = IGNORED | {"max_tool_calls"}
_REFUSED: Final = frozenset(
    {
        "context_management",
        "conversation",
        "moderation",
        "previous_response_id",
        "prompt",
        "reasoning",
        "seed",
        "stop",
    }
)
LOGPROBS: Final = "message.output_text.logprobs"
_ENCRYPTED: Final = "reasoning.encrypted_content"
_Role = Literal["system", "developer", "user", "assistant"]


class InputItem(BaseModel):
    """A message, a call or the output of a call."""

    model_config = ConfigDict(extra="ignore", strict=True)

    type: str | None = Field(
        default=None, description="message, function_call or function_call_output"
    )
    role: _Role | None = None
    content: Content | None = None
    call_id: str | None = None
    name: ToolName | None = None
    arguments: str | None = None
    output: Content | None = None


class FunctionTool(Strict):
    """A function that the model may call."""

    type: Literal["function"]
    name: ToolName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class NamedFunctionTool(Strict):
    """The function that must be called."""

    type: Literal["function"]
    name: ToolName


class TextFormat(Strict):
    """Form of the text."""

    type: Literal["text", "json_object", "json_schema"]
    name: str | None = None
    description: str | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool | None = None


class TextOptions(Strict):
    """Options of the text."""

    format: TextFormat | None = None
    verbosity: Literal["medium"] | None = None


class ResponseStreamOptions(Strict):
    """Options of a stream."""

    include_obfuscation: bool | None = Field(default=None, description="Ignored.")


class ResponseBody(Body):
    """The body of `POST /v1/responses`."""

    model: str
    input: str | Annotated[list[InputItem], Field(min_length=1)]
    instructions: str | None = None
    stream: bool | None = None
    stream_options: ResponseStreamOptions | None = None
    max_output_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2, description="Default: 0, greedy.")
    top_p: float | None = Field(default=None, gt=0, le=1)
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    tools: list[FunctionTool] | None = Field(default=None, max_length=MAX_TOOLS)
    tool_choice: Literal["none", "auto", "required"] | NamedFunctionTool | None = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    include: list[str] | None = None
    metadata: dict[str, Any] | None = Field(default=None, description="Returned unchanged.")

    @property
    def is_text(self) -> bool:
        """Whether the answer is free text, which can be a refusal."""
        format = None if self.text is None else self.text.format
        return format is None or format.type == "text"


def response_request(body: ResponseBody, timeout_s: float) -> ChatRequest:
    """Return what a body asks for.

    Args:
        body: the body of a request.
        timeout_s: time the answer may take, in seconds.

    Raises:
        ApiError: a parameter or an item is not supported.
        ConfigurationError: an option is out of range.
    """
    check_parameters(body, ignored=_IGNORED, neutral=_NEUTRAL, refused=_REFUSED)
    included = set(body.include or ())
    if included - {LOGPROBS, _ENCRYPTED}:
        raise ApiError(
            400,
            f"include has an entry that is not supported; there is {LOGPROBS}",
            code="unsupported_parameter",
            param="include",
        )
    tools = [tool.model_dump(exclude_none=True, exclude={"strict"}) for tool in body.tools or ()]
    options: dict[str, Any] = {"temperature": body.temperature, "top_p": body.top_p}
    has_logprobs = LOGPROBS in included or body.top_logprobs is not None
    return ChatRequest(
        messages=_messages(body),
        max_new_tokens=body.max_output_tokens,
        tools=tools or None,
        tool_choice=_choice(body.tool_choice, {tool["name"] for tool in tools}),
        parallel_tool_calls=body.parallel_tool_calls,
        response_format=None if body.text is None else _format(body.text.format),
        logprobs=has_logprobs,
        top_logprobs=body.top_logprobs,
        timeout_s=timeout_s,
        **{name: value for name, value in options.items() if value is not None},
    )


def _choice(choice: str | NamedFunctionTool | None, names: set[str]) -> str | None:
    if isinstance(choice, NamedFunctionTool):
        return checked_choice(choice.name, names)
    if choice == "required" and not names:
        raise ApiError(
            400,
            "tool_choice requires a call, but there are no tools; add them",
            code="invalid_request",
            param="tool_choice",
        )
    return choice


def _format(format: TextFormat | None) -> dict[str, Any] | None:
    if format is None or format.type == "text":
        return None
    if format.type == "json_object":
        return {"type": "json_object"}
    if format.schema_ is None:
        raise ApiError(
            400, "text.format has no schema; add it", code="invalid_request", param="text"
        )
    return {"type": "json_schema", "json_schema": {"schema": format.schema_}}


def _messages(body: ResponseBody) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    if body.instructions:
        messages.append({"role": "system", "content": body.instructions})
    if isinstance(body.input, str):
        return [*messages, {"role": "user", "content": body.input}]
    for index, item in enumerate(body.input):
        _add(messages, item, f"input.{index}")
    return messages


def _add(messages: list[dict[str, Any]], item: InputItem, where: str) -> None:
    """Append an item; a call joins the assistant message before it.

    Raises:
        ApiError: its type is not supported, or a field is missing.
    """
    match item.type:
        case None | "message":
            _require(where, role=item.role, content=item.content)
            content = text_blocks(item.content, where)
            messages.append({"role": item.role, "content": content})
        case "function_call":
            _require(where, call_id=item.call_id, name=item.name, arguments=item.arguments)
            call = {"id": item.call_id, "name": item.name, "arguments": item.arguments}
            if not messages or messages[-1]["role"] != "assistant":
                messages.append({"role": "assistant", "content": ""})
            messages[-1].setdefault("tool_calls", []).append(call)
        case "function_call_output":
            _require(where, call_id=item.call_id, output=item.output)
            content = text_blocks(item.output, where)
            messages.append({"role": "tool", "content": content, "tool_call_id": item.call_id})
        case "reasoning":  # earlier thoughts are not shown to the model again
            return
        case _:
            raise ApiError(
                400,
                f"{where} is of a type that is not supported; send messages, function calls and "
                "their outputs",
                code="unsupported_content",
                param=where,
            )


def _require(where: str, **fields: object) -> None:
    missing = [name for name, value in fields.items() if value is None]
    if missing:
        raise ApiError(
            400,
            f"{where} has no {' and no '.join(missing)}; add it",
            code="invalid_request",
            param=where,
        )


def described_tools(tools: Sequence[FunctionTool] | None) -> list[dict[str, Any]]:
    """Return the tools as a response repeats them."""
    return [
        {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.parameters or {"type": "object", "properties": {}},
            "strict": bool(tool.strict),
        }
        for tool in tools or ()
    ]
