"""Answers of the upstream: what of them is read and judged, and what leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ngsd_guard.guard import CheckRequest, Verdict, cuts, stops
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState
from ngsd_guard.server._upstream import malformed
from ngsd_guard.server.guarded._body import turn_of
from ngsd_guard.server.guarded._request import GuardedRequest, Stopped, judged_all, stop
from ngsd_guard.server.guarded._shapes import head_of, ngsd_of, reason_of, refusing, usage_of

SPOKEN: Final = ("reasoning_content", "reasoning", "content", "refusal")
"""Members of a message, or a delta, that hold its text."""
_UNREADABLE: Final = ("audio", "images")
_LABELS: Final = ("id", "type")
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "function": ("name", "arguments"),
    "custom": ("name", "input"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """The text of a message, or of a part of a stream."""

    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Text of each member of `SPOKEN` that is there."""

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Said":
        """Return what a message or a delta says.

        Raises:
            ApiError: something in it is not text.
        """
        texts = {name: message[name] for name in SPOKEN if message.get(name) is not None}
        is_text = all(isinstance(text, str) for text in texts.values())
        if not is_text or any(message.get(name) for name in _UNREADABLE):
            raise malformed("is not text and cannot be judged")
        return cls(texts)

    def __add__(self, other: "Said") -> "Said":
        names = [name for name in SPOKEN if name in self.texts or name in other.texts]
        return Said({n: self.texts.get(n, "") + other.texts.get(n, "") for n in names})

    @property
    def text(self) -> str:
        """All text."""
        return "".join(self.texts.values())


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    said: Said
    beside: Mapping[str, Any] = field(repr=False)
    """Tool calls and citations."""

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Answer":
        """Return what of a message is judged and passed on; other members are left out.

        Raises:
            ApiError: something in it cannot be judged.
        """
        beside: dict[str, Any] = {}
        if message.get("tool_calls"):
            beside["tool_calls"] = list(map(_call, require_list(message["tool_calls"])))
        if message.get("function_call"):
            call = require_object(message["function_call"])
            beside["function_call"] = {name: call.get(name) for name in _KINDS["function"]}
        if message.get("annotations"):
            beside["annotations"] = require_list(message["annotations"])
        return cls(Said.of(message), beside)

    def questions(self, conversation: Sequence[dict[str, Any]]) -> list[CheckRequest]:
        """Return the checks of the answer: its text, then its calls."""
        calls = {name: call for name, call in self.beside.items() if name != "annotations"}
        cited = {name: value for name, value in self.beside.items() if name == "annotations"}
        asked = []
        if self.said.text or cited:
            asked.append(output_check(conversation, self.said, cited))
        if calls:
            turn = turn_of({"role": "assistant", **self.said.texts, **calls}, "answer")
            asked.append(CheckRequest([*conversation, turn], None, "tool_args"))
        return asked

    @property
    def can_cut(self) -> bool:
        """Whether the spans of a verdict are positions in the content."""
        return not any(self.said.texts.get(name) for name in SPOKEN if name != "content") and (
            "annotations" not in self.beside
        )

    def message(self, verdicts: Sequence[Verdict]) -> dict[str, Any]:
        """Return the answer as a message, without what the verdicts cut out."""
        content = self.said.texts.get("content")
        for verdict in filter(cuts, verdicts):
            content = verdict.redacted(content or "")
        return {
            "role": "assistant",
            "refusal": None,
            **self.said.texts,
            "content": content,
            **self.beside,
        }


def output_check(
    conversation: Sequence[dict[str, Any]], said: Said, cited: Mapping[str, Any] | None = None
) -> CheckRequest:
    """Return the check of a text that is about to leave."""
    turn = turn_of({"role": "assistant", **said.texts, **(cited or {})}, "answer")
    return CheckRequest([*conversation, turn], None, "output")


async def judged_answer(state: ServerState, questions: Sequence[CheckRequest]) -> list[Verdict]:
    """Judge parts of an answer.

    Raises:
        ApiError: one could not be judged, and the policy does not let it pass.
    """
    try:
        return await judged_all(state, questions)
    except ApiError as error:
        if error.status == 400:  # not the client's fault
            raise malformed("cannot be judged") from None
        raise


async def stopped_by(
    state: ServerState, request: GuardedRequest, verdicts: Sequence[Verdict], *, can_cut: bool
) -> Stopped | None:
    """Return what stands in place of an answer; None if it may leave."""
    for verdict in verdicts:
        if stops(verdict) or (cuts(verdict) and not can_cut):
            return await stop(state.guard, verdict, request.conversation)
    return None


async def screened(
    state: ServerState, request: GuardedRequest, completion: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a whole completion as it may leave; each choice is judged.

    Raises:
        ApiError: it has no readable choices, or one could not be judged.
    """
    given = require_list(completion.get("choices"))
    if not given:
        raise malformed("has no choices")
    choices, decisive = [], request.verdict
    for index, choice in enumerate(map(require_object, given)):
        answer = Answer.of(require_object(choice.get("message")))
        verdicts = await judged_answer(state, answer.questions(request.conversation))
        stopped = await stopped_by(state, request, verdicts, can_cut=answer.can_cut)
        if stopped is None:
            message, reason = answer.message(verdicts), reason_of(choice)
        else:
            message, reason = refusing(request, stopped)
        choices.append(
            {"index": index, "message": message, "logprobs": None, "finish_reason": reason}
        )
        decisive = deciding(decisive, verdicts)
    return {
        **head_of(request, completion, "chat.completion"),
        "choices": choices,
        "usage": usage_of(completion.get("usage")),
        "ngsd": ngsd_of(decisive),
    }


def deciding(earlier: Verdict, verdicts: Sequence[Verdict]) -> Verdict:
    """Return the first verdict that changed something, or the last one."""
    changing = [each for each in (earlier, *verdicts) if stops(each) or cuts(each)]
    return changing[0] if changing else (earlier, *verdicts)[-1]


def require_object(value: Any) -> Mapping[str, Any]:
    """Return a JSON object.

    Raises:
        ApiError: it is another value.
    """
    if not isinstance(value, dict):
        raise malformed("does not have the form of a chat completion")
    return value


def require_list(value: Any) -> list[Any]:
    """Return a JSON array.

    Raises:
        ApiError: it is another value.
    """
    if not isinstance(value, list):
        raise malformed("does not have the form of a chat completion")
    return value


def _call(given: Any) -> dict[str, Any]:
    call = require_object(given)
    kept = {name: call[name] for name in _LABELS if isinstance(call.get(name), str)}
    for kind, names in _KINDS.items():
        if call.get(kind):
            inner = require_object(call[kind])
            return {**kept, kind: {name: inner.get(name) for name in names}}
    raise malformed("has a tool call without a function")
