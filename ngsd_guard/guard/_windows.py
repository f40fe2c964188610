"""Small overlapping windows of a text, in which harm is not diluted by what surrounds it."""

import math
from typing import Final

from ngsd_guard.guard._text import sentence_bounds

WINDOW: Final = 320
"""Length of a window, in bytes of UTF-8; about 80 tokens of English."""
_HALF: Final = WINDOW // 2
_MARGIN: Final = 0.1
"""Log-odds by which a window must be riskier, per doubling of the number of windows."""

Bounds = tuple[int, int]
"""Start and end, in characters."""


def small_windows(text: str) -> list[Bounds]:
    """Cut a text into windows of whole sentences that overlap by about half.

    Every part of up to half a window lies within one window. A sentence longer than that is cut at
    a space.

    Returns:
        Windows in order; one or none for a text that fits one.
    """
    pieces = [piece for bounds in sentence_bounds(text) for piece in _pieces(text, *bounds)]
    ends, total = [0], 0  # [pieces + 1], bytes before each piece
    for start, end in pieces:
        total += len(text[start:end].encode()) + 1
        ends.append(total)
    windows = list[Bounds]()
    first = last = 0
    while last < len(pieces):
        last = max(last, first + 1)
        while last < len(pieces) and ends[last + 1] - ends[first] <= WINDOW + 1:
            last += 1
        windows.append((pieces[first][0], pieces[last - 1][1]))
        begin = ends[first]
        first += 1
        while first < last - 1 and ends[first + 1] - begin <= _HALF + 1:
            first += 1
    return windows


def window_risk(risk: float, num_windows: int) -> float:
    """Return the risk of a window as one of several, 0 to 10.

    The riskiest of many harmless windows is riskier than a typical one, so each counts for less,
    the more there are.
    """
    if num_windows < 2 or not 0.0 < risk < 10.0:
        return risk
    log_odds = math.log(risk / (10.0 - risk)) - _MARGIN * math.log2(num_windows)
    return round(10.0 / (1.0 + math.exp(-log_odds)), 4)


def _pieces(text: str, start: int, end: int) -> list[Bounds]:
    """Return a sentence, or parts of it where it is longer than half a window."""
    pieces = list[Bounds]()
    while len(text[start : start + _HALF + 1].encode()) > _HALF and end > start:
        cut = min(start + _fitting(text, start), end)
        if cut >= end:
            break
        space = text.rfind(" ", start + 1, cut + 1)
        cut = space if space > start else cut
        pieces.append((start, cut))
        start = cut + (1 if text[cut : cut + 1] == " " else 0)
    return [*pieces, (start, end)] if end > start else pieces


def _fitting(text: str, start: int) -> int:
    """Return how many characters from `start` on fit half a window; at least one."""
    head = text[start : start + _HALF].encode()[:_HALF]
    return max(len(head.decode(errors="ignore")), 1)
