"""From decoding steps to events: reasoning, text and tool calls told apart."""

import json
import secrets
import string
from collections.abc import Sequence
from typing import Final

from ngsd_guard.chat._events import (
    ChatEvent,
    Finished,
    StepReport,
    StepsDecoded,
    ToolCallBroken,
    ToolCallStarted,
    logprobs_of,
)
from ngsd_guard.errors import DecodingError
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.tool_calling import (
    BrokenCall,
    CallEnded,
    CallStarted,
    ParserEvent,
    ReasoningDelta,
    ReasoningSplitter,
    TextDelta,
    ToolCallParser,
)
from ngsd_guard.types import DecodeStep, Generation

_ID_LETTERS: Final = string.ascii_letters + string.digits
_ID_LENGTH: Final = 9  # the only length that Mistral's templates take


class IncompleteJsonError(DecodingError):
    """An answer that must be JSON ended before it was complete."""


class AnswerReader:
    """Reads one answer while it is decoded.

    Args:
        base: whose tokens log-probabilities are reported of.
        reasoning: separates reasoning from the answer; None where the model writes none.
        calls: finds tool calls; None where no tools were offered.
        is_json: whether the text must be JSON, which a grammar sees to if there is room.
    """

    def __init__(
        self,
        base: LanguageModel,
        *,
        reasoning: ReasoningSplitter | None,
        calls: ToolCallParser | None,
        is_json: bool = False,
    ) -> None:
        self._base = base
        self._reasoning = reasoning
        self._calls = calls
        self._json_text: list[str] | None = [] if is_json else None
        self._call_ids: dict[int, str] = {}
        self._started: set[int] = set()
        self._steps: list[DecodeStep] = []  # since the last `StepsDecoded`

    def feed(self, step: DecodeStep) -> list[ChatEvent]:
        """Return what a step releases; nothing while markup or a character is incomplete."""
        self._steps.append(step)
        if not step.text:
            return []
        if self._json_text is not None:
            self._json_text.append(step.text)
        events = self._read(self._split(step.text))
        if any(not isinstance(event, CallEnded) for event in events):
            events.append(self._steps_decoded())
        return events

    def finish(self, generation: Generation) -> list[ChatEvent]:
        """Return what was held back, and the end.

        Raises:
            IncompleteJsonError: the text must be JSON, and ended before it was complete.
        """
        if self._json_text is not None and generation.finish_reason != "cancelled":
            _check_json("".join(self._json_text), generation)
        events = self._read([] if self._reasoning is None else self._reasoning.finish())
        if self._calls is not None:
            events += self._with_ids(self._calls.finish())
        if self._steps:
            events.append(self._steps_decoded())
        is_call = bool(self._call_ids) and generation.finish_reason == "stop"
        reason = "tool_calls" if is_call else generation.finish_reason
        return [*events, Finished(generation, reason)]

    def _split(self, text: str) -> Sequence[TextDelta | ReasoningDelta]:
        return [TextDelta(text)] if self._reasoning is None else self._reasoning.feed(text)

    def _read(self, deltas: Sequence[TextDelta | ReasoningDelta]) -> list[ChatEvent]:
        events: list[ChatEvent] = []
        for delta in deltas:
            if isinstance(delta, TextDelta) and self._calls is not None:
                events += self._with_ids(self._calls.feed(delta.text))
            elif delta.text:
                events.append(delta)
        return events

    def _with_ids(self, events: Sequence[ParserEvent]) -> list[ChatEvent]:
        return [self._with_id(event) for event in events]

    def _with_id(self, event: ParserEvent) -> ChatEvent:
        if isinstance(event, CallStarted):
            self._started.add(event.index)
            return ToolCallStarted(event.index, self._id_of(event.index), event.name)
        if isinstance(event, BrokenCall):
            was_started = event.index in self._started
            call_id = self._id_of(event.index)
            return ToolCallBroken(event.index, call_id, event.text, event.reason, was_started)
        return event

    def _id_of(self, index: int) -> str:
        if index not in self._call_ids:
            letters = (secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
            self._call_ids[index] = "".join(letters)
        return self._call_ids[index]

    def _steps_decoded(self) -> StepsDecoded:
        steps, self._steps = self._steps, []
        return StepsDecoded(
            tuple(StepReport.of(step) for step in steps), logprobs_of(steps, self._base)
        )


def _check_json(text: str, generation: Generation) -> None:
    try:
        json.loads(text)
    except ValueError:
        # Not chained: the original error holds the answer's text.
        raise IncompleteJsonError(
            f"the answer ended ({generation.finish_reason}) after {generation.usage.output_tokens} "
            "tokens, before its JSON was complete; raise max_new_tokens, bound strings and arrays "
            "in the schema (maxLength, maxItems), and give no stop strings that JSON may contain"
        ) from None
