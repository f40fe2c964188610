"""`POST /beta/litellm_basic_guardrail_api`: LiteLLM's generic guardrail."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from ngsd_guard.guard import CheckRequest, Stage, Verdict
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.checks._judging import NgsdField, judged, ngsd_field, outcome_of

_HOLD_BACK: Final = 160
"""Characters at the end of a streamed text that LiteLLM keeps until the next round."""


class _Function(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str | None = None
    arguments: str = ""


class _ToolCall(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str | None = None
    function: _Function


class GuardrailRequest(BaseModel):
    """What LiteLLM's proxy wants checked."""

    model_config = ConfigDict(extra="ignore")

    input_type: Literal["request", "response"]
    texts: list[str] | None = None
    structured_messages: list[dict[str, Any]] | None = None
    tool_calls: list[_ToolCall] | None = None
    images: list[str] | None = None
    additional_provider_specific_params: dict[str, Any] | None = Field(
        default=None, description="`images: allow` lets images pass, which are not judged."
    )


class GuardrailAnswer(BaseModel):
    """What becomes of the texts."""

    action: Literal["NONE", "BLOCKED", "GUARDRAIL_INTERVENED"]
    blocked_reason: str | None = None
    texts: list[str] | None = None
    stream_holdback_chars: list[int] | None = None
    ngsd: list[NgsdField]


def router(state: ServerState) -> APIRouter:
    """Return the endpoint."""
    routes = APIRouter()

    @routes.post("/beta/litellm_basic_guardrail_api", response_model=GuardrailAnswer)
    async def guardrail(request: GuardrailRequest) -> GuardrailAnswer:
        """Judge the texts and tool calls of a request to a model, or of its answer."""
        options = request.additional_provider_specific_params or {}
        if request.images and options.get("images") != "allow":
            reason = "Images cannot be judged by this guardrail."
            return GuardrailAnswer(action="BLOCKED", blocked_reason=reason, ngsd=[])
        plan = _plan(request)
        verdicts = await judged(state, [check for check, _ in plan])
        return _answer(state, request, [text for _, text in plan], verdicts)

    return routes


def _plan(request: GuardrailRequest) -> list[tuple[CheckRequest, str | None]]:
    """Return the checks, each with the text that its verdict may change."""
    plan: list[tuple[CheckRequest, str | None]] = []
    seen: set[str] = set()
    stage: Stage = "output" if request.input_type == "response" else "input"
    messages = request.structured_messages or []
    if messages and stage == "input":
        plan.append((CheckRequest(messages), None))
        plan += [
            (CheckRequest(text, stage="tool_result"), text) for text in _results_at_end(messages)
        ]
        seen = {text for message in messages for text in _texts_of(message)}
    texts = dict.fromkeys(text for text in request.texts or () if text not in seen)
    plan += [(_alone(text, stage), text) for text in texts]
    if request.tool_calls:
        plan.append((CheckRequest([_calling(request.tool_calls)], stage="tool_args"), None))
    return plan


def _alone(text: str, stage: Stage) -> CheckRequest:
    return CheckRequest("", text, stage) if stage == "output" else CheckRequest(text, stage=stage)


def _answer(
    state: ServerState,
    request: GuardrailRequest,
    judged_texts: Sequence[str | None],
    verdicts: Sequence[Verdict],
) -> GuardrailAnswer:
    fields = list(map(ngsd_field, verdicts))
    changes: dict[str, str] = {}
    given = request.texts or []
    for text, verdict in zip(judged_texts, verdicts, strict=True):
        outcome = outcome_of(verdict)
        if outcome == "blocked" or (outcome == "modified" and text not in given):
            reason = verdict.message or state.guard.policy.message
            return GuardrailAnswer(action="BLOCKED", blocked_reason=reason, ngsd=fields)
        if outcome == "modified" and text is not None:
            changes[text] = verdict.redacted(text)
    texts = [changes.get(text, text) for text in given]
    return GuardrailAnswer(
        action="GUARDRAIL_INTERVENED" if changes else "NONE",
        texts=texts if changes else None,
        stream_holdback_chars=[min(len(text), _HOLD_BACK) for text in texts],
        ngsd=fields,
    )


def _results_at_end(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the tool results that no answer has followed."""
    results: list[str] = []
    for message in reversed(messages):
        if message.get("role") not in ("tool", "function"):
            break
        results = [*_texts_of(message), *results]
    return results


def _texts_of(message: Mapping[str, Any]) -> list[str]:
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return [text for text in texts if isinstance(text, str)]


def _calling(calls: Sequence[_ToolCall]) -> dict[str, Any]:
    """Return an assistant message with tool calls."""
    written = [
        {
            "id": call.id or f"call_{index}",
            "type": "function",
            "function": {
                "name": call.function.name or "unnamed",
                "arguments": call.function.arguments,
            },
        }
        for index, call in enumerate(calls)
    ]
    return {"role": "assistant", "content": "", "tool_calls": written}
