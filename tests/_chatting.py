"""Bodies and readers for tests of the chat endpoints."""

import json
from collections.abc import Mapping
from typing import Any

MODEL = "ngsd-mini"
ASK = "What is the capital of France?"
TIMER_ASK = "Set a timer for 12 minutes."
TIMER: dict[str, Any] = {
    "name": "set_timer",
    "description": "Start a timer",
    "parameters": {
        "type": "object",
        "properties": {"minutes": {"type": "integer"}},
        "required": ["minutes"],
    },
}


def user(text: str = ASK) -> list[Any]:
    """Return a conversation of one question."""
    return [{"role": "user", "content": text}]


def chat_body(**fields: Any) -> dict[str, Any]:
    """Return the body of a chat completion."""
    return {"model": MODEL, "messages": user(), "max_tokens": 12, **fields}


def response_body(**fields: Any) -> dict[str, Any]:
    """Return the body of a response."""
    return {"model": MODEL, "input": ASK, "max_output_tokens": 12, **fields}


def frames_of(text: str) -> list[tuple[str | None, Any]]:
    """Return name and data of each server-sent event."""
    frames = []
    for block in text.split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        data = lines["data"]
        frames.append((lines.get("event"), data if data == "[DONE]" else json.loads(data)))
    return frames


def error_of(answer: Any) -> Mapping[str, Any]:
    """Return the error object of an answer."""
    error: Mapping[str, Any] = answer.json()["error"]
    return error
