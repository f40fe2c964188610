"""The membrane potential along an answer, as one terminal line."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from rich.text import Text

from ngsd_guard.render._labels import visible_text
from ngsd_guard.types import DecodeStep, Generation

OVERRIDDEN_STYLE: Final = "bold #e07b39"
"""Readable on light and dark backgrounds; bold is visible without colour."""
SPIKE_STYLE: Final = "bold #e07b39"
TRACE_STYLE: Final = "#3b93c9"
_HINT_STYLE: Final = "bright_black"
_RISING: Final = "▁▂▃▄▅▆▇"
_SPIKE: Final = "█"


def potential_line(generation: Generation, v_threshold: float, width: int) -> Text:
    """Draw the potential of an answer as one line of blocks; a full block is a spike.

    Args:
        generation: an answer generated with `trace=True`; without steps only the peak is shown.
        v_threshold: potential at which the gate fires, the height of a full block.
        width: available terminal cells; tokens share a block if they do not fit.

    Returns:
        A line of at most `width` cells, unless the peak alone is wider.
    """
    hint = f"  peak {generation.peak_potential:.2f} / {v_threshold:g}"
    line = Text(no_wrap=True, overflow="ellipsis")
    for steps in _share_out(generation.steps or (), max(1, width - len(hint))):
        if any(step.spiked for step in steps):
            line.append(_SPIKE, SPIKE_STYLE)
        else:
            highest = max(step.charged_potential for step in steps)
            line.append(_block(highest / v_threshold), TRACE_STYLE)
    line.append(hint, _HINT_STYLE)
    return line


def answer_text(steps: Iterable[DecodeStep], *, newline: str = "\n") -> Text:
    """Return an answer with its overridden tokens highlighted.

    Args:
        steps: steps of an answer, or of a part of it.
        newline: replacement for line breaks.
    """
    text = Text()
    for step in steps:
        shown = visible_text(step.text).replace("\n", newline)
        text.append(shown, OVERRIDDEN_STYLE if step.overridden else "")
    return text


def _share_out(steps: Sequence[DecodeStep], num_blocks: int) -> list[Sequence[DecodeStep]]:
    num_blocks = min(num_blocks, len(steps))
    edges = [index * len(steps) // num_blocks for index in range(num_blocks + 1)] if steps else []
    return [steps[start:end] for start, end in pairwise(edges)]


def _block(share: float) -> str:
    if not math.isfinite(share):
        return _RISING[-1]
    return _RISING[min(len(_RISING) - 1, max(0, math.floor(share * len(_RISING))))]
