"""From tokens to text that may leave: whole characters, and nothing of a stop string."""

from collections.abc import Callable, Sequence
from typing import Final

_REPLACEMENT: Final = "\ufffd"
_MAX_BYTES: Final = 4  # of a character


class TextStream:
    """Releases the text of a growing answer.

    Text is held back while its last character is incomplete, and while it could still become a
    stop string. What has been released is never taken back.

    Args:
        decode: returns the text of some tokens.
        stop: strings that end the answer and are not part of it.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: Sequence[str] = ()) -> None:
        self._decode = decode
        self._stop = tuple(stop)
        self._token_ids: list[int] = []
        self._window_index = (
            0  # decoding starts here: some tokens early, so that joins come out right
        )
        self._num_read = 0  # characters of the window's text that were taken
        self._num_broken = 0  # tokens since the text last ended with a whole character
        self._held = ""

    def push(self, token_id: int) -> tuple[str, bool]:
        """Add a token; return the text it releases, and whether a stop string is complete."""
        segment_index = len(self._token_ids) - self._num_broken
        self._token_ids.append(token_id)
        text = self._unread_text()
        whole = text.rstrip(_REPLACEMENT)
        self._num_broken = 0 if whole == text else self._num_broken + 1
        if self._num_broken > 2 * _MAX_BYTES:  # no character is that long: the bytes are invalid
            whole = text[: max(len(whole), len(text) - _MAX_BYTES + 1)]
        self._held += whole
        self._num_read += len(whole)
        if self._num_broken == 0:
            self._window_index = segment_index
            self._num_read = len(self._decode(self._token_ids[segment_index:]))
        return self._release()

    def flush(self) -> str:
        """Return what is still held back, less an incomplete last character."""
        text = self._unread_text()
        self._num_read += len(text)
        released, self._held = self._held + text.rstrip(_REPLACEMENT), ""
        return released

    def _unread_text(self) -> str:
        return self._decode(self._token_ids[self._window_index :])[self._num_read :]

    def _release(self) -> tuple[str, bool]:
        found = [index for index in map(self._held.find, self._stop) if index >= 0]
        if found:
            text, self._held = self._held[: min(found)], ""
            return text, True
        keep = max((_overlap(self._held, stop) for stop in self._stop), default=0)
        split = len(self._held) - keep
        text, self._held = self._held[:split], self._held[split:]
        return text, False


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that begins `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((n for n in range(longest, 0, -1) if stop.startswith(text[-n:])), 0)
