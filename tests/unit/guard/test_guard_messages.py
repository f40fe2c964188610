"""All that a message can hold is judged, or refused by name."""

import json
from typing import Any

import pytest

from _guard_fakes import STAGES, keyword_guard, question_at
from ngsd_guard import InvalidRequestError
from ngsd_guard.guard import CheckRequest
from ngsd_guard.guard._subject import read_subject

GUARD = keyword_guard()


@pytest.mark.parametrize("name", ["HARM", "do_HARM_now", "now HARM it", "nowHARM"])
def test_names_are_judged(name: str) -> None:
    for role in ("user", "assistant"):
        assert GUARD.check([{"role": role, "content": "Hi", "name": name}]).flagged
        assert GUARD.check([{"role": role, "content": "", "name": name}]).flagged
    for stage in ("retrieval", "tool_result"):
        assert GUARD.check([{"role": "user", "content": "Hi", "name": name}], stage=stage).flagged
    for harmless in ("alice", "get_weather", None):
        assert GUARD.check([{"role": "user", "content": "Hi", "name": harmless}]).is_clean


def test_the_name_of_a_called_tool_is_judged_once() -> None:
    question = question_at("tool_result", "Fine.")
    turns = [*question["messages"][:-1], question["messages"][-1] | {"name": "run"}]
    assert read_subject(CheckRequest(turns, stage="tool_result")).text == "Fine."
    turns[-1]["name"] = "run_away"
    assert read_subject(CheckRequest(turns, stage="tool_result")).text == "Fine.\nrun away"


def test_ids_of_several_words_are_judged() -> None:
    for call_id in ("call_a1", "toolu_01HARM", None):
        assert GUARD.check([{"role": "tool", "content": "Hi", "tool_call_id": call_id}]).is_clean
    for call_id in ("now HARM it", "now_HARM_it"):
        assert GUARD.check([{"role": "tool", "content": "", "tool_call_id": call_id}]).flagged


@pytest.mark.parametrize("key", ["id", "call_id", "type", "status", "index"])
def test_ids_and_labels_of_calls_are_judged_if_they_have_several_words(key: str) -> None:
    for label in ("now HARM it", "now_HARM_it", ["now HARM it"], {"a": "now HARM it"}):
        for call in (
            {"name": "send", "arguments": {}, key: label},
            {"function": {"name": "send", "arguments": "{}"}, key: label},
        ):
            turn = {"role": "assistant", "content": "", "tool_calls": [call]}
            assert all(GUARD.check([turn], stage=stage).flagged for stage in ("tool_args", "input"))
    for label in ("call_a1", "tool_call", "function_call", 0, None):
        turn["tool_calls"] = [{"name": "send", "arguments": {}, key: label}]
        assert GUARD.check([turn], stage="tool_args").is_clean


@pytest.mark.parametrize("label", [["HARM"], {"a": "HARM"}, 7])
def test_names_and_ids_that_are_not_text_are_refused(label: Any) -> None:
    for key in ("name", "tool_call_id"):
        verdict = GUARD.check([{"role": "tool", "content": "Hi", key: label}])
        assert verdict.error_type == "InvalidRequestError"


@pytest.mark.parametrize("key", ["arguments", "args", "input", "parameters"])
@pytest.mark.parametrize("stage", ["tool_args", "input"])
def test_arguments_are_judged_in_every_spelling(stage: Any, key: str) -> None:
    for call in (
        {"name": "send", key: {"text": "HARM"}},
        {"name": "send", "arguments": "", "args": {}, key: {"text": "HARM"}},
        {"name": "send", key: '{"text": "\\u0048ARM"}'},
        {"type": "function", "function": {"name": "send", key: '{"text": "HARM"}'}},
        {"type": "custom", "custom": {"name": "send", key: "HARM"}},
        {"name": "send", key: '{"text": "HARM", "text": "tea"}'},
        {"name": "send", key: '{"a": {"text": "HARM", "text": "tea"}, "b": 1}'},
        {"name": "send", key: {}, "error": "HARM"},
    ):
        turn = {"role": "assistant", "content": "", "tool_calls": [call]}
        assert GUARD.check([turn], stage=stage).evaluation == "evaluated"
        assert GUARD.check([turn], stage=stage).flagged


