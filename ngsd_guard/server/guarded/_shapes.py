"""The forms of completions, chunks and refusals."""

import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from ngsd_guard.guard import Verdict
from ngsd_guard.server._upstream import malformed
from ngsd_guard.server.checks._judging import dumped, ngsd_field
from ngsd_guard.server.guarded._request import GuardedRequest, Stopped

_REASONS: Final = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
_LABELS: Final = ("id", "model", "system_fingerprint", "service_tier")


def head_of(request: GuardedRequest, given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return what stands above the choices, under the name that the client gave the model.

    Args:
        request: the request.
        given: the upstream's completion or chunk; empty for an answer of the guard.
        kind: the `object` of the answer.
    """
    labels = {name: given[name] for name in _LABELS if given.get(name)}
    labels = {name: label for name, label in labels.items() if isinstance(label, str)}
    created = given.get("created")
    is_time = isinstance(created, int | float) and not isinstance(created, bool)
    head: dict[str, Any] = {
        "id": f"chatcmpl-{uuid4().hex}",
        **labels,
        "object": kind,
        "created": created if is_time else int(time.time()),
    }
    is_renamed = request.forwarded["model"] != request.body.model
    if is_renamed or "model" not in labels:
        head["model"] = request.body.model
    return head


def reason_of(choice: Mapping[str, Any]) -> str:
    """Return the finish reason of a choice, in OpenAI's words.

    Raises:
        ApiError: it has none.
    """
    reason = choice.get("finish_reason")
    if not isinstance(reason, str):
        raise malformed("has no finish reason")
    return reason if reason in _REASONS else "stop"


def usage_of(usage: Any) -> dict[str, Any] | None:
    """Return the numbers of the upstream's token counts."""
    if not isinstance(usage, dict):
        return None
    counts: dict[str, Any] = {}
    for name, value in usage.items():
        if isinstance(value, dict):
            counts[name] = usage_of(value)
        elif isinstance(value, int | float):
            counts[name] = value
    return counts


def ngsd_of(verdict: Verdict) -> dict[str, Any]:
    """Return the `ngsd` field of an answer; it contains no text."""
    return dumped(ngsd_field(verdict))


def refusing(request: GuardedRequest, stopped: Stopped) -> tuple[dict[str, Any], str]:
    """Return the message in place of a stopped one, and its finish reason.

    The text is also the content, for clients that show no refusals, unless JSON was asked for.
    """
    refusal = stopped.text if stopped.is_refusal else None
    is_shown = refusal is None or not request.body.asks_for_json
    content = stopped.text if is_shown else None
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return message, "stop" if refusal is None else "content_filter"


def refusing_choices(
    request: GuardedRequest, stopped: Stopped, index: int, *, is_first: bool
) -> list[dict[str, Any]]:
    """Return the last choices of a stream that is stopped: the text, then the reason.

    Args:
        request: the request.
        stopped: what stands in place of the rest.
        index: index of the choice.
        is_first: whether nothing of the choice has left.
    """
    message, reason = refusing(request, stopped)
    content, refusal = message["content"], message["refusal"]
    delta = {"role": "assistant"} if is_first else {}
    if content is not None:
        delta["content"] = content if is_first else f"\n\n{content}"
    last = {} if refusal is None else {"refusal": refusal}
    return [choice_of(index, delta), choice_of(index, last, reason)]


def choice_of(index: int, delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
    """Return a choice of a chunk."""
    return {"index": index, "delta": dict(delta), "logprobs": None, "finish_reason": reason}


def blocked_completion(request: GuardedRequest, stopped: Stopped) -> dict[str, Any]:
    """Return the completion in place of one that the upstream was not asked for."""
    message, reason = refusing(request, stopped)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    return {
        **head_of(request, {}, "chat.completion"),
        "choices": [choice],
        "usage": dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0),
        "ngsd": ngsd_of(stopped.verdict),
    }


def blocked_chunks(request: GuardedRequest, stopped: Stopped) -> list[dict[str, Any]]:
    """Return the same as chunks of a stream."""
    whole = blocked_completion(request, stopped)
    head = head_of(request, whole, "chat.completion.chunk")
    first, last = refusing_choices(request, stopped, 0, is_first=True)
    chunks = [{**head, "choices": [first]}, {**head, "choices": [last], "ngsd": whole["ngsd"]}]
    if request.body.includes_usage:
        chunks.append({**head, "choices": [], "usage": whole["usage"]})
    return chunks
