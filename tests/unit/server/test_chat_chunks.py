"""From chat events to chunks, completions and responses."""

from dataclasses import replace
from typing import Any

import pytest

from _chatting import response_body
from ngsd_guard.chat import (
    ArgumentsDelta,
    CallEnded,
    ChatEvent,
    ChatFinishReason,
    Finished,
    ReasoningDelta,
    StepsDecoded,
    TextDelta,
    ToolCallBroken,
    ToolCallStarted,
)
from ngsd_guard.server import ApiError
from ngsd_guard.server.completions._chat_chunks import ChunkWriter, completion
from ngsd_guard.server.completions._response_events import ResponseWriter, response
from ngsd_guard.server.completions._response_request import ResponseBody
from ngsd_guard.testing import scripted_engine

REFUSAL = "I'm sorry, but I can't help with that."
STEP = StepsDecoded((), ())


def finished(reason: ChatFinishReason = "stop", *, num_overrides: int = 0) -> Finished:
    engine = scripted_engine("Hi", scores=(0, 0, 0, 0))
    generation = engine.generate([{"role": "user", "content": "x"}], max_new_tokens=4)
    return Finished(replace(generation, num_overrides=num_overrides), reason)


CALL: list[ChatEvent] = [
    TextDelta("I will."),
    ToolCallStarted(0, "c1", "f"),
    ArgumentsDelta(0, '{"a":'),
    STEP,
    ArgumentsDelta(0, "1}"),
    CallEnded(0, {"a": 1}),
    STEP,
]
BROKEN = ToolCallBroken(0, "c1", "<call>", "no name", was_started=True)


def chunks_of(events: list[ChatEvent], **options: Any) -> list[dict[str, Any]]:
    writer = ChunkWriter("m", **{"includes_usage": False, "is_text": True, **options})
    return [*writer.start(), *(chunk for event in events for chunk in writer.feed(event))]


def deltas_of(chunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]


def test_a_stream_says_role_then_text_then_reason() -> None:
    events = [ReasoningDelta("hm"), TextDelta("Hel"), STEP, TextDelta("lo"), STEP, finished()]
    chunks = chunks_of(events, includes_usage=True)
    assert deltas_of(chunks) == [
        {"role": "assistant", "content": ""},
        {"reasoning_content": "hm", "content": "Hel"},
        {"content": "lo"},
        {},
    ]
    assert [c["choices"][0]["finish_reason"] for c in chunks[:-1]] == [None, None, None, "stop"]
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] == 3 + chunks[-1]["usage"]["prompt_tokens"]
    assert chunks[-2]["ngsd"].keys() >= {"risk", "alpha", "record_id", "peak_potential"}
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_calls_are_streamed_in_pieces() -> None:
    chunks = chunks_of([*CALL, finished("tool_calls")])
    _, first, second, last = deltas_of(chunks)
    call = {"index": 0, "id": "c1", "type": "function"}
    assert first["tool_calls"] == [{**call, "function": {"name": "f", "arguments": '{"a":'}}]
    assert second["tool_calls"] == [{"index": 0, "function": {"arguments": "1}"}}]
    assert last == {}
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


def test_a_completion_has_text_and_calls() -> None:
    whole = completion("m", [*CALL, finished("tool_calls")], is_text=True)
    message = whole["choices"][0]["message"]
    assert message["content"] == "I will."
    assert message["tool_calls"][0]["function"] == {"name": "f", "arguments": '{"a": 1}'}
    assert whole["choices"][0]["finish_reason"] == "tool_calls"


def test_surrogates_in_arguments_have_a_utf8_form() -> None:
    events = [ToolCallStarted(0, "c1", "f"), CallEnded(0, {"a": "\ud800ä"}), finished("tool_calls")]
    whole = completion("m", events, is_text=True)
    arguments = whole["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert arguments.encode() == b'{"a": "\\ud800\\u00e4"}'


def test_a_broken_call_ends_a_stream_with_an_error() -> None:
    events = [ToolCallStarted(0, "c1", "f"), ArgumentsDelta(0, "{"), STEP, BROKEN]
    with pytest.raises(ApiError, match="not valid"):
        chunks_of([*events, finished("tool_calls")])
    assert chunks_of([*events, finished("length")])[-1]["choices"][0]["finish_reason"] == "length"


def test_a_call_that_never_began_is_text() -> None:
    broken = ToolCallBroken(0, "c1", "<call>", "no name", was_started=False)
    chunks = chunks_of([broken, STEP, finished("tool_calls")])
    assert deltas_of(chunks)[1] == {"content": "<call>"}
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    whole = completion("m", [broken, finished("tool_calls")], is_text=True)
    assert whole["choices"][0]["message"]["content"] == "<call>"
    assert whole["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(("num_overrides", "refused"), [(0, False), (3, True)])
def test_a_refusal_is_reported_where_the_guard_changed_tokens(
    num_overrides: int, refused: bool
) -> None:
    events = [TextDelta(REFUSAL), STEP, finished(num_overrides=num_overrides)]
    message = completion("m", events, is_text=True)["choices"][0]["message"]
    assert message["content"] == REFUSAL
    assert message["refusal"] == (REFUSAL if refused else None)
    last = chunks_of(events)[-1]
    assert last["choices"][0]["delta"] == ({"refusal": REFUSAL} if refused else {})
    assert last["ngsd"]["refused"] is refused
    assert completion("m", events, is_text=False)["ngsd"]["refused"] is False


def test_a_cancelled_answer_is_an_error() -> None:
    with pytest.raises(ApiError):
        completion("m", [TextDelta("Hi"), finished("cancelled")], is_text=True)
    with pytest.raises(ApiError):
        chunks_of([finished("cancelled")])


def body() -> ResponseBody:
    return ResponseBody.model_validate(response_body())


def test_a_response_is_streamed_item_by_item() -> None:
    writer = ResponseWriter("m", body())
    chat_events = [*CALL, finished("tool_calls")]
    events = [*writer.start(), *(e for event in chat_events for e in writer.feed(event))]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    text, call = events[-1]["response"]["output"]
    assert text["content"][0]["text"] == "I will."
    assert (call["call_id"], call["arguments"], call["status"]) == ("c1", '{"a":1}', "completed")
    assert {event.get("output_index") for event in events} == {None, 0, 1}


def test_a_cut_response_is_incomplete() -> None:
    whole = response("m", body(), [TextDelta("The"), STEP, finished("length")])
    assert whole["status"] == whole["output"][0]["status"] == "incomplete"
    assert whole["incomplete_details"] == {"reason": "max_output_tokens"}


def test_an_empty_response_is_a_message_without_text() -> None:
    whole = response("m", body(), [finished()])
    assert whole["output"][0]["content"][0]["text"] == ""


def test_a_response_tells_a_refusal_beside_its_text() -> None:
    whole = response("m", body(), [TextDelta(REFUSAL), STEP, finished(num_overrides=1)])
    said, refusal = whole["output"][0]["content"]
    assert (said["text"], refusal) == (REFUSAL, {"type": "refusal", "refusal": REFUSAL})
    assert whole["ngsd"]["refused"] is True
