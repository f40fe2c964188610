"""Layout of an answer's tokens along the x axis."""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len

from ngsd_guard.render._labels import LINE_END

CHARACTER_EM: Final = 0.602
"""Width of a character in the widest of the monospaced fonts."""
_INLINE_SIZES: Final = (13.0, 12.0, 11.0)
_SLANTED_SIZE: Final = 11.0
_MAX_SLACK: Final = 32.0
_MIN_COLUMN: Final = 9.5
_GAP: Final = 7.0


@dataclass(frozen=True, slots=True)
class Caption:
    """The label of one token."""

    text: str
    """The emitted token; a leading space starts a word."""
    discarded: str = ""
    """The base's token, if it was overridden."""
    is_urgent: bool = False
    """Whether the label has priority if there is not enough room."""


@dataclass(frozen=True, slots=True)
class TokenAxis:
    """Positions of an answer's tokens, in pixels."""

    centres: tuple[float, ...]
    widths: tuple[float, ...]
    font_size: float
    is_inline: bool
    """Whether the tokens are set as running text; slanted otherwise."""
    shown: frozenset[int]
    """Indices of the tokens whose label is shown."""

    @property
    def spacing(self) -> float:
        """Mean distance between adjacent tokens."""
        return sum(self.widths) / max(1, len(self.widths))


def lay_out(captions: Sequence[Caption], left: float, width: float) -> TokenAxis:
    """Place an answer's tokens: as running text if it fits, otherwise slanted and thinned out.

    Args:
        captions: labels, one per token.
        left: start of the axis, in pixels.
        width: length of the axis, in pixels.
    """
    for font_size in _INLINE_SIZES:
        axis = _lay_out_inline(captions, left, width, font_size)
        if axis is not None:
            return axis
    column = width / max(1, len(captions))
    centres = tuple(left + column * (index + 0.5) for index in range(len(captions)))
    shown = _thin_out(captions, centres, min_distance=1.25 * _SLANTED_SIZE)
    return TokenAxis(centres, (column,) * len(captions), _SLANTED_SIZE, False, shown)


def _lay_out_inline(
    captions: Sequence[Caption], left: float, width: float, font_size: float
) -> TokenAxis | None:
    character = CHARACTER_EM * font_size
    spaces = [character * (len(c.text) - len(c.text.lstrip())) for c in captions]
    contents = [_content_width(caption, font_size) for caption in captions]
    free = width - sum(spaces) - sum(contents)
    if free < 0:
        return None
    texts = [caption.text for caption in captions]
    opens_word = [
        _opens_word(text, before) for text, before in zip(texts, ["", *texts], strict=False)
    ]
    slack = min(_MAX_SLACK, free / max(1, sum(opens_word)))
    centres, x = [], left
    for space, content, is_open in zip(spaces, contents, opens_word, strict=True):
        x += space + slack * is_open
        centres.append(x + content / 2)
        x += content
    shown = frozenset(range(len(captions)))
    return TokenAxis(tuple(centres), tuple(contents), font_size, True, shown)


def _opens_word(text: str, before: str) -> bool:
    return text.startswith((" ", LINE_END)) or before.endswith(LINE_END)


def _content_width(caption: Caption, font_size: float) -> float:
    width = max(_MIN_COLUMN, CHARACTER_EM * font_size * cell_len(caption.text.strip()))
    if not caption.discarded:
        return width
    return max(width, CHARACTER_EM * (font_size - 2) * cell_len(caption.discarded.strip()) + _GAP)


def _thin_out(
    captions: Sequence[Caption], centres: Sequence[float], *, min_distance: float
) -> frozenset[int]:
    shown: list[float] = []  # sorted positions
    kept: set[int] = set()
    for index in sorted(range(len(captions)), key=lambda index: not captions[index].is_urgent):
        x = centres[index]
        place = bisect(shown, x)
        neighbours = shown[max(0, place - 1) : place + 1]
        if all(abs(x - neighbour) >= min_distance for neighbour in neighbours):
            shown.insert(place, x)
            kept.add(index)
    return frozenset(kept)
