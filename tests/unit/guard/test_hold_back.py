"""What is held back of a stream, and what a verdict does to a text."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _guard_fakes import HARMFUL, POLICY, keyword_guard
from ngsd_guard import Verdict
from ngsd_guard.guard import LONGEST_HELD, HeldBack, cuts, is_refused, replacement, stops

VERDICT = Verdict("evaluated", True, "block", True, "output")


def text_of(part: str) -> str:
    return part


def released(chunks: list[str]) -> list[tuple[str, str]]:
    """Return each released part with the text that is to be judged before it leaves."""
    held = HeldBack(text_of)
    parts = [(part, held.whole) for chunk in chunks for part in held.add(chunk)]
    return parts + [(part, held.whole) for part in held.rest()]


@given(st.lists(st.text("ab. \n!", max_size=9)))
def test_all_of_a_stream_leaves_in_order_and_after_it_was_judged(chunks: list[str]) -> None:
    parts = released(chunks)
    assert "".join(part for part, _ in parts) == "".join(chunks)
    before = ""
    for part, whole in parts:
        before += part
        assert whole == before


def test_sentences_are_not_cut() -> None:
    parts = [part for part, _ in released(["One. ", "Tw", "o is", " longer! ", "Thr"])]
    assert parts == ["One. ", "Two is longer! ", "Thr"]
    assert [part for part, _ in released(["3.14 and ", "more"])] == ["3.14 and more"]


@given(st.lists(st.text("ab", min_size=1, max_size=30), max_size=80))
def test_no_more_is_held_back_than_the_limit(chunks: list[str]) -> None:
    longest = max(map(len, chunks), default=0)
    assert all(len(part) <= LONGEST_HELD + longest for part, _ in released(chunks))


@pytest.mark.parametrize(
    ("changes", "stopped", "cut"),
    [
        ({}, True, False),
        ({"action": "escalate"}, True, False),
        ({"action": "rewrite"}, True, False),
        ({"action": "steer"}, True, False),
        ({"action": "redact"}, False, True),
        ({"action": "redact", "stage": "tool_args"}, True, False),
        ({"action": "flag"}, False, False),
        ({"action": "allow"}, False, False),
        ({"enforced": False}, False, False),
        ({"enforced": False, "action": "redact"}, False, False),
    ],
)
def test_a_verdict_stops_or_cuts_or_neither(
    changes: dict[str, Any], stopped: bool, cut: bool
) -> None:
    verdict = replace(VERDICT, **changes)
    assert (stops(verdict), cuts(verdict)) == (stopped, cut)


def test_a_stopped_text_is_replaced_by_the_policys_message() -> None:
    guard = keyword_guard()
    verdict = guard.check(HARMFUL)
    text = replacement(guard, verdict)
    assert text == POLICY.message
    assert is_refused(guard, verdict, text)


def test_an_answer_of_the_pair_is_not_a_refusal() -> None:
    guard = keyword_guard()
    verdict = replace(VERDICT, action="rewrite")
    turns = [{"role": "user", "content": "Hello"}]
    text = replacement(guard, verdict, turns)
    assert text
    assert not is_refused(guard, verdict, text)
    assert is_refused(guard, verdict, replacement(guard, verdict))
