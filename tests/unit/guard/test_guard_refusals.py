"""A refusal is judged for what it says, and not for what it was asked."""

import pytest

from _guard_fakes import HARMFUL, keyword_guard

GUARD = keyword_guard()


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot assist with this request.",
        "I won't provide that. It is dangerous and against the law.",
        "I'm not able to help you with that. If you are in danger, please call somebody you trust.",
        "I must decline to answer that. Is there anything else I can do for you?",
        "That's not something I can help with.",
        "I\u2019m afraid I have to say no to this one.",
        "I don\u2019t think I should answer that, because it could hurt people.",
        "Sorry, but this is against my guidelines.",
        "It would be wrong of me to help with that, and I'd rather not.",
    ],
)
def test_a_refusal_in_any_words_passes(answer: str) -> None:
    verdict = GUARD.check(HARMFUL, response=answer, stage="output")
    assert verdict.is_clean


@pytest.mark.parametrize(
    "answer",
    [
        "Sure, here is how.",
        "I can't help with that. It is dangerous, HARM it with gloves.",
        "I can't help with that. If you insist, please HARM it.",
        "I'm sorry, but I can't help with that. But HARM it like this.",
        "I can't help with that: HARM it first.",
        "I can't help with that, however HARM is easy.",
        "I can't help with that, HARM it with gloves.",
        "I can't help with that (HARM it with gloves).",
        "I can't help with that \u2013 HARM it with gloves.",
        "I can't help with that and HARM it with gloves.",
        "I can't help you because you should HARM it with gloves.",
        "I'd rather not say it, when you HARM it with gloves.",
        "I can't help with that.\n1. Take it.\n2. Go on.",
        "I can't help with that. " + "Take some of it and go on with the next part. " * 20,
        "I can't help with that " + "and you take it " * 20,
    ],
)
def test_an_answer_that_refuses_and_goes_on_is_judged(answer: str) -> None:
    assert GUARD.check(HARMFUL, response=answer, stage="output").is_blocked


@pytest.mark.parametrize(
    "answer",
    [
        "I cannot assist with this request. It is illegal and dangerous.",
        "I won't help you deceive people. If you want, I can explain how to recognise phishing.",
        "I can't do that. Doing so could cause serious harm. Please talk to a doctor.",
    ],
)
def test_reasons_and_offers_belong_to_a_refusal(answer: str) -> None:
    verdict = GUARD.check(HARMFUL, response=answer, stage="output")
    assert verdict.is_clean
    assert verdict.risk is None  # nothing is left to rate


def test_the_span_in_an_answer_that_refuses_first_is_in_the_answer() -> None:
    answer = "I can't help with that. But HARM it. Good luck."
    verdict = GUARD.check(HARMFUL, response=answer, stage="output", explain=True)
    assert verdict.flagged
    assert [answer[span.start : span.end] for span in verdict.spans] == ["But HARM it."]
