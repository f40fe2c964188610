"""Incremental parsing of an answer with calls."""

import re
from collections.abc import Callable
from typing import Final

from ngsd_guard.tool_calling._calls import Calls, Reading
from ngsd_guard.tool_calling._events import ParserEvent, TextDelta
from ngsd_guard.tool_calling._held import length_held
from ngsd_guard.tool_calling._json import WHITESPACE, MalformedCallError

_BETWEEN_BARE_CALLS: Final = WHITESPACE + ";"


class MarkedParser:
    """Finds calls after an opening marker; a `ToolCallParser`.

    Args:
        opening: the marker before calls.
        read_block: reads the text after the opening marker.
        closing: the marker after calls, if there is one.
        read_bare: reads an object without a marker, from its bracket on, at the start of the answer
            or after a call; None if calls always have a marker.
    """

    def __init__(
        self,
        opening: str,
        read_block: Callable[[Calls], Reading],
        *,
        closing: str | None = None,
        read_bare: Callable[[Calls], Reading] | None = None,
    ) -> None:
        self._opening = opening
        self._read_block = read_block
        self._read_bare = read_bare
        next_opening = f"(?={re.escape(opening)})"
        self._end_of_broken = re.compile(
            f"{re.escape(closing)}|{next_opening}" if closing else next_opening
        )
        self._calls = Calls()
        self._pending = ""
        self._at_end = False
        self._block: Reading | None = None
        self._is_bare = False
        self._broken: tuple[str, str] | None = None  # markup and reason
        self._follows_call = False
        self._expects_bare = read_bare is not None

    def feed(self, text: str) -> list[ParserEvent]:
        """Read more of the answer; return the events that are certain now."""
        self._pending += text
        while self._go_on():
            pass
        return self._calls.take_events()

    def finish(self) -> list[ParserEvent]:
        """End the answer; return the remaining events. Do not call `feed` afterwards."""
        self._at_end = True
        return self.feed("")

    def _go_on(self) -> bool:
        """Read up to the end of a text, call or broken call; return whether more can be read."""
        if self._broken is not None:
            return self._pass_over(*self._broken)
        if self._block is not None:
            return self._read_on(self._block)
        return self._read_text()

    def _read_text(self) -> bool:
        if self._follows_call:
            self._pending = self._pending.lstrip(WHITESPACE)
        if self._expects_bare and self._read_start():
            return self._block is not None
        text = self._pending
        position = text.find(self._opening)
        if position >= 0:
            self._add_text(text[:position].rstrip(WHITESPACE))
            self._pending = text[position + len(self._opening) :]
            self._begin(self._read_block, self._opening)
            return True
        num_free = len(text) if self._at_end else len(text) - length_held(text, self._opening)
        self._add_text(text[:num_free])
        self._pending = text[num_free:]
        return False

    def _read_start(self) -> bool:
        """Read where a bare call may start; return False if ordinary text follows."""
        separators = _BETWEEN_BARE_CALLS if self._follows_call else WHITESPACE
        body = self._pending.lstrip(separators)
        if body.startswith("{") and self._read_bare is not None:
            self._begin(self._read_bare, self._pending.removesuffix(body))
            self._is_bare = True
            self._calls.is_call = False
            self._pending = body
            return True
        if body.startswith(self._opening) or (self._follows_call and self._at_end and not body):
            self._pending = body
            return False
        if self._opening.startswith(body) and not self._at_end:
            return True
        self._expects_bare = False
        return False

    def _begin(self, read: Callable[[Calls], Reading], raw: str) -> None:
        self._calls.raw = [raw]
        self._calls.is_call = True
        self._is_bare = False
        self._block = read(self._calls)
        next(self._block)

    def _read_on(self, block: Reading) -> bool:
        pending, self._pending = self._pending, ""
        for position, char in enumerate(pending, start=1):
            self._calls.raw.append(char)
            if not self._send(block, char):
                self._pending = self._pending + pending[position:]
                return True
        return self._at_end and not self._send(block, "")

    def _send(self, block: Reading, char: str) -> bool:
        """Send a character to the block; return whether the block continues."""
        try:
            block.send(char)
        except StopIteration:
            self._follows_call = True
            self._expects_bare = self._read_bare is not None
        except MalformedCallError as error:
            self._give_up(error.reason)
        else:
            return True
        self._block = None
        return False

    def _give_up(self, reason: str) -> None:
        raw = "".join(self._calls.raw)
        if self._calls.is_call:
            self._broken = raw.lstrip(_BETWEEN_BARE_CALLS) if self._is_bare else raw, reason
        else:
            self._pending = raw
            self._expects_bare = False

    def _pass_over(self, text: str, reason: str) -> bool:
        """Find the end of broken markup; reading resumes after it."""
        text += self._pending
        start = len(self._opening) if text.startswith(self._opening) else 0
        end = self._end_of_broken.search(text, start)
        if end is None and not self._at_end:
            self._pending, self._broken = "", (text, reason)
            return False
        position = len(text) if end is None else end.end()
        self._calls.end_broken(text[:position], reason)
        self._pending, self._broken = text[position:], None
        self._follows_call = True
        return True

    def _add_text(self, text: str) -> None:
        if text:
            self._calls.add(TextDelta(text))
            self._follows_call = False
