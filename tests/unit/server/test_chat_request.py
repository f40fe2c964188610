"""From bodies of OpenAI's API to chat requests."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from _chatting import ASK, TIMER, chat_body, response_body
from ngsd_guard.chat import ChatRequest
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.server import ApiError
from ngsd_guard.server.completions._chat_request import ChatBody, chat_request
from ngsd_guard.server.completions._response_request import ResponseBody, response_request

FUNCTION = {"type": "function", "function": TIMER}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def chat(**fields: Any) -> ChatRequest:
    return chat_request(ChatBody.model_validate(chat_body(**fields)), 9.0)


def respond(**fields: Any) -> ChatRequest:
    return response_request(ResponseBody.model_validate(response_body(**fields)), 9.0)


def test_a_plain_body_is_greedy_and_has_the_servers_time() -> None:
    request = chat()
    assert request.messages == [{"role": "user", "content": ASK}]
    assert (request.temperature, request.max_new_tokens, request.timeout_s) == (0.0, 12, 9.0)


def test_options_arrive_under_the_engines_names() -> None:
    request = chat(
        max_tokens=None,
        max_completion_tokens=7,
        temperature=0.5,
        top_p=0.9,
        seed=-1,
        stop=["a", "b"],
        tools=[FUNCTION],
        tool_choice={"type": "function", "function": {"name": "set_timer"}},
        parallel_tool_calls=False,
        logprobs=True,
        top_logprobs=3,
    )
    assert request.max_new_tokens == 7
    assert (request.temperature, request.top_p) == (0.5, 0.9)
    assert request.seed == 2**63 - 1
    assert request.stop == ("a", "b")
    assert request.tools == [FUNCTION]
    assert request.tool_choice == "set_timer"
    assert request.parallel_tool_calls is False
    assert request.num_logprobs == 3


def test_harmless_parameters_are_ignored() -> None:
    plain = chat()
    assert plain == chat(
        user="u", metadata={"a": "b"}, store=False, n=1, logit_bias={}, presence_penalty=0,
        frequency_penalty=None, service_tier="auto", modalities=["text"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("n", True),
        ("store", True),
        ("presence_penalty", 0.5),
        ("logit_bias", {"5": 1}),
        ("functions", [TIMER]),
        ("reasoning_effort", "low"),
        ("stream_options", {"include_usage": True}),
        ("tool_choice", {"type": "function", "function": {"name": "other"}}),
        ("tool_choice", "required"),
    ],
)
def test_what_would_change_the_answer_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ApiError) as caught:
        chat(**{name: value})
    assert caught.value.status == 400
    assert caught.value.param == name


def test_an_unknown_parameter_is_not_repeated() -> None:
    with pytest.raises(ApiError, match="did you mean temperature") as caught:
        chat(temprature=1)
    assert "temprature" not in caught.value.message


@pytest.mark.parametrize("kind", ["image_url", "input_audio", "file"])
def test_media_are_refused_by_name(kind: str) -> None:
    parts = [{"type": "text", "text": "see"}, {"type": kind, kind: {"data": "zebra"}}]
    with pytest.raises(ApiError, match=rf"messages\.0\.content\.1 is of type {kind}") as caught:
        chat(messages=[{"role": "user", "content": parts}])
    assert "zebra" not in caught.value.message


def test_a_message_of_the_server_can_be_sent_back() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    said = {"role": "assistant", "content": None, "refusal": None, "tool_calls": [call]}
    refused = {"role": "assistant", "content": "No.", "refusal": "No."}
    request = chat(messages=[said, refused, {"role": "user", "content": "ok"}])
    first, second, _ = request.messages
    assert first["tool_calls"] == [{"id": "c1", "name": "f", "arguments": "{}"}]
    assert second == {"role": "assistant", "content": "No."}


@pytest.mark.parametrize(
    ("given_format", "expected"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, {"type": "json_object"}),
        (
            {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA, "strict": True}},
            {"type": "json_schema", "json_schema": {"schema": SCHEMA}},
        ),
    ],
)
def test_response_formats(given_format: Any, expected: Any) -> None:
    assert chat(response_format=given_format).response_format == expected


def test_input_items_become_messages() -> None:
    request = respond(
        instructions="Be brief.",
        input=[
            {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
            {"type": "reasoning", "id": "r", "summary": []},
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
            {"type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "1"},
        ],
        tools=[{"type": "function", **TIMER, "strict": True}],
    )
    system, _, assistant, tool = request.messages
    assert system == {"role": "system", "content": "Be brief."}
    assert [call["id"] for call in assistant["tool_calls"]] == ["c1", "c2"]
    assert tool == {"role": "tool", "content": "1", "tool_call_id": "c1"}
    assert request.tools == [{"type": "function", **TIMER}]


@pytest.mark.parametrize(
    "fields",
    [
        {"previous_response_id": "resp_1"},
        {"store": True},
        {"background": True},
        {"reasoning": {"effort": "low"}},
        {"include": ["file_search_call.results"]},
        {"input": [{"type": "item_reference", "id": "zebra"}]},
        {"input": [{"type": "function_call", "name": "f"}]},
        {"text": {"format": {"type": "json_schema", "name": "x"}}},
    ],
)
def test_unsupported_parts_of_a_response_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as caught:
        respond(**fields)
    assert caught.value.status == 400
    assert "zebra" not in caught.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("build", [chat, respond])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_value_of_any_field_is_taken_or_refused(build: Any, data: st.DataObject) -> None:
    body = ChatBody if build is chat else ResponseBody
    names = st.sampled_from(sorted(body.model_fields)) | st.text(max_size=8)
    fields = data.draw(st.dictionaries(names, JSON, min_size=1, max_size=3))
    try:
        built = build(**fields)
    except (ApiError, ConfigurationError, ValidationError):
        return
    assert built.timeout_s == 9.0
