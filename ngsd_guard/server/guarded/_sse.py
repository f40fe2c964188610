"""Reading server-sent events."""

import re
from collections.abc import Iterator
from typing import Final

from ngsd_guard.server._upstream import malformed

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_MAX_EVENT_BYTES: Final = 4 * 2**20


class EventDecoder:
    """Takes a stream apart into events.

    Lines end as the standard says, so that other line separators inside of JSON cut nothing.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._num_searched = 0
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[str]:
        """Add bytes; yield the data of each event that they complete.

        Raises:
            ApiError: an event is not UTF-8, or too large.
        """
        self._held += chunk
        for line in self._lines():
            if (data := self._event(line)) is not None:
                yield data
        if len(self._held) + sum(map(len, self._data)) > _MAX_EVENT_BYTES:
            raise malformed("has an event that is too large")

    def _lines(self) -> list[bytes]:
        lines, start = [], 0
        while (end := _LINE_END.search(self._held, max(start, self._num_searched))) is not None:
            if end[0] == b"\r" and end.end() == len(self._held):
                break  # a line feed may follow
            lines.append(bytes(self._held[start : end.start()]))
            start = end.end()
        del self._held[:start]
        self._num_searched = max(len(self._held) - 1, 0)
        return lines

    def _event(self, line: bytes) -> str | None:
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
            return None
        data, self._data = self._data, []
        try:
            return b"\n".join(data).decode() if data else None
        except UnicodeDecodeError:
            raise malformed("has an event that is not UTF-8") from None
