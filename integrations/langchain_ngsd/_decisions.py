"""LangChain's decision model over the base's distribution over the integers 0 to 10."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from langchain_core.messages import BaseMessage
from pydantic import ConfigDict

from langchain_ngsd._judging import turn_of
from ngsd_guard import ConfigurationError, InvalidRequestError, MissingDependencyError, NGSDError
from ngsd_guard.engine import Engine
from ngsd_guard.prefill import judge
from ngsd_guard.risk import CategoryScorer, binned, confidence, mean, normalised, shares

try:
    from langchain_core.decisions import (
        BaseDecisionModel,
        Choice,
        ClassifierResponse,
        Noul,
        Question,
        Score,
    )
except ImportError as error:
    raise MissingDependencyError(
        "NGSDDecisionModel needs langchain-core 1.8 or later; upgrade it with: "
        "pip install -U 'langchain-core>=1.8'"
    ) from error

_MAX_LEVELS: Final = 11


class UnreadableDecisionError(NGSDError):
    """The base model put too little probability on the integers to answer a question."""


class NGSDDecisionModel(BaseDecisionModel):
    """Answers questions about text with the base model of a pair.

    A `Noul` is the mean score as a share of 10. A `Choice` shares out the scores of its labels. A
    `Score` shares out the integers 0 to 10 among its levels. These are not calibrated
    probabilities. Confidence is 1 minus the entropy over that of an even distribution.

    Args:
        engine: the engine whose base model answers; `guard.engine` for a guard's.
        model: name that responses and traces give.

    Raises:
        InvalidRequestError: the state is blank or not text.
        ConfigurationError: a question is a `Box`, or a `Score` with more than 11 levels.
        UnreadableDecisionError: an answer could not be read; `AutoModeMiddleware` then does not
            call the tool.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    engine: Engine
    model: str = "ngsd"

    @property
    def _provider(self) -> str:
        return "ngsd"

    @cached_property
    def _scorer(self) -> CategoryScorer:
        return CategoryScorer(self.engine.base)

    def _classify(self, state: Any, questions: dict[str, Question]) -> ClassifierResponse:
        text = state if isinstance(state, str) else _as_json(state)
        if not text.strip():
            raise InvalidRequestError("the state is blank; send text, messages or JSON values")
        statements = {name: _statements(question) for name, question in questions.items()}
        base = self.engine.base
        asked = [base.neutralise(each) for group in statements.values() for each in group]
        found = iter(judge(self._scorer.distributions(text, asked)))
        answers = {
            name: _answer(questions[name], [_readable(next(found)) for _ in group])
            for name, group in statements.items()
        }
        usage = {"input_tokens": len(base.encode(base.neutralise(text))), "output_tokens": 0}
        return ClassifierResponse.model_validate(
            {"model": self.model, "answers": answers, "usage": usage}
        )


def _as_json(state: Any) -> str:
    return json.dumps(_plain(state), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseMessage):
        turn = turn_of(value)
        if not isinstance(turn["content"], str):
            raise InvalidRequestError("a message holds more than text; send its text alone")
        return turn
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def _statements(question: Question) -> list[str]:
    """Return the statements to be scored for a question."""
    asked = _text(question.instructions)
    match question.type:
        case "noul":
            meant = question.criteria
            described = {"10": meant.true, "0": meant.false} if meant else {}
            ends = [f"{end} means {_text(it)}" for end, it in described.items() if it is not None]
            return [f"{asked} ({', '.join(ends)})" if ends else asked]
        case "choice":
            return [
                f"{asked} {label}" if it is None else f"{asked} {label}: {_text(it)}"
                for label, it in question.criteria.items()
            ]
        case "score":
            levels = question.criteria
            if len(levels) <= _MAX_LEVELS:
                ends = [f"0 means {_text(levels[0])}", f"10 means {_text(levels[-1])}"]
                return [f"{asked} ({', '.join(ends)})"]
            raise ConfigurationError(
                f"a Score has {len(levels)} levels; give at most {_MAX_LEVELS}"
            )
    raise ConfigurationError(
        f"a {question.type!r} question cannot be answered; ask a Noul, Choice or Score"
    )


def _text(content: Any) -> str:
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)


def _readable(distribution: tuple[float, ...] | None) -> tuple[float, ...]:
    if distribution is None:
        raise UnreadableDecisionError(
            "the base model did not answer with an integer from 0 to 10; rephrase the question, "
            "or use a larger base"
        )
    return normalised(distribution)


def _answer(question: Question, read: Sequence[tuple[float, ...]]) -> dict[str, Any]:
    if isinstance(question, Noul):
        return {"type": "noul", "noul": mean(read[0])}
    if isinstance(question, Choice):
        chances = shares(list(map(mean, read)))
        labels = list(question.criteria)
        return {
            "type": "choice",
            "choice": labels[chances.index(max(chances))],
            "confidence": confidence(chances),
            "probabilities": dict(zip(labels, chances, strict=True)),
        }
    assert isinstance(question, Score)  # noqa: S101 -- _statements refused the rest
    levels = binned(read[0], len(question.criteria))
    return {
        "type": "score",
        "score": sum(level * p for level, p in enumerate(levels)),
        "confidence": confidence(levels),
        "legend": dict(enumerate(question.criteria)),
        "probabilities": dict(enumerate(levels)),
    }
