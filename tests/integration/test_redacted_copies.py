"""A redaction reaches every copy of the text that a message carries."""

from langchain_core.messages import AIMessage

from _keyword_reader import keyword_reader_guard
from langchain_ngsd import guard_runnable


def test_what_is_redacted_is_in_no_copy_of_the_answer() -> None:
    guard, _ = keyword_reader_guard(lambda text: "zebra" in text, action="redact")
    text = "Fine. Hurt the zebra."
    token = {"token": "zebra", "logprob": -0.1}
    answer = AIMessage(
        text,
        additional_kwargs={"parsed": {"plan": text}},
        response_metadata={"logprobs": {"content": [token]}, "finish_reason": "stop"},
    )
    kept = guard_runnable(guard, stage="output").invoke(answer)
    assert isinstance(kept, AIMessage)
    assert "zebra" not in kept.model_dump_json()
    assert kept.additional_kwargs == {}
    assert kept.response_metadata == {"finish_reason": "stop"}
    assert "zebra" in answer.model_dump_json()  # the caller's message is unchanged
