"""Running the guard for an endpoint, and the `ngsd` field of its answer."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ngsd_guard.guard import CheckRequest, Stage, Verdict
from ngsd_guard.server._errors import RETRY_AFTER_S, ApiError, too_many_requests, unknown_model
from ngsd_guard.server._state import ServerState

MAX_TEXTS: Final = 64
"""Maximum number of texts in a request."""


class NgsdOptions(BaseModel):
    """Options of this server, beside those of the endpoint."""

    model_config = ConfigDict(extra="forbid")

    stage: Stage = Field(default="input", description="The text's place in the pipeline.")


class SpanField(BaseModel):
    """A part of the judged text, in characters."""

    start: int
    end: int
    kind: Literal["harm", "injection", "text"]


class NgsdField(BaseModel):
    """What the guard found; contains no text of the request."""

    stage: Stage
    evaluation: Literal["evaluated", "error", "timeout", "skipped"]
    flagged: bool
    action: str
    enforced: bool
    risk: float | None
    injection: float | None
    spans: list[SpanField]
    record_id: str | None = Field(description="Id of the audit record; null without a log.")


def ngsd_field(verdict: Verdict) -> NgsdField:
    """Return the `ngsd` field of a verdict."""
    return NgsdField(
        stage=verdict.stage,
        evaluation=verdict.evaluation,
        flagged=verdict.flagged,
        action=verdict.action,
        enforced=verdict.enforced,
        risk=verdict.risk,
        injection=verdict.injection,
        spans=[SpanField(start=s.start, end=s.end, kind=s.kind) for s in verdict.spans],
        record_id=verdict.record_id,
    )


async def judged(state: ServerState, requests: Sequence[CheckRequest]) -> list[Verdict]:
    """Judge texts, and count and return their verdicts.

    Raises:
        ApiError: a text could not be judged, and the policy does not let it pass.
    """
    if len(requests) > MAX_TEXTS:
        raise ApiError(
            400, f"there are {len(requests)} texts; send at most {MAX_TEXTS}", code="too_many_texts"
        )
    verdicts = await state.guard.acheck_batch(requests)
    for verdict in verdicts:
        state.metrics.count_verdict(verdict)
    for verdict in verdicts:
        _require_judged(verdict)
    return verdicts


def outcome_of(verdict: Verdict) -> Literal["passed", "modified", "blocked"]:
    """Return what becomes of a text: it passes, passes redacted, or does not pass.

    A text that the policy wants answered by the pair does not pass, since a check answers nothing.
    """
    if not verdict.enforced or verdict.action in ("allow", "flag"):
        return "passed"
    return "modified" if verdict.action == "redact" and verdict.spans else "blocked"


def text_of(content: Any) -> str:
    """Return the text of a message's content, which a verdict's spans refer to."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return "\n".join(text for text in texts if isinstance(text, str))


def require_model(state: ServerState, model: str) -> None:
    """Refuse a model that is not served.

    Raises:
        ApiError: it is not.
    """
    if model != state.model_name:
        raise unknown_model(state.model_name)


def dumped(value: BaseModel) -> dict[str, Any]:
    """Return an answer as JSON values."""
    return value.model_dump(mode="json")


def _require_judged(verdict: Verdict) -> None:
    if verdict.evaluation not in ("error", "timeout"):
        return
    if verdict.error_type == "InvalidRequestError":
        raise ApiError(
            400,
            "the input cannot be judged; send text, in messages of known roles",
            code="invalid_request",
        )
    if not verdict.is_blocked:
        return
    if verdict.error_type == "ContextOverflowError":  # trying again would not help
        raise ApiError(
            400,
            "the text is too long to be judged; send less, or raise the policy's max_windows",
            code="context_length_exceeded",
        )
    if verdict.error_type == "EngineBusyError":
        raise too_many_requests()
    if verdict.evaluation == "timeout":
        raise ApiError(504, "the check exceeded its time limit", code="timeout")
    raise ApiError(
        503,
        f"the text could not be judged ({verdict.error_type}); do not use it",
        code="guard_failed",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )
