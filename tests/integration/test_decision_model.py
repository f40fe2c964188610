"""LangChain's decision model over a scripted base."""

from typing import Any

import pytest
from _agent_fakes import calling, calls, says, search
from langchain.agents import create_agent
from langchain.agents.middleware import AutoModeMiddleware
from langchain_core.decisions import Box, Choice, Noul, Score
from langchain_core.messages import AIMessage, HumanMessage

from langchain_ngsd import NGSDDecisionModel
from ngsd_guard import ConfigurationError, InvalidRequestError, NGSDError
from ngsd_guard.testing import scripted_engine


class _Reader:
    """Puts all probability on one integer; on another if the statement holds a word."""

    def __init__(self, number: int | None, **by_word: int) -> None:
        self.number = number
        self.by_word = by_word
        self.read: list[str] = []

    def distributions(self, text: str, statements: Any) -> Any:
        self.read.append(text)
        yield from ()
        return [self._one(each) for each in statements]

    def _one(self, statement: str) -> Any:
        found = [number for word, number in self.by_word.items() if word in statement]
        number = found[0] if found else self.number
        return None if number is None else tuple(0.5 * (i == number) for i in range(11))


def decider(number: int | None, **by_word: int) -> Any:
    model = NGSDDecisionModel(engine=scripted_engine("No."))
    model.__dict__["_scorer"] = _Reader(number, **by_word)
    return model


def ask(model: Any, question: Any, state: Any = "Some text.") -> Any:
    return model.invoke({"state": state, "questions": {"q": question}}).answers["q"]


def test_noul_is_the_mean_as_a_share_of_ten() -> None:
    assert ask(decider(7), Noul(instructions="Is it urgent?")).noul == pytest.approx(0.7)


def test_choice_shares_out_the_scores_of_its_labels() -> None:
    question = Choice(instructions="Topic:", criteria={"tea": None, "milk": "drinks of cows"})
    answer = ask(decider(1, cows=3), question)
    assert answer.choice == "milk"
    assert answer.probabilities == pytest.approx({"tea": 0.25, "milk": 0.75})


def test_score_shares_out_the_integers_among_its_levels() -> None:
    answer = ask(decider(10), Score(instructions="Anger:", criteria=["calm", "cross", "furious"]))
    assert (answer.score, answer.confidence) == (pytest.approx(2.0), pytest.approx(1.0))


async def test_async_gives_the_same_answer() -> None:
    request: Any = {"state": "Text.", "questions": {"q": Noul(instructions="Is it?")}}
    assert await decider(4).ainvoke(request) == decider(4).invoke(request)


@pytest.mark.parametrize(
    ("model", "question", "state", "error"),
    [
        (decider(None), Noul(instructions="Is it?"), "Text.", NGSDError),
        (decider(1), Box(instructions="Where?"), "Text.", ConfigurationError),
        (decider(1), Score(instructions="?", criteria=["l"] * 12), "Text.", ConfigurationError),
        (decider(1), Noul(instructions="Is it?"), "  ", InvalidRequestError),
        (decider(1), Noul(instructions="?"), HumanMessage([{"type": "image", "url": "x:y"}]),
         InvalidRequestError),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_an_error(
    model: Any, question: Any, state: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        ask(model, question, state)


@pytest.mark.parametrize(("number", "called"), [(2, ["tea"]), (8, [])])
def test_auto_mode_calls_a_tool_below_one_half(number: int, called: list[str]) -> None:
    calls.clear()
    model = decider(number)
    auto = AutoModeMiddleware(tools=[search], classifier=model)
    agent = create_agent(says(calling("tea"), AIMessage("Done.")), [search], middleware=[auto])
    agent.invoke({"messages": [HumanMessage("Find it")]})
    assert calls == called
    assert "Find it" in model._scorer.read[0]
