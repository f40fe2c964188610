import pytest

from ngsd_guard.evaluation import REFUSAL_PHRASES, is_refusal


@pytest.mark.parametrize("phrase", REFUSAL_PHRASES)
def test_every_phrase_counts_in_any_case_and_anywhere(phrase: str) -> None:
    assert is_refusal(f"Step 1: stop. {phrase.upper()} with that.")


def test_typographic_apostrophe_counts() -> None:
    assert is_refusal("I\u2019m sorry, but I can\u2019t help with that.")


@pytest.mark.parametrize(
    "text", ["", "Sure, here is how.", "I'm sorry to hear that! Try tea.", "I can help."]
)
def test_helpful_answer_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)
