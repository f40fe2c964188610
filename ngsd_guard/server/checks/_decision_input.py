"""The input of a decision, as a conversation and as one text."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ngsd_guard.server._errors import ApiError


class _Text(BaseModel):
    type: Literal["input_text", "output_text"]
    text: str


class _Refusal(BaseModel):
    type: Literal["refusal"]
    refusal: str


class _Json(BaseModel):
    type: Literal["input_json"]
    data: dict[str, Any] | list[dict[str, Any]]


class _Image(BaseModel):
    type: Literal["input_image"]


Part = Annotated[_Text | _Refusal | _Json | _Image, Field(discriminator="type")]
Content = str | list[Part]


class _Message(BaseModel):
    type: Literal["message"] = "message"
    role: Literal["user", "developer", "system", "assistant"]
    content: Content


class _Call(BaseModel):
    type: Literal["function_call"]
    call_id: str
    name: str
    arguments: str


class _CustomCall(BaseModel):
    type: Literal["custom_tool_call"]
    call_id: str
    name: str
    input: str


class _Result(BaseModel):
    type: Literal["function_call_output", "custom_tool_call_output"]
    call_id: str
    output: Content


DecisionInput = str | list[_Call | _CustomCall | _Result | _Message]


def text_of(content: Content) -> str:
    """Return the text of a content.

    Raises:
        ApiError: it has an image.
    """
    if isinstance(content, str):
        return content
    return "\n".join(map(_part_text, content))


def as_messages(given: DecisionInput) -> list[dict[str, Any]]:
    """Return an input as messages that the guard takes; consecutive calls are one message.

    Raises:
        ApiError: it has an image.
    """
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    messages: list[dict[str, Any]] = []
    for item in given:
        if isinstance(item, _Message):
            messages.append({"role": item.role, "content": text_of(item.content)})
        elif isinstance(item, _Result):
            result = {"tool_call_id": item.call_id, "content": text_of(item.output)}
            messages.append({"role": "tool", **result})
        else:
            _add_call(messages, item)
    return messages


def as_text(messages: Sequence[dict[str, Any]]) -> str:
    """Return messages as one text: a single one as it is, several with their roles."""
    if len(messages) == 1 and not messages[0].get("tool_calls"):
        return str(messages[0]["content"])
    return "\n".join(f"{each['role'].capitalize()}: {_message_text(each)}" for each in messages)


def _add_call(messages: list[dict[str, Any]], item: _Call | _CustomCall) -> None:
    arguments = item.arguments if isinstance(item, _Call) else json.dumps({"input": item.input})
    function = {"name": item.name, "arguments": arguments}
    call = {"id": item.call_id, "type": "function", "function": function}
    if messages and messages[-1].get("tool_calls"):
        messages[-1]["tool_calls"].append(call)
    else:
        messages.append({"role": "assistant", "content": "", "tool_calls": [call]})


def _message_text(message: dict[str, Any]) -> str:
    calls = [call["function"] for call in message.get("tool_calls", ())]
    written = [f"{call['name']}({call['arguments']})" for call in calls]
    return "\n".join(filter(None, [message["content"], *written]))


def _part_text(part: Part) -> str:
    match part:
        case _Text():
            return part.text
        case _Refusal():
            return part.refusal
        case _Json():
            return json.dumps(part.data, ensure_ascii=False)
        case _:
            raise ApiError(
                400,
                "images cannot be judged; send text only",
                code="image_not_judged",
                param="input",
            )
