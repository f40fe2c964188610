"""Extraction of the text to judge, and its context, from a request."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ngsd_guard.calls import read_call
from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.guard._speech import calls_text, content_text, names_text, plain_text, speech_of
from ngsd_guard.guard._verdict import CheckRequest, Stage
from ngsd_guard.messages import validate_messages
from ngsd_guard.risk import request_text
from ngsd_guard.types import Message

_READ: Final = frozenset({"content", "tool_calls", "name", "tool_call_id"})
"""Members of a turn that are read here; validation refuses unknown ones."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The text to judge, with its context."""

    stage: Stage
    text: str = field(repr=False)
    """The text that spans refer to; empty if there is nothing to judge."""
    conversation: tuple[Message, ...] = field(default=(), repr=False)
    """The conversation that the base rates: only roles and text, no blank turns, and at least one
    user turn."""
    prompt: tuple[Message, ...] = field(default=(), repr=False)
    """The conversation before the probe or the answer."""

    @property
    def rated_text(self) -> str:
        """The text that is rated."""
        return request_text(self.conversation) if self.conversation else ""


def read_subject(request: CheckRequest) -> Subject:
    """Return the subject of a request.

    Tool calls are written as JSON, content blocks are joined, and lone surrogates are replaced by
    U+FFFD.

    Raises:
        InvalidRequestError: the request contains something that cannot be judged as text, or
            nothing to judge at its stage.
    """
    try:
        return _read(request)
    except RecursionError as error:
        raise InvalidRequestError("the messages are nested too deeply; pass plain text") from error


def _read(request: CheckRequest) -> Subject:
    stage, messages = request.stage, request.messages
    response = None if request.response is None else plain_text(request.response, "response")
    if isinstance(messages, str):
        text = plain_text(messages, "messages")
        if stage == "input" or response is not None:
            return _subject(stage, [{"role": "user", "content": text}], response)
        return _subject(stage, [], text)
    if isinstance(messages, bytes | Mapping) or not isinstance(messages, Sequence):
        raise InvalidRequestError(
            f"messages must be a string or a list of {{'role', 'content'}}, not "
            f"{type(messages).__name__}"
        )
    turns, called = list[dict[str, Any]](), set[str]()
    for index, message in enumerate(list[Any](messages)):
        turns.append(_plain(message, f"messages[{index}]", called))
        called |= _called(message)
    if response is not None or stage == "input":
        return _subject(stage, turns, response)
    if stage == "tool_args":
        return _calls(messages, turns)
    if not turns:
        raise InvalidRequestError(
            f"there is no message to judge at stage {stage!r}; pass at least one"
        )
    if stage == "output" and turns[-1]["role"] != "assistant":
        raise InvalidRequestError(
            "the last message is not an answer; pass response=, or end with the assistant's message"
        )
    return _subject(stage, turns[:-1], turns[-1]["content"])


def _subject(stage: Stage, turns: list[dict[str, Any]], response: str | None) -> Subject:
    """Return the subject of a stage: a response after some turns, or the turns themselves."""
    checked = checked_turns(turns)
    if response is None:
        return Subject(stage, turns[-1]["content"] if checked else "", checked, checked)
    if not response.strip():
        # A blank answer need not be judged, but the turns before it may have to be.
        return _subject(stage, turns, None) if stage == "input" else Subject(stage, "")
    alone: Message = {"role": "user", "content": response}
    if stage in ("retrieval", "tool_result") or not checked:
        return Subject(stage, response, (alone,), ({"role": "user", "content": ""},))
    answered: Message = {"role": "assistant", "content": response}
    whole = (*checked, answered)
    if stage == "input":
        return Subject(stage, response, whole, whole)
    return Subject(stage, response, whole, checked)


def _calls(messages: Sequence[Any], turns: list[dict[str, Any]]) -> Subject:
    """Return the subject of the last assistant message's tool calls."""
    for index in range(len(turns) - 1, -1, -1):
        if turns[index]["role"] != "assistant":
            continue
        text = calls_text(messages[index].get("tool_calls"), f"messages[{index}]")
        if text:
            return Subject("tool_args", text, checked_turns(turns[: index + 1]))
        break
    raise InvalidRequestError(
        "the last assistant message has no tool_calls to judge; pass the message with the calls"
    )


def checked_turns(turns: Sequence[Mapping[str, Any]]) -> tuple[Message, ...]:
    """Return a valid conversation without blank turns; empty if all are blank."""
    kept = [dict(turn) for turn in turns if str(turn.get("content")).strip()]
    if not kept:
        return ()
    if not any(turn.get("role") == "user" for turn in kept):
        # A conversation needs a user turn; system prompts are not rated.
        spoken = [turn for turn in kept if turn.get("role") not in ("system", "developer")]
        (spoken or kept)[0]["role"] = "user"
    return tuple(validate_messages(kept))


def _plain(message: Any, where: str, called: Collection[str]) -> dict[str, Any]:
    """Return a turn as role and text; unknown keys are kept, so that validation refuses them.

    Args:
        message: the turn.
        where: its place, for errors.
        called: names of the tools that earlier turns call.
    """
    if not isinstance(message, Mapping):
        raise InvalidRequestError(
            f"{where} is a {type(message).__name__}; pass a mapping with 'role' and 'content'"
        )
    calls = message.get("tool_calls")
    content = message.get("content")
    if isinstance(content, list | tuple):
        is_answer = message.get("role") == "assistant"
        known = calls if isinstance(calls, list | tuple) else ()
        content = speech_of(content, is_answer=is_answer, calls=known)
    parts = [
        content_text(content, where),
        calls_text(calls, where),
        names_text(message, called, where),
    ]
    turn: dict[str, Any] = {key: value for key, value in message.items() if key not in _READ}
    turn["content"] = "\n".join(part for part in parts if part)
    validate_messages([{"role": "user", "content": "-"}, {**turn, "content": "-"}])
    return turn


def _called(message: Mapping[str, Any]) -> set[str]:
    """Return the names of the tools that a turn calls."""
    calls = [call for call in message.get("tool_calls") or () if isinstance(call, Mapping)]
    names = [read_call(call, "tool_calls").name for call in calls]
    return {name for name in names if isinstance(name, str)}
