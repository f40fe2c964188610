"""Text of a model made safe to show: in XML, in a terminal, and on one line."""

import unicodedata
from typing import Final

from rich.cells import cell_len, set_cell_size

from ngsd_guard.types import Generation

END_LABEL: Final = "∎"
"""What stands for a token without text: the end of the answer, or half a character."""

LINE_END: Final = "⏎"

_ALPHA: Final = "\N{GREEK SMALL LETTER ALPHA}"
_REPLACEMENT: Final = "\ufffd"
_DOTTED_CIRCLE: Final = "\u25cc"
_JOINERS: Final = "\u200c\u200d"  # they hold emoji and some scripts together
_MARKS: Final = {"\n": LINE_END, "\r": "␍", "\t": "⇥"}
_UNSHOWABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible_text(text: str, *, keep: str = "\n\t") -> str:
    """Return a text without characters that could steer a terminal or break XML.

    Args:
        text: anything a model may emit, escape sequences and lone surrogates included.
        keep: control characters that are passed through.
    """
    return "".join(_visible_character(character, keep) for character in text)


def visible_label(text: str, *, max_cells: int | None = None) -> str:
    """Return a text as a label of one line, with line ends and tabs drawn as signs.

    Args:
        text: anything a model may emit.
        max_cells: widest label, in terminal cells; a longer one is cut and ends in an ellipsis.
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
