"""A request becomes events: text, reasoning, calls, steps and an end."""

from collections.abc import Callable
from typing import Any

import pytest

from ngsd_guard.chat import (
    ArgumentsDelta,
    CallEnded,
    ChatEngine,
    ChatEvent,
    ChatRequest,
    Finished,
    ReasoningDelta,
    StepsDecoded,
    TextDelta,
    ToolCallBroken,
    ToolCallStarted,
    fold,
)
from ngsd_guard.errors import DecodingError

USER = [{"role": "user", "content": "What is the weather in Rome?"}]
WEATHER = {
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
CALL = '<tool_call>\n{"name": "weather", "arguments": {"city": "Rome"}}\n</tool_call>'
Says = Callable[..., ChatEngine]


def request(**options: Any) -> ChatRequest:
    return ChatRequest(messages=USER, **options)


def joined(events: list[ChatEvent], kind: type[TextDelta | ReasoningDelta]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def test_text_comes_in_pieces_and_ends_once(says: Says) -> None:
    *events, end = says("It rains.").stream(request())
    assert joined(events, TextDelta) == "It rains."
    assert len([event for event in events if isinstance(event, TextDelta)]) > 1
    assert isinstance(end, Finished)
    assert end.finish_reason == "stop"
    assert end.usage.output_tokens == len("It rains.") + 1
    assert not any(isinstance(event, Finished) for event in events)


def test_steps_follow_the_events_they_released(says: Says) -> None:
    events = list(says("<think>Hm.</think>Yes.").stream(request()))
    assert isinstance(events[-2], StepsDecoded)
    reports = [event for event in events if isinstance(event, StepsDecoded)]
    positions = [step.position for event in reports for step in event.steps]
    assert positions == list(range(len(positions)))
    assert len(positions) == len("<think>Hm.</think>Yes.") + 1
    first = next(index for index, event in enumerate(events) if isinstance(event, StepsDecoded))
    assert isinstance(events[first - 1], ReasoningDelta)
    assert len(events[first].steps) > 1  # type: ignore[union-attr]  # the marker's, held back


def test_reasoning_is_told_from_text(says: Says) -> None:
    events = list(says("<think>I look out.</think>\n\nIt rains.").stream(request()))
    assert joined(events, ReasoningDelta) == "I look out."
    assert joined(events, TextDelta) == "It rains."


def test_call_has_one_id_and_a_finish_reason_of_its_own(says: Says) -> None:
    events = list(says(f"I look.\n{CALL}").stream(request(tools=[WEATHER])))
    (started,) = [event for event in events if isinstance(event, ToolCallStarted)]
    (ended,) = [event for event in events if isinstance(event, CallEnded)]
    arguments = [event for event in events if isinstance(event, ArgumentsDelta)]
    assert (started.index, started.name, ended.arguments) == (0, "weather", {"city": "Rome"})
    assert len(started.id) == 9
    assert "".join(delta.text for delta in arguments) == '{"city": "Rome"}'
    assert len(arguments) > 1
    assert joined(events, TextDelta) == "I look."
    assert isinstance(events[-1], Finished)
    assert events[-1].finish_reason == "tool_calls"


def test_calls_are_text_where_no_tools_were_offered(says: Says) -> None:
    answer = says(CALL).answer(request())
    assert answer.text == CALL
    assert answer.finish_reason == "stop"


@pytest.mark.parametrize(
    ("reply", "was_started"),
    [('<tool_call>{"name": "weather", "arguments": {"city": </tool_call>', True),
     ("<tool_call>weather!</tool_call>", False)],
)  # fmt: skip
def test_broken_call_takes_back_what_was_reported(
    says: Says, reply: str, was_started: bool
) -> None:
    events = list(says(reply).stream(request(tools=[WEATHER])))
    (broken,) = [event for event in events if isinstance(event, ToolCallBroken)]
    assert broken.was_started is was_started
    assert broken.text == reply
    answer = fold(events)
    assert answer.tool_calls == ()
    assert answer.broken_calls[0].id == broken.id


async def test_all_four_ways_give_the_same_answer(says: Says) -> None:
    chat = says(f"<think>Hm.</think>I look.\n{CALL}")
    asked = request(tools=[WEATHER], logprobs=True, top_logprobs=1)
    answers = [
        chat.answer(asked),
        await chat.aanswer(asked),
        fold(chat.stream(asked)),
        fold([event async for event in chat.astream(asked)]),
    ]
    for answer in answers:
        assert (answer.text, answer.reasoning) == ("I look.", "Hm.")
        assert [(call.name, call.arguments) for call in answer.tool_calls] == [
            ("weather", {"city": "Rome"})
        ]
        assert len(answer.logprobs) == answer.usage.output_tokens
        assert len(answer.logprobs[0].top) == 1


def test_logprobs_are_written_as_openai_writes_them(says: Says) -> None:
    answer = says("é").answer(request(logprobs=True, top_logprobs=2))
    token = answer.logprobs[0].as_openai()
    assert set(token) == {"token", "bytes", "logprob", "top_logprobs"}
    assert token["bytes"] == list(token["token"].encode())
    assert token["top_logprobs"][0]["logprob"] == pytest.approx(token["logprob"])
    assert says("é").answer(request()).logprobs == ()


def test_summary_is_json_and_holds_no_text(says: Says) -> None:
    answer = says("It rains.").answer(request(seed=3, temperature=0.5))
    summary = answer.finished.summary()
    assert summary["record_id"] == answer.generation.id
    assert summary["seed"] == 3
    assert all(value is None or isinstance(value, str | float | int) for value in summary.values())
    assert "rains" not in str(summary)


def test_answer_without_an_end_is_refused() -> None:
    with pytest.raises(DecodingError, match="no end"):
        fold([TextDelta("It")])


def test_answer_continues_the_conversation(says: Says) -> None:
    answer = says(f"I look.\n{CALL}").answer(request(tools=[WEATHER]))
    message = answer.message()
    result = {"role": "tool", "content": "rain", "tool_call_id": answer.tool_calls[0].id}
    told = says("It rains.").answer(ChatRequest(messages=[*USER, message, result], tools=[WEATHER]))
    assert told.text == "It rains."
    assert told.message() == {"role": "assistant", "content": "It rains."}
