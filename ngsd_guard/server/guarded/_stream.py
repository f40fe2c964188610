"""A streamed answer of the upstream, held back until it was judged."""

from collections.abc import Mapping
from typing import Any, Final

from ngsd_guard.guard import HeldBack, Verdict
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState
from ngsd_guard.server._upstream import malformed, parse_json
from ngsd_guard.server.guarded._answers import (
    Answer,
    Said,
    deciding,
    judged_answer,
    output_check,
    require_list,
    require_object,
    stopped_by,
)
from ngsd_guard.server.guarded._request import GuardedRequest, Stopped
from ngsd_guard.server.guarded._shapes import (
    choice_of,
    head_of,
    ngsd_of,
    reason_of,
    refusing_choices,
    usage_of,
)

_MAX_CALLS: Final = 128
_Chunks = list[dict[str, Any]]


class _ChoiceReading:
    """One choice while it arrives."""

    def __init__(self) -> None:
        self.held: HeldBack[Said] = HeldBack(lambda said: said.text)
        self.verdict: Verdict | None = None
        """On everything that has left; None before anything has."""
        self.is_first = True
        self.is_over = False
        self._calls: dict[int, dict[str, Any]] = {}
        self._function_call: dict[str, Any] = {}
        self._annotations: list[Any] = []

    def add(self, delta: Mapping[str, Any]) -> list[Said]:
        """Add a delta; return the parts to judge and release. Calls and citations are kept."""
        for call in require_list(delta.get("tool_calls") or []):
            self._add_call(require_object(call))
        if delta.get("function_call"):
            _merge(self._function_call, require_object(delta["function_call"]))
        self._annotations += require_list(delta.get("annotations") or [])
        said = Said.of(delta)
        return self.held.add(said) if said.texts else []

    def rest(self) -> tuple[Said, Answer]:
        """Return the text that is still held back, and the complete answer."""
        rest = self.held.rest()
        beside = {
            "tool_calls": [self._calls[index] for index in sorted(self._calls)],
            "function_call": self._function_call,
            "annotations": self._annotations,
        }
        whole = self.held.whole or Said()
        return rest[0] if rest else Said(), Answer.of({**whole.texts, **beside})

    def delta(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """Return a delta that leaves; the first one says who speaks."""
        role = {"role": "assistant"} if self.is_first else {}
        self.is_first = False
        return {**role, **said}

    def _add_call(self, call: Mapping[str, Any]) -> None:
        index = call.get("index", len(self._calls))
        if not isinstance(index, int) or not 0 <= index < _MAX_CALLS:
            raise malformed("has a tool call without an index")
        parts = {name: value for name, value in call.items() if name != "index"}
        _merge(self._calls.setdefault(index, {}), parts)


class ScreenedStream:
    """Judges the chunks of a stream, sentence by sentence, and returns those that may leave.

    Args:
        state: what the endpoints share.
        request: the request that is answered.
    """

    def __init__(self, state: ServerState, request: GuardedRequest) -> None:
        self._state = state
        self._request = request
        self._head: dict[str, Any] = {}
        self._choices = [_ChoiceReading() for _ in range(request.body.n or 1)]
        self._usage: dict[str, Any] | None = None
        self._num_stopped = 0

    @property
    def is_stopped(self) -> bool:
        """Whether every choice was stopped, so that no more is to be read."""
        return self._num_stopped == len(self._choices)

    async def feed(self, data: str) -> _Chunks:
        """Add an event; return the chunks that may leave.

        Raises:
            ApiError: it is not a chunk, or could not be judged.
        """
        chunk = _parsed(data)
        self._head = self._head or head_of(self._request, chunk, "chat.completion.chunk")
        self._usage = usage_of(chunk.get("usage")) or self._usage
        chunks: _Chunks = []
        for given in map(require_object, require_list(chunk.get("choices") or [])):
            index = given.get("index", 0)
            if not isinstance(index, int) or not 0 <= index < len(self._choices):
                raise malformed("has a choice that was not asked for")
            reading = self._choices[index]
            if not reading.is_over:  # what follows an end does not leave
                chunks += await self._fed(index, reading, given)
        return chunks

    def end(self) -> _Chunks:
        """Return the last chunks.

        Raises:
            ApiError: a choice has not ended.
        """
        if not all(reading.is_over for reading in self._choices):
            raise malformed("ended before it was complete")
        if not self._request.body.includes_usage or self._usage is None:
            return []
        return [{**self._head, "choices": [], "usage": self._usage}]

    async def _fed(self, index: int, reading: _ChoiceReading, given: Mapping[str, Any]) -> _Chunks:
        chunks: _Chunks = []
        for said in reading.add(require_object(given.get("delta") or {})):
            whole = reading.held.whole or said
            question = output_check(self._request.conversation, whole)
            verdicts = await judged_answer(self._state, [question])
            if stopped := await self._stopped(verdicts):
                return [*chunks, *self._stop(index, reading, stopped)]
            reading.verdict = verdicts[0]
            chunks.append(self._chunk(choice_of(index, reading.delta(said.texts))))
        if given.get("finish_reason") is not None:
            chunks += await self._finished(index, reading, reason_of(given))
        return chunks

    async def _finished(self, index: int, reading: _ChoiceReading, reason: str) -> _Chunks:
        rest, answer = reading.rest()
        questions = answer.questions(self._request.conversation)
        if reading.verdict is not None and not rest.text and "annotations" not in answer.beside:
            questions = [each for each in questions if each.stage != "output"]  # judged
        verdicts = await judged_answer(self._state, questions)
        if stopped := await self._stopped(verdicts):
            return self._stop(index, reading, stopped)
        reading.is_over = True
        beside = dict(answer.beside)
        if "tool_calls" in beside:
            beside["tool_calls"] = [
                {"index": number, **call} for number, call in enumerate(beside["tool_calls"])
            ]
        delta = {**rest.texts, **beside}
        chunks = [self._chunk(choice_of(index, reading.delta(delta)))] if delta else []
        last = self._chunk(choice_of(index, reading.delta({}), reason))
        if reading.verdict is not None:
            verdicts = [reading.verdict, *verdicts]
        verdict = deciding(self._request.verdict, verdicts)
        return [*chunks, {**last, "ngsd": ngsd_of(verdict)}]

    async def _stopped(self, verdicts: list[Verdict]) -> Stopped | None:
        # What has left can no longer be cut.
        return await stopped_by(self._state, self._request, verdicts, can_cut=False)

    def _stop(self, index: int, reading: _ChoiceReading, stopped: Stopped) -> _Chunks:
        reading.is_over = True
        self._num_stopped += 1
        first, last = refusing_choices(self._request, stopped, index, is_first=reading.is_first)
        return [self._chunk(first), {**self._chunk(last), "ngsd": ngsd_of(stopped.verdict)}]

    def _chunk(self, choice: dict[str, Any]) -> dict[str, Any]:
        return {**self._head, "choices": [choice]}


def _parsed(data: str) -> Mapping[str, Any]:
    try:
        chunk = require_object(parse_json(data))
    except (ValueError, RecursionError):
        raise malformed("has an event that is not JSON") from None
    if chunk.get("error"):
        raise ApiError(502, "the upstream failed in its stream", code="upstream_error")
    return chunk


def _merge(into: dict[str, Any], parts: Mapping[str, Any]) -> None:
    """Add the pieces of a call: labels are kept, names and arguments grow."""
    for name, value in parts.items():
        if isinstance(value, dict):
            _merge(into.setdefault(name, {}), value)
        elif isinstance(value, str):
            is_label = name in ("id", "type") and name in into
            into[name] = into[name] if is_label else into.get(name, "") + value
        elif value is not None:
            raise malformed("has a tool call that cannot be judged")
