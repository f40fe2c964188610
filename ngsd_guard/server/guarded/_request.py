"""A request on its way to the upstream: judged, and redacted where the policy wants that."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ngsd_guard.guard import (
    CheckRequest,
    Guard,
    Verdict,
    areplacement,
    cuts,
    is_refused,
    stops,
)
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState
from ngsd_guard.server._upstream import Upstream
from ngsd_guard.server.checks._judging import MAX_TEXTS, judged, text_of
from ngsd_guard.server.guarded._body import GuardedBody, check_parameters, turns_of

_PURE: Final = frozenset({"type", "text"})


@dataclass(frozen=True, slots=True)
class Stopped:
    """What stands in place of a request or an answer that was stopped."""

    verdict: Verdict
    text: str = field(repr=False)
    is_refusal: bool
    """Whether the text is the guard's refusal; false for an answer of the local pair."""


@dataclass(frozen=True, slots=True)
class GuardedRequest:
    """A request that was judged."""

    body: GuardedBody = field(repr=False)
    forwarded: dict[str, Any] = field(repr=False)
    """The body for the upstream."""
    conversation: list[dict[str, Any]] = field(repr=False)
    """The turns that an answer is judged with."""
    verdict: Verdict
    """The verdict on the conversation, or the one that changed or stopped it."""
    stopped: Stopped | None = None


def upstream_of(state: ServerState) -> Upstream:
    """Return the upstream.

    Raises:
        ApiError: none is configured.
    """
    if state.upstream is None:
        raise ApiError(
            404,
            "this server has no upstream; start it with --upstream URL",
            code="no_upstream",
        )
    return state.upstream


async def read_request(state: ServerState, body: GuardedBody) -> GuardedRequest:
    """Judge a request: its tool results one by one, and everything else as a conversation.

    Results that were judged before in this process, and are clean, are not judged again.

    Raises:
        ApiError: something in it cannot be judged, or the model is not served.
    """
    check_parameters(body)
    model = upstream_of(state).model_for(body.model)
    forwarded = body.model_dump(exclude_unset=True) | {"model": model}
    turns, guard = turns_of(body.messages), state.guard
    others = [turn for turn in turns if turn["role"] != "tool"]
    results = [n for n, turn in enumerate(turns) if turn["role"] == "tool"]
    unread = [n for n in results if not guard.judged.holds("tool_result", _read_as(turns, n))]
    questions = [CheckRequest(guard.unsettled(others))]
    questions += [CheckRequest(turns[: n + 1], None, "tool_result") for n in unread]
    verdicts = await judged_all(state, questions)
    for index, verdict in zip([None, *unread], verdicts, strict=True):
        can_cut = index is not None and _is_pure_text(turns[index]["content"])
        if stops(verdict) or (cuts(verdict) and not can_cut):
            stopped = await stop(guard, verdict, others)
            return GuardedRequest(body, forwarded, turns, verdict, stopped)
    decisive = verdicts[0]
    messages: list[Any] = list(body.messages)
    for index, verdict in zip(unread, verdicts[1:], strict=True):
        if cuts(verdict):
            decisive = verdict
            text = verdict.redacted(text_of(turns[index]["content"]))
            turns[index] = _redacted(turns, index, text)
            messages[index] = turns[index]
        elif verdict.evaluation == "evaluated":
            guard.judged.add("tool_result", _read_as(turns, index))
    forwarded["messages"] = messages
    return GuardedRequest(body, forwarded, guard.unsettled(turns), decisive)


async def judged_all(state: ServerState, questions: Sequence[CheckRequest]) -> list[Verdict]:
    """Judge any number of texts, and count and return their verdicts.

    Raises:
        ApiError: a text could not be judged, and the policy does not let it pass.
    """
    verdicts: list[Verdict] = []
    for start in range(0, len(questions), MAX_TEXTS):
        verdicts += await judged(state, questions[start : start + MAX_TEXTS])
    return verdicts


async def stop(guard: Guard, verdict: Verdict, conversation: Sequence[dict[str, Any]]) -> Stopped:
    """Return what stands in place of a text that a verdict stops."""
    text = await areplacement(guard, verdict, conversation)
    return Stopped(verdict, text, is_refused(guard, verdict, text))


def _read_as(turns: Sequence[dict[str, Any]], index: int) -> list[Any]:
    """Return what the verdict on a tool result depends on."""
    return [turns[index], _called(turns[:index])]


def _called(turns: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names of the functions that are called, sorted."""
    calls = [call for turn in turns for call in turn.get("tool_calls") or ()]
    functions = [call.get("function", call) for call in calls if isinstance(call, dict)]
    names = {each.get("name") for each in functions if isinstance(each, dict)}
    return sorted(name for name in names if isinstance(name, str))


def _is_pure_text(content: Any) -> bool:
    """Return whether the spans of a verdict are positions in a content's text."""
    if isinstance(content, str):
        return True
    return isinstance(content, list) and all(
        isinstance(part, dict) and set(part) == _PURE and isinstance(part["text"], str)
        for part in content
    )


def _redacted(turns: Sequence[dict[str, Any]], index: int, text: str) -> dict[str, Any]:
    """Return a tool result with another text, under the name of its tool only."""
    turn = {**turns[index], "content": text}
    if turn.get("name") not in _called(turns[:index]):
        turn.pop("name", None)
    return turn
