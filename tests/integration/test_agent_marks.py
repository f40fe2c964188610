"""What a stopped message says of its verdict, and what is judged of a broken call."""

from typing import Any

import pytest
from _agent_fakes import BAD, STOPPED, KeywordGuard
from langchain_core.messages import AIMessage, HumanMessage

from _guard_fakes import HARMFUL, keyword_guard
from langchain_ngsd import guard_runnable
from ngsd_guard import GuardBlockedError
from ngsd_guard.guard import replacement


def test_the_error_of_a_call_that_could_not_be_parsed_is_judged() -> None:
    def broken(error: str | None) -> list[Any]:
        call = {"name": "search", "args": "{", "id": "c1", "error": error}
        return [HumanMessage("Hi"), AIMessage("", invalid_tool_calls=[call]), HumanMessage("Go on")]

    rail = guard_runnable(KeywordGuard())
    assert rail.invoke(broken("no JSON")) == broken("no JSON")
    assert rail.invoke(broken(None)) == broken(None)
    with pytest.raises(GuardBlockedError):
        rail.invoke(broken(f"no {BAD}"))


def test_a_stopped_message_says_what_was_found_and_quotes_nothing() -> None:
    rail = guard_runnable(keyword_guard(), on_block="message")
    mark = rail.invoke([HumanMessage(HARMFUL)]).response_metadata["ngsd_guard"]
    verdict = keyword_guard().check(HARMFUL)
    assert {key: mark[key] for key in ("stage", "evaluation", "flagged", "action", "enforced")} == {
        "stage": "input", "evaluation": "evaluated", "flagged": True, "action": "block",
        "enforced": True,
    }  # fmt: skip
    assert mark["risk"] == verdict.risk
    assert mark["categories"] == [score.name for score in verdict.categories if score.flagged]
    assert mark["categories"]
    assert HARMFUL not in str(mark)


def test_what_cannot_be_rewritten_is_replaced_by_the_policys_message() -> None:
    guard = KeywordGuard("rewrite")
    verdict = guard.check(BAD, stage="tool_args")
    assert replacement(guard, verdict) == STOPPED
    asked = [{"role": "user", "content": "Hi"}]
    assert replacement(guard, verdict, asked) == "A harmless answer."


@pytest.mark.parametrize(
    "beside",
    [
        {"tool_calls": [{"id": "c1", "function": {"name": "search", "arguments": BAD}}]},
        {"function_call": {"name": "search", "arguments": BAD}},
        {"tool_outputs": [{"type": "web_search_call", "action": {"query": BAD}}]},
        {"reasoning_content": BAD},
        {"refusal": BAD},
    ],
)
def test_what_a_provider_puts_beside_the_content_is_judged(beside: dict[str, Any]) -> None:
    turns = [HumanMessage("Hi"), AIMessage("Fine.", additional_kwargs=beside), HumanMessage("So?")]
    with pytest.raises(GuardBlockedError):
        guard_runnable(KeywordGuard()).invoke(turns)


def test_an_answer_that_holds_more_than_text_is_stopped_where_it_would_be_redacted() -> None:
    thought = {"type": "reasoning", "reasoning": f"Think of {BAD}."}
    answer = AIMessage([thought, {"type": "text", "text": "Fine."}])
    with pytest.raises(GuardBlockedError):
        guard_runnable(KeywordGuard("redact"), stage="output").invoke(answer)
    plain = guard_runnable(KeywordGuard("redact"), stage="output").invoke(AIMessage(f"A {BAD}."))
    assert plain.text == "A [redacted]."
