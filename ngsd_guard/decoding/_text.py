"""From tokens to text that may leave: whole characters, and nothing of a stop string."""

from collections.abc import Callable, Sequence
from typing import Final

_REPLACEMENT: Final = "\ufffd"
_MAX_TOKENS_PER_CHARACTER: Final = 4


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
        self._context_index = 0  # decoding starts here, so that joins between tokens come out right
        self._read_index = 0  # text before this token is in `_held` or released
        self._held = ""

    def push(self, token_id: int) -> tuple[str, bool]:
        """Add a token; return the text it releases, and whether a stop string is complete."""
        self._token_ids.append(token_id)
        new_text = self._undecoded_text()
        num_pending = len(self._token_ids) - self._read_index
        if new_text.endswith(_REPLACEMENT) and num_pending < _MAX_TOKENS_PER_CHARACTER:
            return "", False
        self._context_index, self._read_index = self._read_index, len(self._token_ids)
        self._held += new_text
        return self._release()

    def flush(self) -> str:
        """Return what is still held back, less an incomplete last character."""
        text = self._held + self._undecoded_text().rstrip(_REPLACEMENT)
        self._read_index, self._held = len(self._token_ids), ""
        return text

    def _undecoded_text(self) -> str:
        context = self._decode(self._token_ids[self._context_index : self._read_index])
        return self._decode(self._token_ids[self._context_index :])[len(context) :]

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
