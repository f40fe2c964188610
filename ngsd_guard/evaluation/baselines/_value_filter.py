"""A value filter: the base's most likely token among those that keep a bound on the answer."""

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

_LEAST: Final = 1e-12
"""Probability; keeps logarithms finite."""


@dataclass(frozen=True, slots=True)
class FilterState(BaselineState):
    """State of a batch of value filters."""

    spent: Tensor
    """[batch], float32; `log p_b - log p_e` of the tokens so far, in nats; below 0 for 0."""


@dataclass(frozen=True, slots=True)
class ValueFilter(WeightedSteering[FilterState]):
    """Filters the base's tokens by the expert's implicit value, under a stated bound.

    A token's value is `log p_e - log p_b`, the implicit reward of the expert's training. A token
    is admitted while the values of the answer, gains not saved up, sum to no less than `-bound`.
    So every stretch of an answer is at most `exp(bound)` times as likely under the base as under
    the expert. Of what is admitted, the base's most likely token is chosen; a token that the
    expert likes as much as the base does is admitted always, so that there is one.

    Source: value-guided decoding (Controlled Decoding, arXiv 2310.17022) with the implicit reward
    of DPO (arXiv 2305.18290) in place of a trained value; the bound on the answer is ours.
    """

    bound: float = 5.0
    """Nats."""

    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> FilterState:
        """Return the state of one request; the risk does not count."""
        return FilterState(
            zeros(device), zeros(device), zeros(device, torch.int64), spent=zeros(device)
        )

    def _step(
        self, state: FilterState, base_probs: Tensor, expert_probs: Tensor, current: Tensor
    ) -> tuple[FilterState, Combination]:
        costs = base_probs.clamp(min=_LEAST).log() - expert_probs.clamp(min=_LEAST).log()
        spent = state.spent[:, None] + costs  # [batch, vocab]
        admitted = (spent <= self.bound) | (costs <= 0)
        weights = log_weights(base_probs, admitted)
        token = weights.argmax(dim=-1, keepdim=True)
        applied = ~admitted.gather(-1, base_probs.argmax(dim=-1, keepdim=True))[:, 0]
        after = FilterState(
            current,
            current,
            state.num_steps + 1,
            spent=spent.gather(-1, token)[:, 0].clamp(min=0.0),
        )
        return after, Combination(weights, applied)
