"""SecDecoding's contrast: the difference between the expert and its own base, added to the base."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.evaluation.baselines._base import (
    BaselineState,
    Combination,
    WeightedSteering,
    zeros,
)
from ngsd_guard.evaluation.baselines._shared_tokens import log_weights
from ngsd_guard.protocols import LanguageModel

_SIGNAL_WORDS: Final = (
    "I", "I'm", "I'd", "I can't", "cannot", "sorry", "Sorry", "apologize", "unable", "not",
    "refuse", "illegal", "harmful", "unsafe", "dangerous", "unethical", "but", "Sure", "Here",
    "Certainly", "To", "Yes", "No", "help", "assist", "provide",
)  # fmt: skip
"""Words that refusals and compliant answers are made of; our own list."""


@dataclass(frozen=True, slots=True)
class Contrast(WeightedSteering[BaselineState]):
    """Adds the expert's difference to its own base, the more the two part on telling words.

    `p_b + alpha_k * (p_e - p_s)`, where `p_s` is the expert before its training. An adapter's is
    the base itself, so that `p_s = p_b`. With `d` the distance of the two over telling tokens that
    one of them holds likely, `alpha_k = strength * (1 - exp(-sensitivity * d)) * exp(-decay * k)`.

    Source: SecDecoding (Findings of EMNLP 2025) and its released code, with its constants; departs
    from the code by the list of telling words, and by going on where `alpha_k` is 0, which leaves
    the base's token. The code's default list is long and holds many words of ordinary answers.

    Args:
        telling: token ids of the words that `d` is summed over; see `telling_tokens`.
    """

    telling: frozenset[int]
    strength: float = 10.0
    sensitivity: float = 10.0
    decay: float = 0.05
    """For each token."""
    least_likely: float = 0.05
    """Probability that one of the two gives a telling token at least, for it to count."""

    @staticmethod
    def telling_tokens(model: LanguageModel) -> frozenset[int]:
        """Return the tokens of the telling words, without and with a space before them."""
        texts = [f"{space}{word}" for word in _SIGNAL_WORDS for space in ("", " ")]
        return frozenset(token_id for text in texts for token_id in model.encode(text))

    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> BaselineState:
        """Return the state of one request; the risk does not count."""
        return BaselineState(zeros(device), zeros(device), zeros(device, torch.int64))

    def _step(
        self, state: BaselineState, base_probs: Tensor, expert_probs: Tensor, current: Tensor
    ) -> tuple[BaselineState, Combination]:
        difference = expert_probs - base_probs  # the expert's own base is the base
        telling = torch.tensor(_sorted(self.telling), device=base_probs.device)
        likely = torch.maximum(base_probs, expert_probs)[:, telling] >= self.least_likely
        distance = (difference[:, telling].abs() * likely).sum(dim=-1)  # [batch]
        alpha = self.strength * (1.0 - torch.exp(-self.sensitivity * distance))
        alpha = alpha * torch.exp(-self.decay * state.num_steps)
        scores = base_probs + alpha[:, None] * difference
        after = BaselineState(current, current, state.num_steps + 1)
        everything = torch.ones_like(scores, dtype=torch.bool)
        return after, Combination(log_weights(scores, everything), alpha > 0)


def _sorted(token_ids: Collection[int]) -> list[int]:
    return sorted(token_ids)
