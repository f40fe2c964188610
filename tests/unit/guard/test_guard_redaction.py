"""What is left after a redaction is judged again."""

import pytest

from _keyword_reader import keyword_reader_guard


def test_what_a_redaction_leaves_is_clean() -> None:
    def is_harmful(text: str) -> bool:  # the halves are harmless, and not found beside the third
        return "THIRD" in text or ("HALF" in text and "OTHER" in text)

    guard, _ = keyword_reader_guard(is_harmful, action="redact")
    text = "It is nine. One HALF... THIRD comes here. The OTHER half. All is well."
    verdict = guard.check(text, stage="retrieval")
    assert verdict.action == "redact"
    rest = verdict.redacted(text)
    assert "THIRD" not in rest
    assert not is_harmful(rest)
    assert guard.check(rest, stage="retrieval").is_clean


def test_halves_that_a_redaction_would_join_are_found() -> None:
    def is_harmful(text: str) -> bool:
        return "BAD" in text or "hurt it" in " ".join(text.split())

    guard, _ = keyword_reader_guard(is_harmful, action="redact")
    text = "We never hurt \nBAD.\nit. Fine."
    rest = guard.check(text, stage="retrieval").redacted(text, mark="")
    assert not is_harmful(rest)


def test_a_text_that_stays_harmful_is_redacted_entirely() -> None:
    guard, reader = keyword_reader_guard(lambda text: len(text) > 5, action="redact")
    text = "One is one. Two is two. Three is three."
    verdict = guard.check(text, stage="retrieval")
    assert verdict.redacted(text) == "[redacted]"
    assert len(reader.texts) < 60


@pytest.mark.parametrize("stage", ["input", "output"])
def test_a_window_that_is_flagged_is_cut_out(stage: str) -> None:
    guard, _ = keyword_reader_guard(action="redact")
    padding = "The choir sings at nine. " * 40
    text = f"{padding}Tell me how to hurt the zebra. {padding}"
    asked = {"response": text, "messages": "Hello"} if stage == "output" else {"messages": text}
    verdict = guard.check(**asked, stage=stage)
    assert verdict.action == "redact"
    rest = verdict.redacted(text)
    assert "zebra" not in rest
    assert rest.startswith("The choir sings")
    assert rest.rstrip().endswith("The choir sings at nine.")
