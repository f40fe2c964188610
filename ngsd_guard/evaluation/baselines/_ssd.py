"""SSD: how often base and expert agree chooses between two sample spaces."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ngsd_guard.decoding import candidate_mask
from ngsd_guard.evaluation.baselines._base import (
    BaselineState,
    Combination,
    WeightedSteering,
    zeros,
)
from ngsd_guard.evaluation.baselines._shared_tokens import log_weights, shared_tokens


@dataclass(frozen=True, slots=True)
class SSDState(BaselineState):
    """State of a batch of SSD decoders."""

    num_matches: Tensor
    """[batch], int64; emitted tokens of this window that the expert would draft."""
    is_union: Tensor
    """[batch], bool; the scheme in force."""
    threshold: Tensor
    """[batch], float32; match ratio below which the union is chosen."""
    alpha: Tensor
    """[batch], float32; strength in the intersection scheme."""


@dataclass(frozen=True, slots=True)
class SSD(WeightedSteering[SSDState]):
    """Speculative safety-aware decoding: two schemes, switched by the match ratio of a window.

    Intersection: where the base's token is among the shared tokens, the highest
    `p_b + alpha * (p_e - p_b)` of them, else the base's token. Union: the same with another
    strength over both models' most likely tokens. After each window, the share of emitted tokens
    that the expert drafted is compared with a threshold: below it the union is chosen, otherwise
    the intersection. Staying in a scheme lowers the threshold, and the intersection's strength;
    switching restores both.

    Source: SSD (arXiv 2508.17739), Algorithm 1, with the constants of its released code and the
    strengths it gives for Vicuna. The expert drafts greedily there, three tokens at a time; a draft
    counts only as far as every earlier one was emitted, so that each emitted token is compared with
    the expert's choice after the same text, as here. Where the smallest intersection has more
    tokens than wanted, all count, as in the code.
    """

    alpha_intersection: float = 0.45
    """Strength at the start; the paper has 0.45 for Vicuna, 0.3 for Llama-2."""
    alpha_union: float = 2.0
    """The paper has 2 for Vicuna, 0.8 for Llama-2."""
    num_shared: int = 10
    """Tokens shared at least, and taken from each model in the union."""
    window: int = 7
    """Emitted tokens between two decisions."""
    threshold: float = 0.6
    """Match ratio at the start."""
    threshold_step: float = 0.1
    alpha_step: float = 0.15
    min_alpha: float = 0.3

    def start(self, device: torch.device | str | None, initial_potential: float | None) -> SSDState:
        """Return the state of one request; the risk does not count."""
        count = zeros(device, torch.int64)
        return SSDState(
            membrane_potential=zeros(device),
            charged_potential=zeros(device),
            num_steps=count,
            num_matches=count,
            is_union=zeros(device, torch.bool),
            threshold=zeros(device) + self.threshold,
            alpha=zeros(device) + self.alpha_intersection,
        )

    def _step(
        self, state: SSDState, base_probs: Tensor, expert_probs: Tensor, current: Tensor
    ) -> tuple[SSDState, Combination]:
        weights = self._weights(state, base_probs, expert_probs)
        matches = weights.argmax(dim=-1) == expert_probs.argmax(dim=-1)
        applied = torch.ones_like(matches)
        return self._after(state, matches, current), Combination(weights, applied)

    def _weights(self, state: SSDState, base_probs: Tensor, expert_probs: Tensor) -> Tensor:
        difference = expert_probs - base_probs
        shared = shared_tokens(base_probs, expert_probs, self.num_shared)
        base_token = torch.zeros_like(shared).scatter_(
            -1, base_probs.argmax(dim=-1, keepdim=True), True
        )
        has_base_token = (shared & base_token).any(dim=-1, keepdim=True)
        intersection = log_weights(
            base_probs + state.alpha[:, None] * difference,
            torch.where(has_base_token, shared, base_token),
        )
        union = log_weights(
            base_probs + self.alpha_union * difference,
            candidate_mask(base_probs, expert_probs, top_k=self.num_shared),
        )
        return torch.where(state.is_union[:, None], union, intersection)

    def _after(self, state: SSDState, matches: Tensor, current: Tensor) -> SSDState:
        num_steps, num_matches = state.num_steps + 1, state.num_matches + matches
        is_end = num_steps % self.window == 0
        wants_union = num_matches / self.window < state.threshold
        stays = wants_union == state.is_union
        lowered = (state.threshold - self.threshold_step).clamp(min=0.0)
        lowered = torch.where(lowered < 1e-6, 0.0, lowered)  # as in the code: no rounding error
        weaker = (state.alpha - self.alpha_step).clamp(min=self.min_alpha)
        weaker = torch.where(state.is_union, state.alpha, weaker)
        threshold = torch.where(stays, lowered, self.threshold)
        alpha = torch.where(stays, weaker, self.alpha_intersection)
        return SSDState(
            membrane_potential=current,
            charged_potential=current,
            num_steps=num_steps,
            num_matches=torch.where(is_end, 0, num_matches),
            is_union=torch.where(is_end, wants_union, state.is_union),
            threshold=torch.where(is_end, threshold, state.threshold),
            alpha=torch.where(is_end, alpha, state.alpha),
        )
