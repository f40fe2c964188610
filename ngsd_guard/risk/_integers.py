"""A model's distribution over the integers 0 to 10, each scored as the tokens it is written in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import torch
from torch import Tensor

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.protocols import LanguageModel

MAX_SCORE: Final = 10
_NUM_DIGITS: Final = 4
"""What sums in another order, as of a text read beside others or in pieces, do not change."""


@dataclass(frozen=True, slots=True)
class IntegerTokens:
    """Tokens around one score."""

    anchor: tuple[int, ...]
    """The forced JSON before it."""
    integers: tuple[tuple[int, ...], ...]
    """How 0 to 10 are written after the anchor; some are one token, some two."""

    @classmethod
    def after(cls, model: LanguageModel, anchor: str) -> Self:
        """Return how a model's tokenizer writes the integers after a text.

        Raises:
            ModelLoadError: it cannot tell them apart.
        """
        written = [model.encode(f"{anchor}{number}") for number in range(MAX_SCORE + 1)]
        common = common_prefix(written)
        integers = tuple(tuple(token_ids[len(common) :]) for token_ids in written)
        if len(set(integers)) != len(integers) or max(map(len, integers)) > 2:
            raise ModelLoadError(
                model.name,
                "its tokenizer cannot tell the integers 0 to 10 apart, in two tokens at most",
            )
        return cls(tuple(common), integers)

    @property
    def starts(self) -> tuple[int, ...]:
        """Tokens that begin an integer of two."""
        return tuple(sorted({sequence[0] for sequence in self.integers if len(sequence) > 1}))


def probabilities(chances: Tensor, after: Mapping[int, Tensor], score: IntegerTokens) -> Tensor:
    """Return the probability of each integer, [11].

    Args:
        chances: [vocab], of the first token.
        after: for each token that begins an integer of two, [vocab] of the second.
        score: how the integers are written.
    """
    integers = score.integers
    probs = torch.ones(len(integers))
    for number, (token_id, *rest) in enumerate(integers):
        probs[number] = chances[token_id]
        if rest:
            probs[number] *= after[token_id][rest[0]]
    for number, sequence in enumerate(integers):
        for longer, other in enumerate(integers):
            if len(other) > len(sequence) and other[: len(sequence)] == sequence:
                probs[number] -= probs[longer]
    return probs.clamp(min=0.0)


def expectation(probs: Tensor) -> float:
    """Return the mean of [11] weights of 0 to 10, whose sum need not be 1; to four digits."""
    weighted = probs @ torch.arange(MAX_SCORE + 1.0)
    return round(float(weighted) / float(probs.sum()), _NUM_DIGITS)


def common_prefix(sequences: Sequence[Sequence[int]]) -> list[int]:
    """Return the tokens that all sequences begin with."""
    length = min(map(len, sequences))
    for first, second in pairwise(sequences):
        same = (a == b for a, b in zip(first, second, strict=False))
        length = min(length, next((i for i, equal in enumerate(same) if not equal), length))
    return list(sequences[0][:length])
