"""Content in blocks: text is joined, and what cannot be read is refused by name."""

from typing import Any

import pytest

from ngsd_guard import InvalidRequestError
from ngsd_guard.messages import validate_messages

CALL = {"name": "now", "arguments": {}, "id": "a1"}
TEXT = {"type": "text", "text": "Hi"}


def content_of(message: dict[str, Any]) -> str:
    rest = [{"role": "user", "content": "-"}]
    return validate_messages([*rest, message, *rest])[1]["content"]


@pytest.mark.parametrize(
    ("role", "blocks", "text"),
    [
        ("user", ["Hi", TEXT], "Hi\nHi"),
        ("user", [{"type": "input_text", "text": "Hi"}], "Hi"),
        ("user", [{"type": "text-plain", "text": "Hi", "mime_type": "text/plain"}], "Hi"),
        ("system", (TEXT,), "Hi"),
        ("tool", [TEXT, TEXT], "Hi\nHi"),
        ("user", [], ""),
        ("assistant", [{"type": "output_text", "text": "H"}, {"type": "text", "text": "i"}], "Hi"),
        ("assistant", [{"type": "refusal", "refusal": "No."}], "No."),
        ("assistant", [{"type": "reasoning", "reasoning": "Hm."}, TEXT], "Hi"),
        ("assistant", [{"type": "thinking", "thinking": "Hm."}, TEXT], "Hi"),
        ("assistant", [{"type": "redacted_thinking", "data": "x"}, TEXT], "Hi"),
    ],
)
def test_text_of_blocks_is_joined(role: str, blocks: Any, text: str) -> None:
    assert content_of({"role": role, "content": blocks}) == text


@pytest.mark.parametrize(
    "block",
    [
        {"type": "tool_use", "id": "a1", "name": "now", "input": {}},
        {"type": "function_call", "id": "fc_7", "call_id": "a1", "name": "now", "arguments": "{}"},
        {"type": "tool_call_chunk", "id": None, "name": "now", "args": "{}", "index": 0},
        {"type": "tool_use", "id": "a1", "name": "now", "input": {}, "partial_json": "{}"},
        {"type": "custom_tool_call", "call_id": "a1", "name": "now"},
    ],
)
def test_block_that_repeats_a_call_is_left_out(block: dict[str, Any]) -> None:
    message = {"role": "assistant", "content": [TEXT, block], "tool_calls": [CALL]}
    assert content_of(message) == "Hi"
    alone = {"role": "assistant", "content": [TEXT, block]}
    with pytest.raises(InvalidRequestError, match=block["type"]):
        content_of(alone)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "tool_use", "id": "a1", "name": "now", "input": {"zone": "x"}},
        {"type": "tool_use", "id": "a1", "name": "later", "input": {}},
        {"type": "tool_use", "id": "b2", "name": "now", "input": {}},
        {"type": "function_call", "call_id": "a1", "name": "now", "arguments": '{"a": 1, "a": 2}'},
        {"type": "invalid_tool_call", "id": "b2"},
        {"type": "redacted_thinking", "data": "x", "text": "Hi"},
        {"type": "redacted_thinking", "data": "it is readable"},
    ],
)
def test_block_that_says_more_than_the_calls_is_refused(block: dict[str, Any]) -> None:
    message = {"role": "assistant", "content": [TEXT, block], "tool_calls": [CALL]}
    with pytest.raises(InvalidRequestError, match=block["type"]):
        content_of(message)


@pytest.mark.parametrize("role", ["user", "system", "tool"])
@pytest.mark.parametrize(
    "block",
    [
        {"type": "tool_use", "id": "a1", "name": "now", "input": {}},
        {"type": "invalid_tool_call", "id": "a1"},
        {"type": "reasoning", "reasoning": "Hm."},
        {"type": "redacted_thinking", "data": "x"},
    ],
)
def test_what_only_an_assistant_says_is_refused_elsewhere(role: str, block: Any) -> None:
    with pytest.raises(InvalidRequestError, match=f"{block['type']}'.*{role} message"):
        content_of({"role": role, "content": [TEXT, block]})


@pytest.mark.parametrize("role", ["user", "assistant", "system", "tool"])
@pytest.mark.parametrize(
    "block",
    [
        {"type": "image_url", "image_url": {"url": "data:,"}},
        {"type": "text-plain", "base64": "SGk="},
        {"type": "text-plain", "url": "https://example.org/a.txt"},
        {"type": "text", "text": None},
        {"type": "text", "text": ["Hi"]},
        {"type": ["text"], "text": "Hi"},
        {"text": "Hi"},
        {"type": "web_search_call", "id": "a1"},
        7,
    ],
)
def test_what_is_not_text_is_refused(role: str, block: Any) -> None:
    with pytest.raises(InvalidRequestError, match="describe images"):
        content_of({"role": role, "content": [TEXT, block]})
