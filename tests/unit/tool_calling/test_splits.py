"""Parsing does not depend on how an answer is split."""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard.tool_calling import (
    HERMES,
    LLAMA3,
    MISTRAL,
    ArgumentsDelta,
    BrokenCall,
    CallEnded,
    CallStarted,
    ParserEvent,
    ReasoningSplitter,
    TextDelta,
    ToolFormat,
)

PIECES = {
    "hermes": ["<tool_call>", "</tool_call>", "<tool_", "</tool_call", "<"],
    "llama3": ["<|python_tag|>", "<|python", "; ", "<|"],
    "mistral": ["[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "[", "]", ", ", "[TOOL_", "f[ARGS]{}"],
}
JSON_PIECES = [
    '{"name": "f", "arguments": {"a": "x\\"}"}}',
    '{"parameters": {}, "name": "g"}',
    '{"name": "h", "arguments": "{\\"b\\": [1, {}]}"}',
    '{"name": "f"',
    ', "arguments": {"a": ',
    *'{}[]",:\\ \n1a;',
    '"name": ',
    '"x"',
    "\t",
    "text",
]
FORMATS = [HERMES, LLAMA3, MISTRAL]


def answers(format: ToolFormat) -> st.SearchStrategy[str]:
    pieces = st.sampled_from(PIECES[format.name] * 2 + JSON_PIECES)
    return st.lists(pieces | st.text(max_size=3), max_size=14).map("".join)


@st.composite
def splits(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[str]:
    text = draw(texts)
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=12).map(sorted))
    edges = [0, *cuts, len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def read(parser: Any, pieces: Sequence[str]) -> list[Any]:
    return [event for piece in pieces for event in parser.feed(piece)] + parser.finish()


def merged(events: Sequence[Any]) -> list[Any]:
    """Join consecutive deltas of one kind."""

    def kind(event: Any) -> Any:
        is_delta = hasattr(event, "text") and not isinstance(event, BrokenCall)
        return (type(event), getattr(event, "index", None)) if is_delta else id(event)

    def join() -> Iterator[Any]:
        for _, group in groupby(events, key=kind):
            run = list(group)
            text = "".join(getattr(event, "text", "") for event in run)
            yield (type(run[0]), text) if len(run) > 1 or kind(run[0]) != id(run[0]) else run[0]

    return list(join())


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@given(data=st.data())
def test_split_changes_nothing(format: ToolFormat, data: st.DataObject) -> None:
    pieces = data.draw(splits(answers(format)))
    text = "".join(pieces)
    whole = merged(read(format.parser(), [text]))
    assert merged(read(format.parser(), pieces)) == whole
    assert merged(read(format.parser(), list(text))) == whole


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@given(data=st.data())
def test_events_of_each_call_are_consistent(format: ToolFormat, data: st.DataObject) -> None:
    events: list[ParserEvent] = read(format.parser(), [data.draw(answers(format))])
    last = -1
    for event in events:
        if isinstance(event, CallEnded | BrokenCall):
            assert event.index == last + 1
            last += 1
            of_call = [one for one in events if getattr(one, "index", None) == last]
            names = [one.name for one in of_call if isinstance(one, CallStarted)]
            deltas = [one.text for one in of_call if isinstance(one, ArgumentsDelta)]
            assert of_call[-1] is event
            if isinstance(event, CallEnded):
                assert len(names) == 1
                assert isinstance(of_call[0], CallStarted)
                assert json.loads("".join(deltas)) == event.arguments
            else:
                assert event.text
                assert len(names) <= 1
    assert {getattr(event, "index", 0) for event in events} <= set(range(last + 1)) | {0}


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@given(data=st.data())
def test_nothing_but_whitespace_is_lost(format: ToolFormat, data: st.DataObject) -> None:
    text = data.draw(answers(format))
    events = read(format.parser(), [text])
    if not any(isinstance(event, CallEnded) for event in events):
        kept = "".join(event.text for event in events if isinstance(event, TextDelta | BrokenCall))
        assert re.sub(r"[ \t\r\n]", "", kept) == re.sub(r"[ \t\r\n]", "", text)


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.name)
@given(text=st.text('ab {}\n<|["é東', max_size=20))
def test_answer_without_a_call_is_returned_unchanged(format: ToolFormat, text: str) -> None:
    assert "".join(event.text for event in read(format.parser(), list(text))) == text


@given(
    pieces=splits(
        st.lists(
            st.sampled_from(["<think>", "</think>", "<thi", "</", "<", " ", "\n", "why", "so"]),
            max_size=10,
        ).map("".join)
    ),
    starts_inside=st.booleans(),
)
def test_split_does_not_change_the_reasoning(pieces: list[str], starts_inside: bool) -> None:
    def found(pieces: Sequence[str]) -> list[Any]:
        return merged(read(ReasoningSplitter(starts_inside=starts_inside), pieces))

    text = "".join(pieces)
    assert found(pieces) == found([text]) == found(list(text))
