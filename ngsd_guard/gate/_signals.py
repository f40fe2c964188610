"""Discrepancy signals: distances between two next-token distributions, in [0, 1]."""

import math
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.config import SignalName
from ngsd_guard.errors import ShapeMismatchError


def total_variation_distance(p: Tensor, q: Tensor) -> Tensor:
    """Return half the L1 distance between two distributions.

    Args:
        p: [..., vocab], probabilities.
        q: [..., vocab], probabilities.

    Returns:
        [...], in [0, 1].

    Raises:
        ShapeMismatchError: the shapes differ.

    Source: NGSD (arXiv 2602.02027), the input current.
    """
    _check_shapes(p, q)
    return 0.5 * (p - q).abs().sum(dim=-1)


def jensen_shannon_divergence(p: Tensor, q: Tensor) -> Tensor:
    """Return the Jensen-Shannon divergence in bits.

    Args:
        p: [..., vocab], probabilities.
        q: [..., vocab], probabilities.

    Returns:
        [...], in [0, 1].

    Raises:
        ShapeMismatchError: the shapes differ.

    Source: Lin (1991), Divergence measures based on the Shannon entropy.
    """
    _check_shapes(p, q)
    mean = 0.5 * (p + q)
    nats = 0.5 * (_relative_entropy(p, mean) + _relative_entropy(q, mean))
    return (nats / math.log(2)).clamp(0.0, 1.0)


def cosine_distance(p: Tensor, q: Tensor) -> Tensor:
    """Return one minus the cosine of the angle between two distributions.

    Args:
        p: [..., vocab], probabilities.
        q: [..., vocab], probabilities.

    Returns:
        [...], in [0, 1].

    Raises:
        ShapeMismatchError: the shapes differ.
    """
    _check_shapes(p, q)
    return (1.0 - torch.cosine_similarity(p, q, dim=-1)).clamp(0.0, 1.0)


_SIGNALS: Final[dict[SignalName, Callable[[Tensor, Tensor], Tensor]]] = {
    "tv": total_variation_distance,
    "jsd": jensen_shannon_divergence,
    "cosine": cosine_distance,
}


def signal(name: SignalName) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the discrepancy signal with that name."""
    return _SIGNALS[name]


def _relative_entropy(p: Tensor, q: Tensor) -> Tensor:
    # xlogy(0, 0) is 0. q, a mean that includes p, is zero only where p is zero.
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=-1)


def _check_shapes(p: Tensor, q: Tensor) -> None:
    if p.shape != q.shape:
        raise ShapeMismatchError(tuple(p.shape), tuple(q.shape), what="probabilities")
