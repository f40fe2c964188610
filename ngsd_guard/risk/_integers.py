"""A model's distribution over the integers 0 to 10, each scored as its sequence of tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import torch
from torch import Tensor

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.prefill import common_prefix
from ngsd_guard.protocols import LanguageModel

MAX_SCORE: Final = 10
_NUM_DIGITS: Final = 4
"""Digits that do not depend on how a text was batched or split, which changes rounding."""


@dataclass(frozen=True, slots=True)
class IntegerTokens:
    """Tokens of one score."""

    anchor: tuple[int, ...]
    """The forced JSON before the score."""
    integers: tuple[tuple[int, ...], ...]
    """Tokens of 0 to 10 after the anchor; one or two each."""

    @classmethod
    def after(cls, model: LanguageModel, anchor: str) -> Self:
        """Return the tokens of the integers after an anchor, in a model's tokenizer.

        Raises:
            ModelLoadError: the integers are not distinct sequences of at most two tokens.
        """
        written = [model.encode(f"{anchor}{number}") for number in range(MAX_SCORE + 1)]
        common = common_prefix(written)
        integers = tuple(tuple(token_ids[len(common) :]) for token_ids in written)
        if len(set(integers)) != len(integers) or max(map(len, integers)) > 2:
            raise ModelLoadError(
                model.name,
                "its tokenizer does not encode the integers 0 to 10 as distinct sequences of at "
                "most two tokens; use another base",
            )
        return cls(tuple(common), integers)

    @property
    def starts(self) -> tuple[int, ...]:
        """First tokens of integers with two tokens."""
        return tuple(sorted({sequence[0] for sequence in self.integers if len(sequence) > 1}))


def probabilities(chances: Tensor, after: Mapping[int, Tensor], score: IntegerTokens) -> Tensor:
    """Return the probability of each integer, [11].

    Args:
        chances: [vocab], probabilities of the first token.
        after: for each first token of a two-token integer, [vocab], probabilities of the second.
        score: tokens of the integers.
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
    """Return the mean of 0 to 10 under [11] weights, which are normalised; to four digits."""
    weighted = probs @ torch.arange(MAX_SCORE + 1.0)
    return round(float(weighted) / float(probs.sum()), _NUM_DIGITS)
