from typing import Any

import pytest

from ngsd_guard import ConfigurationError
from ngsd_guard.tool_calling import (
    ReasoningDelta,
    ReasoningSplitter,
    TextDelta,
    find_reasoning_markers,
)


def split(text: str, **options: Any) -> tuple[str, str]:
    splitter = ReasoningSplitter(**options)
    events = [*splitter.feed(text), *splitter.finish()]
    reasoning = "".join(one.text for one in events if isinstance(one, ReasoningDelta))
    return reasoning, "".join(one.text for one in events if isinstance(one, TextDelta))


@pytest.mark.parametrize(
    ("answer", "reasoning", "text"),
    [
        ("Hi.", "", "Hi."),
        (" Hi <think> ", "", " Hi <think> "),
        ("<think>\nWhy?\n\nSo.\n</think>\n\nHi. ", "Why?\n\nSo.", "Hi. "),
        ("\n<think>a</think>b", "a", "b"),
        ("<think>\n\n</think>\n\nHi.", "", "Hi."),
        ("<think>a < b </thin> c", "a < b </thin> c", ""),
        ("<think>a </th", "a </th", ""),
        ("<think>a</think>", "a", ""),
        ("<think>a</think> b</think> <think>c</think>", "a", "b</think> <think>c</think>"),
        ("<think", "", "<think"),
        ("a</think>b", "", "a</think>b"),
        ("", "", ""),
    ],
)
def test_reasoning_is_separated_from_the_answer(answer: str, reasoning: str, text: str) -> None:
    assert split(answer) == (reasoning, text)


@pytest.mark.parametrize(
    ("answer", "reasoning", "text"),
    [
        ("Why?\n</think>\n\nHi.", "Why?", "Hi."),
        ("\nWhy?</think>Hi.", "Why?", "Hi."),
        ("<think>\nWhy?</think>Hi.", "Why?", "Hi."),
        ("Why? <think> So.", "Why? <think> So.", ""),
        ("</think>Hi.", "", "Hi."),
        ("<thi", "<thi", ""),
    ],
)
def test_prompt_may_have_opened_the_block(answer: str, reasoning: str, text: str) -> None:
    assert split(answer, starts_inside=True) == (reasoning, text)


def test_markers_can_be_chosen() -> None:
    assert split("[THINK]a[/THINK]b", opening="[THINK]", closing="[/THINK]") == ("a", "b")
    with pytest.raises(ConfigurationError, match="neither may be empty"):
        ReasoningSplitter("<think>", "")


def test_reasoning_is_streamed_as_it_is_written() -> None:
    splitter = ReasoningSplitter()
    pieces = ("<thi", "nk>\nWhy", "? </", "b> So </", "think>\n", "\nHi", " there ")
    assert [splitter.feed(piece) for piece in pieces] == [
        [],
        [ReasoningDelta("Why")],
        [ReasoningDelta("?")],
        [ReasoningDelta(" </b> So")],
        [],
        [TextDelta("Hi")],
        [TextDelta(" there ")],
    ]


@pytest.mark.parametrize(
    ("template", "markers"),
    [
        ("{{ content.split('</think>')[-1] }}", ("<think>", "</think>")),
        ("{{ '<think>\\n\\n</think>\\n\\n' }}", ("<think>", "</think>")),
        ("[THINK]{{ thoughts }}[/THINK]", ("[THINK]", "[/THINK]")),
        ("{{ message['content'] }}", None),
    ],
)
def test_markers_are_found_in_the_template(template: str, markers: tuple[str, str] | None) -> None:
    assert find_reasoning_markers(template) == markers
