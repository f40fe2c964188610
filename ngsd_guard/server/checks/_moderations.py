"""`POST /v1/moderations`: OpenAI's moderation, with our categories where they match."""

from typing import Any, Final, Literal
from uuid import uuid4

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ngsd_guard.guard import CheckRequest, Verdict
from ngsd_guard.server._errors import ApiError, unknown_model
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.checks._judging import (
    MAX_TEXTS,
    NgsdField,
    NgsdOptions,
    dumped,
    judged,
    ngsd_field,
)

_ALIASES: Final = frozenset(
    {
        "omni-moderation-latest",
        "omni-moderation-2024-09-26",
        "text-moderation-latest",
        "text-moderation-stable",
    }
)
"""Models that clients ask for without letting their users choose another."""
_CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "harassment": ("harassment",),
    "harassment/threatening": (),
    "hate": ("hate",),
    "hate/threatening": (),
    "illicit": ("drugs", "hacking", "malware", "fraud", "theft", "corruption", "piracy"),
    "illicit/violent": ("weapons", "chem_bio", "extremism"),
    "self-harm": ("self_harm",),
    "self-harm/instructions": (),
    "self-harm/intent": (),
    "sexual": (),
    "sexual/minors": (),
    "violence": ("violence",),
    "violence/graphic": (),
}
"""Categories of the default policy for each of OpenAI's; an empty tuple has no counterpart."""


class _TextPart(BaseModel):
    type: Literal["text"]
    text: str


class _ImageUrl(BaseModel):
    url: str


class _ImagePart(BaseModel):
    type: Literal["image_url"]
    image_url: _ImageUrl


class ModerationRequest(BaseModel):
    """Texts to be moderated."""

    model_config = ConfigDict(extra="ignore")

    input: str | list[str] | list[_TextPart | _ImagePart]
    model: str | None = None
    ngsd: NgsdOptions = NgsdOptions()


class ModerationResult(BaseModel):
    """The result for one text."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]] = Field(
        description="Empty for a category that was not scored."
    )
    ngsd: NgsdField


class ModerationAnswer(BaseModel):
    """The results for all texts."""

    id: str
    model: str
    results: list[ModerationResult]


def router(state: ServerState) -> APIRouter:
    """Return the endpoint."""
    routes = APIRouter()

    @routes.post("/v1/moderations", response_model=ModerationAnswer)
    async def moderations(request: ModerationRequest) -> dict[str, Any]:
        """Judge texts, each by itself; images are refused."""
        if request.model is not None and request.model not in {*_ALIASES, state.model_name}:
            raise unknown_model(state.model_name)
        texts = _texts(request)
        stage = request.ngsd.stage
        verdicts = await judged(state, [CheckRequest(text, None, stage) for text in texts])
        answer = ModerationAnswer(
            id=f"modr-{uuid4().hex}",
            model=state.model_name,
            results=list(map(_result, verdicts)),
        )
        return dumped(answer)

    return routes


def _texts(request: ModerationRequest) -> list[str]:
    """Return the texts to be judged; parts of one message are one text.

    Raises:
        ApiError: there is none, or an image.
    """
    if isinstance(request.input, str):
        return [request.input]
    if not request.input or len(request.input) > MAX_TEXTS:
        raise ApiError(400, f"send 1 to {MAX_TEXTS} texts", code="invalid_request", param="input")
    if any(isinstance(part, _ImagePart) for part in request.input):
        raise ApiError(
            400, "images cannot be judged; send text only", code="image_not_judged", param="input"
        )
    parts = [part.text for part in request.input if isinstance(part, _TextPart)]
    return (
        ["\n".join(parts)] if parts else [part for part in request.input if isinstance(part, str)]
    )


def _result(verdict: Verdict) -> ModerationResult:
    scores = {score.name: score for score in verdict.categories if not score.shadow}
    flags, values, applied = {}, {}, {}
    for name, ours in _CATEGORIES.items():
        found = [scores[category] for category in ours if category in scores]
        flags[name] = verdict.enforced and any(score.flagged for score in found)
        values[name] = max((score.score / 10 for score in found), default=0.0)
        applied[name] = ["text"] if found else []
    return ModerationResult(
        flagged=verdict.enforced and verdict.flagged,
        categories=flags,
        category_scores=values,
        category_applied_input_types=applied,
        ngsd=ngsd_field(verdict),
    )
