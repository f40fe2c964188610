"""Where in a document instructions to the assistant are hidden, by small overlapping windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ngsd_guard.guard._text import sentence_bounds
from ngsd_guard.guard._verdict import Span

_WINDOW: Final = 120
"""Characters of a window that has more than one sentence."""
_LONGEST_PIECE: Final = 240
"""Characters of the longest piece of one line without sentence ends."""
_Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class DocumentWindows:
    """The sentences of a document, and the windows in which they are judged."""

    sentences: tuple[_Bounds, ...]
    """Start and end of each sentence, in characters."""
    windows: tuple[range, ...]
    """Indices of the sentences of each window; one window starts at each sentence."""

    @classmethod
    def of(cls, text: str) -> "DocumentWindows":
        """Cut a document into windows of about 120 characters."""
        sentences = [piece for bounds in sentence_bounds(text) for piece in _pieces(text, *bounds)]
        windows = list[range]()
        for first, (start, _) in enumerate(sentences):
            last = first
            while last + 1 < len(sentences) and sentences[last + 1][1] - start <= _WINDOW:
                last += 1
            if not windows or last + 1 > windows[-1].stop or last == first:
                windows.append(range(first, last + 1))
        return cls(tuple(sentences), tuple(windows))

    def bounds(self, window: range) -> _Bounds:
        """Return start and end of a window, in characters."""
        return self.sentences[window.start][0], self.sentences[window.stop - 1][1]

    def texts(self, text: str) -> list[str]:
        """Return the text of each window."""
        return [text[slice(*self.bounds(window))] for window in self.windows]

    def within(self, flagged: Sequence[bool]) -> list[int]:
        """Return the sentences of the windows that are flagged, in order."""
        hits = zip(self.windows, flagged, strict=True)
        return sorted({index for window, is_flagged in hits if is_flagged for index in window})

    def spans(self, sentences: Sequence[int]) -> tuple[Span, ...]:
        """Return where some sentences stand; those that follow each other are one span."""
        spans = list[Span]()
        for number, index in enumerate(sentences):
            start, end = self.sentences[index]
            if number and sentences[number - 1] == index - 1:
                start = spans.pop().start
            spans.append(Span(start, end, "injection"))
        return tuple(spans)


def document_windows(text: str) -> list[_Bounds]:
    """Return start and end of the small windows in which a document is judged, in characters."""
    document = DocumentWindows.of(text)
    return [document.bounds(window) for window in document.windows]


def _pieces(text: str, start: int, end: int) -> list[_Bounds]:
    """Return a sentence, or parts of it where it is too long."""
    pieces = list[_Bounds]()
    while end - start > _LONGEST_PIECE:
        space = text.rfind(" ", start + _WINDOW, start + _LONGEST_PIECE)
        cut = space if space > 0 else start + _LONGEST_PIECE
        pieces.append((start, cut))
        start = cut + (1 if space > 0 else 0)
    return [*pieces, (start, end)]
