"""`POST /v1/systemone`: the dialect of decisions with named questions about a state."""

import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ngsd_guard.guard import CheckRequest
from ngsd_guard.risk import binned, confidence, mean, shares
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.checks._judging import (
    NgsdField,
    NgsdOptions,
    judged,
    ngsd_field,
    require_model,
)
from ngsd_guard.server.checks._questions import Distribution, QuestionReader

Described = str | dict[str, Any] | list[Any]


class _NoulCriteria(BaseModel):
    true: Described | None = None
    false: Described | None = None


class _Noul(BaseModel):
    type: Literal["noul"]
    instructions: Described | None = None
    criteria: _NoulCriteria | None = None


class _Choice(BaseModel):
    type: Literal["choice"]
    instructions: Described | None = None
    criteria: dict[str, Described | None] = Field(min_length=1, max_length=255)


class _Score(BaseModel):
    type: Literal["score"]
    instructions: Described | None = None
    criteria: list[Described] = Field(min_length=1, max_length=10)


Question = Annotated[_Noul | _Choice | _Score, Field(discriminator="type")]


class SystemOneRequest(BaseModel):
    """Named questions about a state."""

    model_config = ConfigDict(extra="ignore")

    model: str
    state: Described
    questions: dict[str, Question] = Field(min_length=1, max_length=400)
    images: list[Any] | None = None
    assets: dict[str, Any] | None = None
    ngsd: NgsdOptions = NgsdOptions()


class _Usage(BaseModel):
    input_tokens: int
    output_tokens: int = 0


class SystemOneAnswer(BaseModel):
    """The answers, under the names of the questions."""

    model: str
    answers: dict[str, dict[str, Any]]
    usage: _Usage
    ngsd: NgsdField


def router(state: ServerState, reader: QuestionReader) -> APIRouter:
    """Return the endpoint."""
    routes = APIRouter()

    @routes.post("/v1/systemone", response_model=SystemOneAnswer)
    async def systemone(request: SystemOneRequest) -> SystemOneAnswer:
        """Answer named questions about a state with probabilities; images are refused."""
        require_model(state, request.model)
        if request.images or request.assets:
            raise ApiError(400, "images cannot be judged; send text only", code="image_not_judged")
        text = _written(request.state)
        if not text.strip():
            raise ApiError(400, "the state is blank", code="invalid_request", param="state")
        (verdict,) = await judged(state, [CheckRequest(text, None, request.ngsd.stage)])
        statements = [_statements(question) for question in request.questions.values()]
        found = iter(await reader.read(text, [each for group in statements for each in group]))
        answers = {
            name: _answer(question, [next(found) for _ in group])
            for (name, question), group in zip(request.questions.items(), statements, strict=True)
        }
        return SystemOneAnswer(
            model=state.model_name,
            answers=answers,
            usage=_Usage(input_tokens=reader.num_tokens(text)),
            ngsd=ngsd_field(verdict),
        )

    return routes


def _written(value: Described) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _statements(question: _Noul | _Choice | _Score) -> list[str]:
    """Return the statements to be scored for a question.

    Raises:
        ApiError: there is nothing to ask.
    """
    asked = "" if question.instructions is None else _written(question.instructions).strip()
    match question:
        case _Noul():
            statements = [" ".join(filter(None, [asked, *_meanings(question.criteria)]))]
        case _Choice():
            statements = [
                " ".join(filter(None, [asked, f"{name}: {_written(text)}" if text else name]))
                for name, text in question.criteria.items()
            ]
        case _Score():
            low, high = map(_written, (question.criteria[0], question.criteria[-1]))
            statements = [f"{asked} (0 means {low}, 10 means {high})"]
    if not all(statement.strip() for statement in statements):
        raise ApiError(
            400,
            "a question has neither instructions nor criteria",
            code="invalid_request",
            param="questions",
        )
    return statements


def _meanings(criteria: _NoulCriteria | None) -> list[str]:
    meant = [] if criteria is None else [("Yes", criteria.true), ("No", criteria.false)]
    return [f"{answer} means: {_written(text)}." for answer, text in meant if text]


def _answer(question: _Noul | _Choice | _Score, found: list[Distribution | None]) -> dict[str, Any]:
    """Return the answer to a question.

    Raises:
        ApiError: the base's answer is unreadable; this dialect has no refusals.
    """
    read = [distribution for distribution in found if distribution is not None]
    if len(read) < len(found):
        raise ApiError(503, "the base gave no readable answer to a question", code="unreadable")
    match question:
        case _Noul():
            return {"type": "noul", "noul": mean(read[0])}
        case _Choice():
            names = list(question.criteria)
            chances = shares(list(map(mean, read)))
            return {
                "type": "choice",
                "choice": names[max(range(len(chances)), key=chances.__getitem__)],
                "confidence": confidence(chances),
                "probabilities": dict(zip(names, chances, strict=True)),
            }
        case _Score():
            levels = binned(read[0], len(question.criteria))
            return {
                "type": "score",
                "score": sum(index * p for index, p in enumerate(levels)),
                "confidence": confidence(levels),
                "legend": {str(index): text for index, text in enumerate(question.criteria)},
                "probabilities": {str(index): p for index, p in enumerate(levels)},
            }
