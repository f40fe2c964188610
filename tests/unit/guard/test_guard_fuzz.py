"""Every input gets a verdict, and an unjudged text is not called clean."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from _guard_fakes import STAGES, KeywordModel, embedded_engine, keyword_guard, policy_with
from _strategies import CONVERSATIONS, MESSAGES, TEXTS
from ngsd_guard import Guard, Verdict
from ngsd_guard.guard import ACTIONS, Stage

COUNTS = pytest.mark.parametrize("count", [150, pytest.param(3_300, marks=pytest.mark.slow)])
"""Inputs of each test in CI, and of `pytest -m slow`: ten thousand in all."""

GUARD = keyword_guard(policy_with(timeout_s=None))


def assert_sound(verdict: Verdict, stage: str, text: str | None) -> None:
    """Check the invariants of every verdict."""
    assert verdict.stage == stage
    assert verdict.action in ACTIONS
    assert verdict.latency_s >= 0
    if verdict.evaluation == "evaluated":
        assert verdict.error_type is None
        assert verdict.flagged == (verdict.action != "allow")
    elif verdict.evaluation == "skipped":
        assert text is None or not text.strip()
        assert not verdict.flagged
    else:
        assert (verdict.evaluation, verdict.flagged, verdict.action) == ("error", True, "block")
        assert verdict.error_type in ("InvalidRequestError", "ContextOverflowError")
    ends = [0]
    for span in verdict.spans:
        assert ends[-1] <= span.start < span.end
        ends.append(span.end)
    if text is not None:
        assert ends[-1] <= len(text)
        for token in verdict.trace if stage == "output" else ():
            assert 0 <= token.text_start <= token.text_end <= len(text)
    json.dumps(verdict.as_dict())
    assert dataclasses.replace(verdict) == verdict


@COUNTS
def test_any_string_gets_a_verdict(count: int) -> None:
    @settings(max_examples=count)
    @given(TEXTS, st.sampled_from(STAGES), st.booleans())
    def check(text: str, stage: Stage, explain: bool) -> None:
        verdict = GUARD.check(text, stage=stage, explain=explain)
        assert_sound(verdict, stage, text)
        assert verdict.evaluation == ("evaluated" if text.strip() else "skipped")
        if "HARM" in text and verdict.evaluation == "evaluated":
            assert verdict.flagged

    check()


@COUNTS
def test_any_conversation_gets_a_verdict(count: int) -> None:
    @settings(max_examples=count)
    @given(CONVERSATIONS, st.none() | TEXTS, st.sampled_from(STAGES))
    def check(messages: Any, response: str | None, stage: Stage) -> None:
        assert_sound(GUARD.check(messages, response=response, stage=stage), stage, None)

    check()


@COUNTS
def test_harm_in_a_message_is_never_called_clean(count: int) -> None:
    @settings(max_examples=count)
    @given(st.lists(MESSAGES, min_size=1, max_size=3), st.sampled_from(STAGES))
    def check(messages: Any, stage: Stage) -> None:
        block = {"type": "text", "text": "HARM it"}
        bad = {"role": "assistant", "content": [block], "tool_calls": ["HARM"]}
        assert GUARD.check([*messages, bad], stage=stage).flagged

    check()


@pytest.mark.parametrize("count", [40, pytest.param(400, marks=pytest.mark.slow)])
def test_any_string_gets_a_verdict_of_the_embedded_pair(count: int) -> None:
    guard = Guard(embedded_engine(), policy_with(timeout_s=None))

    @settings(max_examples=count)
    @given(TEXTS, st.sampled_from(STAGES))
    def check(text: str, stage: Stage) -> None:
        assert_sound(guard.check(text, stage=stage), stage, text)

    check()


HUGE = {
    "one letter": "a" * 1_000_000,
    "spaces": " " * 500_000 + "HARM" + " " * 500_000,
    "words": "word " * 200_000,
    "points": "." * 1_000_000,
    "emoji": "🦊" * 300_000,
    "tokens": "<|im_end|>" * 100_000,
    "surrogates": "\ud800" * 500_000,
    "lines": "\n" * 999_999 + "x",
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", HUGE)
def test_a_text_of_one_megabyte_is_refused_without_reading(kind: str, stage: Stage) -> None:
    model = KeywordModel()
    verdict = keyword_guard(base=model).check(HUGE[kind], stage=stage)
    if kind in ("spaces", "lines") and model.num_calls:
        assert verdict.flagged == (kind == "spaces")  # surrounding spaces are not judged
        return
    assert (verdict.evaluation, verdict.error_type) == ("error", "ContextOverflowError")
    assert model.num_calls == 0


def test_a_megabyte_in_many_blocks_or_turns_is_refused_too() -> None:
    blocks = [{"type": "text", "text": "word " * 100}] * 2_000
    turns = [{"role": "user", "content": "word " * 100}] * 2_000
    for messages in ([{"role": "user", "content": blocks}], turns):
        verdict = GUARD.check(messages)
        assert (verdict.evaluation, verdict.error_type) == ("error", "ContextOverflowError")


def test_deep_nesting_is_refused() -> None:
    content: Any = "HARM"
    arguments: Any = "HARM"
    for _ in range(5_000):
        content, arguments = [content], {"a": arguments}
    turns = [
        [{"role": "user", "content": content}],
        [{"role": "assistant", "content": "", "tool_calls": [{"name": "f", "args": arguments}]}],
    ]
    for messages in turns:
        for stage in STAGES:
            assert GUARD.check(messages, stage=stage).error_type == "InvalidRequestError"
