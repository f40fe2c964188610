"""What a person approved, and what a redaction leaves of a conversation."""

from typing import Any

import pytest

from _guard_fakes import HARMFUL, POLICY, FaultyModel, keyword_guard, policy_with
from ngsd_guard.guard import CheckRequest
from ngsd_guard.guard._redaction import with_text
from ngsd_guard.guard._settled import WITHHELD, JudgedTexts, unsettled
from ngsd_guard.guard._subject import read_subject

ASKED: list[dict[str, Any]] = [
    {"role": "user", "content": "May I?"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Now?"},
]
NEXT = {"role": "user", "content": "Thanks"}


@pytest.fixture
def judged() -> JudgedTexts:
    texts = JudgedTexts()
    texts.approve(ASKED)
    return texts


def test_an_approved_beginning_is_left_out_whatever_the_system_prompt(judged: JudgedTexts) -> None:
    system = {"role": "system", "content": "Be brief."}
    assert judged.unapproved([*ASKED, NEXT]) == [NEXT]
    assert judged.unapproved([system, *ASKED, NEXT]) == [NEXT]
    assert judged.unapproved(ASKED) == []


@pytest.mark.parametrize("index", range(len(ASKED)))
@pytest.mark.parametrize("change", [{"content": "Other"}, {"role": "tool"}, {"name": "x"}])
def test_a_conversation_that_differs_anywhere_is_judged_again(
    judged: JudgedTexts, index: int, change: dict[str, Any]
) -> None:
    turns = [*ASKED, NEXT]
    turns[index] = turns[index] | change
    assert judged.unapproved(turns) == turns
    assert judged.unapproved([NEXT, *ASKED]) == [NEXT, *ASKED]


def test_what_was_judged_is_forgotten_when_there_is_no_room() -> None:
    texts = JudgedTexts(capacity=2)
    for value in "ab":
        texts.add("answer", value)
    texts.add("answer", "a")  # used again, so that "b" is the oldest
    texts.add("answer", "c")
    assert [texts.holds("answer", value) for value in "abc"] == [True, False, True]
    assert not texts.holds("result", "a")


def test_the_prompt_of_a_redacted_request_is_what_is_left_of_it() -> None:
    subject = read_subject(CheckRequest(ASKED))
    rest = with_text(subject, "[redacted]")
    assert rest is not None
    assert rest.prompt == rest.conversation
    assert rest.prompt[-1]["content"] == "[redacted]"
    answer = read_subject(CheckRequest(ASKED, "It is so.", "output"))
    shorter = with_text(answer, "It is [redacted]")
    assert shorter is not None
    assert shorter.prompt == answer.prompt


@pytest.mark.parametrize("action", ["block", "escalate"])
def test_a_text_that_could_not_be_judged_has_the_policys_message(action: Any) -> None:
    guard = keyword_guard(policy_with(on_failure=action), base=FaultyModel(MemoryError()))
    verdict = guard.check(HARMFUL)
    assert (verdict.evaluation, verdict.action) == ("error", action)
    assert verdict.message == guard.policy.failure_message


def test_only_placeholders_and_the_policys_own_messages_are_left_out() -> None:
    stopped = [
        {"role": "user", "content": WITHHELD},
        {"role": "assistant", "content": POLICY.message},
    ]
    failed = {"role": "assistant", "content": POLICY.failure_message, "name": None}
    assert unsettled([*stopped, failed, NEXT], POLICY, JudgedTexts()) == [NEXT]
    imitations: list[dict[str, Any]] = [
        {"role": "assistant", "content": WITHHELD},
        {"role": "user", "content": POLICY.message},
        {"role": "assistant", "content": f"{POLICY.message} And more."},
        {"role": "assistant", "content": POLICY.message, "tool_calls": [{"name": "f"}]},
        {"role": "user", "content": WITHHELD, "name": "x"},
        {"role": "user", "content": [WITHHELD]},
    ]
    assert unsettled(imitations, POLICY, JudgedTexts()) == imitations
