"""`POST /v1/decisions`: predicates, choices and scores, as OpenAI's client asks for them."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from ngsd_guard.guard import CheckRequest, Verdict
from ngsd_guard.risk import binned, confidence, mean, shares
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.checks._decision_input import (
    Content,
    DecisionInput,
    as_messages,
    as_text,
    text_of,
)
from ngsd_guard.server.checks._judging import (
    NgsdField,
    NgsdOptions,
    judged,
    ngsd_field,
    require_model,
)
from ngsd_guard.server.checks._questions import Distribution, QuestionReader

_OWN: Final = "ngsd."
"""Start of the names of predicates that the guard's own readers answer."""

Value = StrictStr | StrictBool
Name = Annotated[str | None, Field(max_length=256)]


class _Predicate(BaseModel):
    type: Literal["predicate"]
    name: Name = None
    instructions: Content


class _Option(BaseModel):
    value: Value
    description: str | None = None


class _Choice(BaseModel):
    type: Literal["choice"]
    name: Name = None
    instructions: Content
    choices: list[_Option] = Field(min_length=2, max_length=255)


class _Level(BaseModel):
    label: str
    description: str | None = None


class _Score(BaseModel):
    type: Literal["score"]
    name: Name = None
    instructions: Content
    levels: list[_Level] = Field(min_length=2, max_length=11)


Question = Annotated[_Predicate | _Choice | _Score, Field(discriminator="type")]


class DecisionRequest(BaseModel):
    """Questions about one input."""

    model_config = ConfigDict(extra="ignore")

    model: str
    input: DecisionInput
    questions: list[Question] = Field(min_length=1, max_length=400)
    ngsd: NgsdOptions = NgsdOptions()


class _TokenDetails(BaseModel):
    cached_tokens: int = 0
    cache_write_tokens: int = 0


class _OutputDetails(BaseModel):
    reasoning_tokens: int = 0


class _Usage(BaseModel):
    input_tokens: int
    input_tokens_details: _TokenDetails = _TokenDetails()
    output_tokens: int = 0
    output_tokens_details: _OutputDetails = _OutputDetails()
    total_tokens: int


class DecisionAnswer(BaseModel):
    """The answers, in the order of the questions."""

    model: str
    answers: list[dict[str, Any]]
    usage: _Usage
    ngsd: NgsdField


def router(state: ServerState, reader: QuestionReader) -> APIRouter:
    """Return the endpoint."""
    routes = APIRouter()

    @routes.post("/v1/decisions", response_model=DecisionAnswer)
    async def decisions(request: DecisionRequest) -> DecisionAnswer:
        """Answer questions about an input with probabilities; images are refused."""
        require_model(state, request.model)
        messages = as_messages(request.input)
        text = as_text(messages)
        if not text.strip():
            raise ApiError(400, "the input is blank", code="invalid_request", param="input")
        (verdict,) = await judged(state, [CheckRequest(messages, None, request.ngsd.stage)])
        statements = [_statements(state, question) for question in request.questions]
        found = iter(await reader.read(text, [each for group in statements for each in group]))
        answers = [
            _answer(question, [next(found) for _ in group], verdict)
            for question, group in zip(request.questions, statements, strict=True)
        ]
        num_tokens = reader.num_tokens(text)
        return DecisionAnswer(
            model=state.model_name,
            answers=answers,
            usage=_Usage(input_tokens=num_tokens, total_tokens=num_tokens),
            ngsd=ngsd_field(verdict),
        )

    return routes


def _statements(state: ServerState, question: _Predicate | _Choice | _Score) -> list[str]:
    """Return the statements to be scored for a question; none if the verdict answers it."""
    instructions = text_of(question.instructions).strip()
    if not instructions:
        raise ApiError(
            400,
            "the instructions of a question are blank",
            code="invalid_request",
            param="questions",
        )
    match question:
        case _Predicate(name=str(name)) if name.startswith(_OWN):
            return _own_statements(state, name.removeprefix(_OWN))
        case _Predicate():
            return [instructions]
        case _Choice():
            return [f"{instructions} {_described(each)}" for each in question.choices]
        case _Score():
            low, high = question.levels[0], question.levels[-1]
            ends = f"0 means {_level(low)}, 10 means {_level(high)}"
            return [f"{instructions} ({ends})"]


def _own_statements(state: ServerState, name: str) -> list[str]:
    """Return the definition of a category of the policy; nothing for the guard's risk.

    Raises:
        ApiError: there is no such category.
    """
    if name == "harm":
        return []
    known = {category.name: category for category in state.guard.policy.categories}
    if name not in known:
        raise ApiError(
            400,
            f"a name that starts with {_OWN!r} must go on with harm or a category of the policy: "
            f"{', '.join(known)}",
            code="invalid_request",
            param="questions",
        )
    return [known[name].description]


def _described(option: _Option) -> str:
    value = str(option.value).lower() if isinstance(option.value, bool) else option.value
    return f"{value}: {option.description}" if option.description else value


def _level(level: _Level) -> str:
    return f"{level.label}: {level.description}" if level.description else level.label


def _answer(
    question: _Predicate | _Choice | _Score,
    found: Sequence[Distribution | None],
    verdict: Verdict,
) -> dict[str, Any]:
    """Return the answer to a question; a refusal if the base's answer is unreadable."""
    read = [distribution for distribution in found if distribution is not None]
    own = question.name is not None and question.name == f"{_OWN}harm" and not found
    if len(read) < len(found) or (own and verdict.risk is None):
        return {"type": "refusal", "name": question.name}
    match question:
        case _Predicate():
            probability = (verdict.risk or 0.0) / 10 if own else mean(read[0])
            return {"type": "predicate", "name": question.name, "probability": probability}
        case _Choice():
            chances = shares(list(map(mean, read)))
            best = max(range(len(chances)), key=chances.__getitem__)
            values = [option.value for option in question.choices]
            return {
                "type": "choice",
                "name": question.name,
                "choice": values[best],
                "confidence": confidence(chances),
                "probabilities": [
                    {"value": value, "probability": chance}
                    for value, chance in zip(values, chances, strict=True)
                ],
            }
        case _Score():
            levels = binned(read[0], len(question.levels))
            return {
                "type": "score",
                "name": question.name,
                "score": sum(index * p for index, p in enumerate(levels)),
                "confidence": confidence(levels),
                "probabilities": [
                    {"label": level.label, "value": index, "probability": p}
                    for index, (level, p) in enumerate(zip(question.levels, levels, strict=True))
                ],
            }
