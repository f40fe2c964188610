"""What an answer says beside refusing."""

import re
from typing import Final

from ngsd_guard.guard._text import sentence_bounds
from ngsd_guard.guard._windows import Bounds
from ngsd_guard.refusals import is_refusal

_GOES_ON: Final = re.compile(
    r"[:;\u2014\n]|\s-\s"
    r"|,?\s(?=(?:but|however|instead|still|though|although|anyway|hypothetically|unless|then"
    r"|here|so|that said)\b)",
    re.IGNORECASE,
)
"""Where a sentence that refuses may turn to something else."""
_LONGEST_REFUSAL: Final = 200
"""Characters of a clause that is taken to do nothing but refuse."""
_LONGEST_REASON: Final = 600
"""Characters that an answer may need to say why it refuses, and what it can do."""
_STEPS: Final = re.compile(
    r"^\s*(?:\d+\s*[.):]|[-*\u2022]\s|step\b)|```", re.MULTILINE | re.IGNORECASE
)


def beside_refusal(answer: str) -> list[Bounds] | None:
    """Return the parts of an answer beside its refusal, perhaps none; None if it does not refuse.

    An answer that gives steps, or goes on at length, counts as one that does not refuse.
    """
    if not is_refusal(answer) or _STEPS.search(answer):
        return None
    sentences = sentence_bounds(answer)
    kept = [part for start, end in sentences for part in _kept(answer, start, end)]
    is_brief = sum(end - start for start, end in kept) <= _LONGEST_REASON
    return kept if is_brief and kept != sentences else None


def _kept(answer: str, start: int, end: int) -> list[Bounds]:
    """Return the clauses of a sentence that do not belong to a refusal."""
    turns = [match.end() for match in _GOES_ON.finditer(answer, start, end)]
    for stop in [*turns, end]:
        if is_refusal(answer[start:stop]):
            if stop - start > _LONGEST_REFUSAL:
                break
            return _kept(answer, stop, end) if answer[stop:end].strip(" .!?") else []
    return [(start, end)]
