"""Which prompts train, calibrate and test: decided by the text alone, so nothing has to be kept."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, Literal

from ngsd_guard.datasets._prompts import Prompt
from ngsd_guard.errors import ConfigurationError

Split = Literal["train", "calibration", "test"]
_TRAIN_SHARE: Final = 0.5
_CALIBRATION_SHARE: Final = 0.2


def normalised(text: str) -> str:
    """Return a text as overlaps are counted: letters and digits, in one case, single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", folded).strip()


def split_of(text: str) -> Split:
    """Return the split that a text belongs to: half train, a fifth calibration, the rest test.

    The split follows from the normalised text, so that equal prompts of two sets never stand on
    two sides.
    """
    digest = hashlib.sha256(normalised(text).encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < _TRAIN_SHARE:
        return "train"
    return "calibration" if place < _TRAIN_SHARE + _CALIBRATION_SHARE else "test"


def of_split(prompts: Iterable[Prompt], split: Split) -> list[Prompt]:
    """Return the prompts whose plain request belongs to a split, in their order."""
    return [prompt for prompt in prompts if split_of(prompt.plain) == split]


def count_overlaps(sets: Mapping[str, Sequence[Prompt]]) -> dict[tuple[str, str], int]:
    """Return how many plain requests each two sets share; pairs that share none are left out."""
    texts = {name: {normalised(p.plain) for p in prompts} for name, prompts in sets.items()}
    counts = {(a, b): len(texts[a] & texts[b]) for a, b in combinations(texts, 2)}
    return {pair: count for pair, count in counts.items() if count}


def require_disjoint(sets: Mapping[str, Sequence[Prompt]]) -> None:
    """Refuse sets that share prompts.

    Raises:
        ConfigurationError: two sets overlap; the message says which, and by how much.
    """
    overlaps = count_overlaps(sets)
    if overlaps:
        told = "; ".join(f"{a} and {b} share {n}" for (a, b), n in overlaps.items())
        raise ConfigurationError(
            f"prompt sets overlap: {told} prompts; remove them from one of the two, or force it"
        )
