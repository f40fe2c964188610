"""A guard whose reader of risk looks for a keyword, so that only what is read is measured."""

from collections.abc import Callable, Sequence
from typing import Any

from _disguises import FOUND
from _guard_fakes import policy_with
from ngsd_guard import Guard, RiskScores
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Judging
from ngsd_guard.risk import request_text
from ngsd_guard.testing import ScriptedModel
from ngsd_guard.types import Message

LONGEST = 450
"""Characters of a text in which the judge still notices the keyword."""


def says_it(text: str) -> bool:
    return FOUND in text.lower() and len(text) <= LONGEST


class KeywordReader:
    """Rates what a function finds with 9, and everything else with 0."""

    def __init__(self, is_harmful: Callable[[str], bool]) -> None:
        self.is_harmful = is_harmful
        self.texts: list[str] = []

    @property
    def num_characters(self) -> int:
        return sum(map(len, self.texts))

    def reflect(self, messages: Sequence[Message]) -> RiskScores:
        text = request_text(messages)
        self.texts.append(text)
        risk = 9.0 if self.is_harmful(text) else 0.0
        return RiskScores(None, None, None, None, risk, 0.0, confidence=1.0)

    def judging(self, messages: Sequence[Message]) -> Judging[RiskScores]:
        yield []
        return self.reflect(messages)


def keyword_reader_guard(
    is_harmful: Callable[[str], bool] = says_it, **changes: Any
) -> tuple[Guard, KeywordReader]:
    """Return a guard without categories or neuron, with changes to the policy of every stage."""
    pair = Pair(ScriptedModel("a", context_length=100_000), ScriptedModel("a"))
    reader = KeywordReader(is_harmful)
    pair.risk_reader = reader
    policy = policy_with(potential_threshold=None, timeout_s=None, **changes)
    return Guard(pair, policy.replace(categories=())), reader
