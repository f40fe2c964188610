"""Text of a model in a form that is safe for XML, terminals and single lines."""

import unicodedata
from typing import Final

from rich.cells import cell_len, set_cell_size

from ngsd_guard.types import Generation

END_LABEL: Final = "∎"
"""Symbol for a token without text: the end of the answer, or part of a character."""

LINE_END: Final = "⏎"

_ALPHA: Final = "\N{GREEK SMALL LETTER ALPHA}"
_REPLACEMENT: Final = "\ufffd"
_DOTTED_CIRCLE: Final = "\u25cc"
_JOINERS: Final = "\u200c\u200d"  # needed by emoji and some scripts
_MARKS: Final = {"\n": LINE_END, "\r": "␍", "\t": "⇥"}
_UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible_text(text: str, *, keep: str = "\n\t") -> str:
    """Return a text without characters that control a terminal or are invalid in XML.

    Args:
        text: any output of a model, including escape sequences and lone surrogates.
        keep: control characters to keep.
    """
    return "".join(_visible_character(character, keep) for character in text)


def visible_label(text: str, *, max_cells: int | None = None) -> str:
    """Return a text as a single line, with symbols for line breaks and tabs.

    Args:
        text: any output of a model.
        max_cells: maximum width, in terminal cells; a longer text is cut with an ellipsis.
    """
    label = visible_text(text, keep="")
    if max_cells is not None and cell_len(label) > max_cells:
        label = set_cell_size(label, max_cells - 1).rstrip() + "…"
    if label and unicodedata.category(label[0]).startswith("M"):
        label = _DOTTED_CIRCLE + label
    return label


def figures_line(generation: Generation) -> str:
    """Return an answer's risk, alpha, spikes and overrides in one line."""
    if not generation.guarded or generation.risk is None or generation.alpha is None:
        return "unguarded"
    return (
        f"risk {generation.risk:.1f} · {_ALPHA} {generation.alpha:.2f} · "
        f"{_count(generation.num_spikes, 'spike')} · {_count(generation.num_overrides, 'override')}"
    )


def _visible_character(character: str, keep: str) -> str:
    if character in keep or character in _JOINERS:
        return character
    if character in _MARKS:
        return _MARKS[character]
    if unicodedata.category(character) not in _UNSHOWABLE:
        return character
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else _REPLACEMENT


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
