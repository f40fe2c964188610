"""Reasoning that a model writes before its answer."""

from typing import Final

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.tool_calling._events import ReasoningDelta, TextDelta
from ngsd_guard.tool_calling._held import length_held
from ngsd_guard.tool_calling._json import WHITESPACE

_KNOWN_MARKERS: Final = (
    ("<think>", "</think>"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<reasoning>", "</reasoning>"),
)


def find_reasoning_markers(chat_template: str) -> tuple[str, str] | None:
    """Return the markers around reasoning in a chat template's source; None if it has none.

    Only the closing marker is looked for: templates that open the block in the prompt, or remove
    it from earlier turns, may contain no other.
    """
    return next((pair for pair in _KNOWN_MARKERS if pair[1] in chat_template), None)


class ReasoningSplitter:
    """Separates the reasoning from the answer that follows, while both are streamed.

    Reasoning is the text between the markers at the very start; a marker inside the answer is
    text. Whitespace next to the markers belongs to neither part.

    Args:
        opening: the marker before the reasoning.
        closing: the marker after the reasoning.
        starts_inside: the prompt has already opened the block; an opening marker at the start is
            skipped.

    Raises:
        ConfigurationError: a marker is empty.
    """

    def __init__(
        self, opening: str = "<think>", closing: str = "</think>", *, starts_inside: bool = False
    ) -> None:
        if not opening or not closing:
            raise ConfigurationError(
                f"reasoning markers {opening!r} and {closing!r}: neither may be empty; pass both"
            )
        self._opening = opening
        self._closing = closing
        self._is_inside = starts_inside
        self._may_open = True
        self._is_blank = starts_inside  # nothing but whitespace since a marker
        self._pending = ""
        self._at_end = False

    def feed(self, text: str) -> list[ReasoningDelta | TextDelta]:
        """Read more text; return the events that are certain now."""
        self._pending += text
        events: list[ReasoningDelta | TextDelta] = []
        while self._go_on(events):
            pass
        return events

    def finish(self) -> list[ReasoningDelta | TextDelta]:
        """End the answer; return the remaining events. An unclosed block is reasoning."""
        self._at_end = True
        return self.feed("")

    def _go_on(self, events: list[ReasoningDelta | TextDelta]) -> bool:
        if self._may_open:
            body = self._pending.lstrip(WHITESPACE)
            if body.startswith(self._opening):
                self._pending = body.removeprefix(self._opening)
                self._enter(is_inside=True)
                self._may_open = False
                return True
            if self._opening.startswith(body) and not self._at_end:
                return False
            self._may_open = False
        if self._is_blank:
            self._pending = self._pending.lstrip(WHITESPACE)
        if self._is_inside:
            return self._read_reasoning(events)
        if self._pending:
            events.append(TextDelta(self._pending))
            self._pending, self._is_blank = "", False
        return False

    def _read_reasoning(self, events: list[ReasoningDelta | TextDelta]) -> bool:
        before, marker, after = self._pending.partition(self._closing)
        if marker:
            self._add_reasoning(before.rstrip(WHITESPACE), events)
            self._pending = after
            self._enter(is_inside=False)
            return True
        num_held = 0 if self._at_end else length_held(before, self._closing)
        self._add_reasoning(before[: len(before) - num_held], events)
        self._pending = before[len(before) - num_held :]
        return False

    def _enter(self, *, is_inside: bool) -> None:
        self._is_inside = is_inside
        self._is_blank = True

    def _add_reasoning(self, text: str, events: list[ReasoningDelta | TextDelta]) -> None:
        if text:
            events.append(ReasoningDelta(text))
            self._is_blank = False
