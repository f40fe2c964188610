"""Sample spaces of two models, and scores as what tokens are chosen from."""

import math
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.errors import ConfigurationError, ShapeMismatchError

_FLOOR: Final = 1e-8
"""SafeDecoding's; below it scores keep their order on a straight line."""
_FIRST_DEPTH: Final = 64


def shared_tokens(base_probs: Tensor, expert_probs: Tensor, num_shared: int) -> Tensor:
    """Mark the tokens in both models' top k, for the smallest k that gives enough of them.

    Args:
        base_probs: [rows, vocab], probabilities.
        expert_probs: [rows, vocab], probabilities.
        num_shared: tokens wanted; cut to the vocabulary.

    Returns:
        [rows, vocab], bool; at least `num_shared` true in each row.

    Raises:
        ConfigurationError: `num_shared` is below one.
        ShapeMismatchError: the shapes differ.

    Source: SafeDecoding (arXiv 2402.08983), section 4.2; SSD (arXiv 2508.17739), intersection.
    """
    if base_probs.shape != expert_probs.shape:
        raise ShapeMismatchError(
            tuple(base_probs.shape), tuple(expert_probs.shape), what="base and expert probabilities"
        )
    if num_shared < 1:
        raise ConfigurationError(f"num_shared={num_shared} leaves no token; use at least 1")
    vocab_size = base_probs.shape[-1]
    num_shared = min(num_shared, vocab_size)
    depth = min(max(_FIRST_DEPTH, num_shared), vocab_size)
    while True:
        worst = torch.maximum(_ranks(base_probs, depth), _ranks(expert_probs, depth))
        needed = worst.topk(num_shared, dim=-1, largest=False).values[..., -1:]  # [rows, 1]
        if depth == vocab_size or bool((needed < depth).all()):
            return worst <= needed
        depth = min(depth * 16, vocab_size)


def log_weights(scores: Tensor, mask: Tensor) -> Tensor:
    """Return scores as logarithms, in the same order, with all unmarked tokens impossible.

    Scores of an extrapolation may be negative. Below 1e-8 the logarithm goes on as a straight line,
    so that the highest score stays the most likely token.

    Args:
        scores: [..., vocab].
        mask: [..., vocab], bool; tokens that may be chosen.
    """
    logs = scores.clamp(min=_FLOOR).log() + (scores - _FLOOR).clamp(max=0.0)
    return logs.masked_fill(~mask, -math.inf)


def _ranks(probs: Tensor, depth: int) -> Tensor:
    """Return the rank of each token from 0, or the vocabulary's size beyond `depth`."""
    ranks = torch.full_like(probs, probs.shape[-1], dtype=torch.int64)
    order = probs.topk(depth, dim=-1).indices
    places = torch.arange(depth, device=probs.device).expand_as(order)
    return ranks.scatter_(-1, order, places)
