"""SafeDecoding: the first tokens come from an amplified expert."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ngsd_guard.evaluation.baselines._base import (
    BaselineState,
    Combination,
    WeightedSteering,
    zeros,
)
from ngsd_guard.evaluation.baselines._shared_tokens import log_weights, shared_tokens


@dataclass(frozen=True, slots=True)
class SafeDecoding(WeightedSteering[BaselineState]):
    """For the first tokens, moves beyond the expert on the tokens both models have in their top k.

    `p_b + alpha * (p_e - p_b)` on the smallest top-k intersection of enough tokens; afterwards the
    base alone. The defaults are the paper's.

    Source: SafeDecoding (arXiv 2402.08983), equations 2 to 4, and its released code. The code
    renormalises by a softmax over logarithms, which changes no greedy token. A prefilled answer
    belongs to the prompt, as there: the first tokens are those after it.
    """

    alpha: float = 3.0
    """Strength; above 1 the expert is amplified."""
    num_first: int = 2
    """Tokens that are changed; `m` in the paper."""
    num_shared: int = 5
    """Tokens that the sample space has at least; `c` in the paper."""

    def start(
        self, device: torch.device | str | None, initial_potential: float | None
    ) -> BaselineState:
        """Return the state of one request; the risk does not count."""
        return BaselineState(zeros(device), zeros(device), zeros(device, torch.int64))

    def _step(
        self, state: BaselineState, base_probs: Tensor, expert_probs: Tensor, current: Tensor
    ) -> tuple[BaselineState, Combination]:
        applied = state.num_steps < self.num_first
        if bool(applied.any()):
            mask = shared_tokens(base_probs, expert_probs, self.num_shared)
            weights = log_weights(base_probs + self.alpha * (expert_probs - base_probs), mask)
        else:
            weights = base_probs.log()
        after = BaselineState(current, current, state.num_steps + 1)
        return after, Combination(weights, applied)