@pytest.mark.parametrize(
    "call",
    [
        {"name": "send", "arguments": {"a": "tea"}, "args": {"a": "HARM"}},
        {"name": "send", "arguments": {}, "body": "HARM"},
        {"function": {"name": "send", "arguments": "{}"}, "name": "HARM"},
        {"function": {"name": "send", "arguments": "{}"}, "args": "HARM"},
        {"function": {"name": "send", "arguments": "{}", "note": "HARM"}},
    ],
)
def test_unknown_members_of_a_call_are_refused(call: Any) -> None:
    turn = {"role": "assistant", "content": "", "tool_calls": [call]}
    for stage in STAGES:
        assert GUARD.check([turn], stage=stage).error_type == "InvalidRequestError"


RECORDS: Any = [
    {"type": "web_search_call", "id": "ws_1", "status": "completed",
     "action": {"type": "search", "query": "HARM"}},
    {"type": "mcp_call", "id": "m", "name": "f", "arguments": "{}", "output": "HARM"},
    {"type": "code_interpreter_call", "code": "HARM", "outputs": None},
    {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "HARM"}},
    {"type": "web_search_tool_result", "tool_use_id": "s",
     "content": [{"type": "web_search_result", "title": "HARM", "encrypted_content": "AAAA"}]},
    {"type": "executable_code", "executable_code": "HARM", "language": "python"},
    {"type": "code_execution_result", "code_execution_result": "HARM"},
    {"type": "non_standard", "value": {"type": "mcp_call", "output": "HARM"}},
    {"type": "server_tool_result", "output": "HARM", "status": "success"},
    {"type": "document", "source": {"type": "text", "data": "HARM"}, "title": "T"},
    {"functionCall": {"name": "f", "args": {"a": "HARM"}}},
    {"toolResult": {"content": [{"text": "HARM"}]}},
    {"reasoningContent": {"text": "HARM", "signature": "AAAA"}},
    {"type": "reasoning_content", "reasoning_content": {"text": "HARM", "signature": "AAAA"}},
    {"type": "text", "text": "Fine.", "annotations": [{"type": "url_citation", "title": "HARM"}]},
    {"type": "text", "text": "Fine.", "id": "now_HARM_it"},
    {"type": "text", "text": "Fine.", "note": "HARM"},
    {"type": "redacted_thinking", "data": "now HARM it", "text": "HARM"},
]  # fmt: skip
MEDIA: Any = [
    {"type": "image_generation_call", "result": "AAAA"},
    {"type": "computer_call_output", "output": {"type": "computer_screenshot"}},
    {"type": "tool_result", "content": [{"type": "image", "source": {}}]},
    {"type": "document", "source": {"type": "base64", "data": "AAAA"}},
    {"type": "non_standard", "value": {"type": "video", "url": "x"}},
    {"type": "unheard_of", "text": "Fine."},
]


@pytest.mark.parametrize("block", RECORDS, ids=str)
def test_the_blocks_of_every_provider_are_judged(block: Any) -> None:
    for stage in ("input", "output"):
        turns = [{"role": "user", "content": "Go on"}, {"role": "assistant", "content": [block]}]
        verdict = GUARD.check(turns, stage=stage)
        is_sealed = block["type"] == "redacted_thinking" if "type" in block else False
        assert verdict.evaluation == ("error" if is_sealed else "evaluated")
        assert verdict.flagged
        harmless = json.loads(json.dumps(turns).replace("HARM", "tea"))
        assert GUARD.check(harmless, stage=stage).is_clean != is_sealed


@pytest.mark.parametrize("block", MEDIA, ids=str)
def test_blocks_that_are_not_text_are_refused_by_name(block: Any) -> None:
    turns = [{"role": "user", "content": "Go on"}, {"role": "assistant", "content": [block]}]
    assert GUARD.check(turns, stage="output").error_type == "InvalidRequestError"
    with pytest.raises(InvalidRequestError, match=f"{block['type']}|video"):
        read_subject(CheckRequest(turns, stage="output"))


def test_nothing_hides_between_two_pieces_of_an_answer() -> None:
    pieces = [{"type": "text", "text": "HA"}, {"type": "output_text", "text": "RM"}]
    turns = [{"role": "user", "content": "Go on"}, {"role": "assistant", "content": pieces}]
    assert GUARD.check(turns, stage="output").flagged
