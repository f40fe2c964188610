"""`POST /v1/checks`: a conversation is checked, in NeMo Guardrails' shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ngsd_guard.guard import CheckRequest
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.checks._judging import (
    NgsdField,
    judged,
    ngsd_field,
    outcome_of,
    require_model,
    text_of,
)

Rail = Literal["input", "output"]


class _Guardrails(BaseModel):
    model_config = ConfigDict(extra="ignore")

    rail_types: list[Rail] | None = Field(
        default=None, description="Rails to run; null chooses by the roles of the messages."
    )
    context: dict[str, Any] | None = Field(
        default=None, description="`relevant_chunks` are judged as retrieved documents."
    )


class ChecksRequest(BaseModel):
    """A chat completion request, with options of the guardrails."""

    model_config = ConfigDict(extra="ignore")

    messages: list[dict[str, Any]] = Field(min_length=1, max_length=1024)
    model: str | None = None
    guardrails: _Guardrails = _Guardrails()


class ChecksAnswer(BaseModel):
    """What becomes of the conversation's last text."""

    status: Literal["passed", "modified", "blocked"]
    content: str = Field(description="The text that may be used; a message if it is blocked.")
    rail: str | None = Field(description="The rail that blocked; null if none did.")
    ngsd: list[NgsdField]


@dataclass(frozen=True, slots=True)
class _Check:
    """A check, and the text whose redacted form it may return."""

    request: CheckRequest
    text: str = field(repr=False)


def router(state: ServerState) -> APIRouter:
    """Return the endpoint."""
    routes = APIRouter()

    @routes.post("/v1/checks", response_model=ChecksAnswer)
    async def checks(request: ChecksRequest) -> ChecksAnswer:
        """Check a conversation without answering it; images are refused."""
        if request.model is not None:
            require_model(state, request.model)
        plan = _plan(request)
        verdicts = await judged(state, [check.request for check in plan])
        content, status = plan[-1].text, "passed"
        fields = list(map(ngsd_field, verdicts))
        for check, verdict in zip(plan, verdicts, strict=True):
            outcome = outcome_of(verdict)
            if outcome == "blocked":
                message = verdict.message or state.guard.policy.message
                rail = f"ngsd {verdict.stage}"
                return ChecksAnswer(status="blocked", content=message, rail=rail, ngsd=fields)
            if outcome == "modified":
                content, status = verdict.redacted(check.text), "modified"
        return ChecksAnswer(
            status="modified" if status == "modified" else "passed",
            content=content,
            rail=None,
            ngsd=fields,
        )

    return routes


def _plan(request: ChecksRequest) -> list[_Check]:
    """Return the checks of a conversation; the last one judges the text that is returned.

    Raises:
        ApiError: there is nothing to check.
    """
    messages, rails = request.messages, request.guardrails.rail_types
    roles = [message.get("role") for message in messages]
    plan = [_check([chunk], "retrieval") for chunk in _chunks(request.guardrails.context)]
    if (rails is None or "input" in rails) and "user" in roles:
        until = len(roles) - roles[::-1].index("user")
        plan.append(_check(messages[:until], "input"))
    if (rails is None or "output" in rails) and "assistant" in roles:
        until = len(roles) - roles[::-1].index("assistant")
        plan += _answer_checks(messages[:until])
    if rails is None:
        results = _last_results(messages)
        plan += [_check(messages[:until], "tool_result") for until in results]
    if not plan:
        raise ApiError(
            400,
            "no message has a role that the chosen rails check; send a user or assistant message",
            code="invalid_request",
            param="messages",
        )
    return plan


def _answer_checks(messages: Sequence[Mapping[str, Any]]) -> list[_Check]:
    last = messages[-1]
    calls = [_check(messages, "tool_args")] if last.get("tool_calls") else []
    return [*calls, _check(messages, "output")] if last.get("content") or not calls else calls


def _last_results(messages: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return where each of the tool results at the end of a conversation ends."""
    ends = []
    for end in range(len(messages), 0, -1):
        if messages[end - 1].get("role") != "tool":
            break
        ends.append(end)
    return ends[::-1]


def _check(messages: Sequence[Mapping[str, Any]], stage: Any) -> _Check:
    return _Check(CheckRequest(messages, None, stage), text_of(messages[-1].get("content")))


def _chunks(context: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return retrieved documents as messages."""
    chunks = (context or {}).get("relevant_chunks") or []
    texts = [chunks] if isinstance(chunks, str) else chunks
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ApiError(
            400, "relevant_chunks must be text or a list of texts", code="invalid_request"
        )
    return [{"role": "user", "content": text} for text in texts]
