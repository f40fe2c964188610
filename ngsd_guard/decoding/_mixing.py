"""The mix of base and expert on a spike: linear in probability."""

import torch
from torch import Tensor

from ngsd_guard.errors import ConfigurationError, ShapeMismatchError


def candidate_mask(base_probs: Tensor, expert_probs: Tensor, *, top_k: int = 64) -> Tensor:
    """Mark the union of the two models' most likely tokens.

    Args:
        base_probs: [..., vocab], probabilities.
        expert_probs: [..., vocab], probabilities.
        top_k: tokens taken from each; cut to the vocabulary.

    Returns:
        [..., vocab], bool.

    Raises:
        ConfigurationError: `top_k` is below one.
        ShapeMismatchError: the shapes differ.
    """
    if base_probs.shape != expert_probs.shape:
        raise ShapeMismatchError(
            tuple(base_probs.shape), tuple(expert_probs.shape), what="base and expert probabilities"
        )
    if top_k < 1:
        raise ConfigurationError(f"top_k={top_k} leaves no candidate; use at least 1")
    num_candidates = min(top_k, base_probs.shape[-1])
    mask = torch.zeros_like(base_probs, dtype=torch.bool)
    for probs in (base_probs, expert_probs):
        mask.scatter_(-1, probs.topk(num_candidates, dim=-1).indices, True)
    return mask


def mix_top_k(
    base_probs: Tensor, expert_probs: Tensor, *, alpha: float | Tensor, top_k: int = 64
) -> Tensor:
    """Move the base's probabilities towards the expert's on the candidates of both.

    Args:
        base_probs: [..., vocab], probabilities.
        expert_probs: [..., vocab], probabilities.
        alpha: guidance strength in [0, 1]; a number, or [...] for one per row.
        top_k: candidates taken from each distribution.

    Returns:
        [..., vocab]; `p_b + alpha * (p_e - p_b)` on the union of the two top-k sets and `p_b`
        elsewhere. Not negative, and not normalised.

    Raises:
        ConfigurationError: `alpha` is outside [0, 1], or `top_k` is below one.
        ShapeMismatchError: the shapes differ, or `alpha` is not one per row.

    Source: NGSD (arXiv 2602.02027), guided decoding step.
    """
    weight = torch.as_tensor(alpha, dtype=base_probs.dtype, device=base_probs.device)
    if weight.dim() > 0 and weight.shape != base_probs.shape[:-1]:
        raise ShapeMismatchError(
            tuple(weight.shape), tuple(base_probs.shape[:-1]), what="alpha and the rows it is for"
        )
    if not bool(((weight >= 0) & (weight <= 1)).all()):
        raise ConfigurationError(f"alpha={alpha} is outside [0, 1]; lower it")
    mask = candidate_mask(base_probs, expert_probs, top_k=top_k)
    mixed = base_probs + weight.unsqueeze(-1) * (expert_probs - base_probs)
    return torch.where(mask, mixed, base_probs)
