"""Regularised logistic regression, to the optimum."""

from typing import Final

import torch
from torch import Tensor

_MAX_STEPS: Final = 50
_TOLERANCE: Final = 1e-8


def fit_logistic(
    rows: Tensor, labels: Tensor, shares: Tensor, *, l2: float
) -> tuple[Tensor, float]:
    """Return the hyperplane that minimises the weighted log loss plus `l2 / 2` times its norm.

    The rows are standardised first, and the result is for the rows as they are; the penalty is on
    the standardised weights, and leaves the intercept out.

    Args:
        rows: [n, d].
        labels: [n]; 0 or 1.
        shares: [n]; how much each row counts; normalised to sum to 1.
        l2: strength of the penalty; > 0.

    Returns:
        [d] float64 weights, and the intercept.
    """
    rows, labels, shares = rows.double(), labels.double(), shares.double()
    shares = shares / shares.sum()
    mean = shares @ rows
    scale = (shares @ (rows - mean) ** 2).sqrt().clamp(min=1e-6)
    design = torch.cat([(rows - mean) / scale, torch.ones(len(rows), 1, dtype=torch.double)], dim=1)
    penalty = torch.full((design.shape[1],), l2, dtype=torch.double)
    penalty[-1] = 1e-9
    weights = torch.zeros(design.shape[1], dtype=torch.double)
    loss = _loss(design, labels, shares, penalty, weights)
    for _ in range(_MAX_STEPS):
        probs = (design @ weights).sigmoid()
        gradient = design.T @ (shares * (probs - labels)) + penalty * weights
        curvature = (design * (shares * probs * (1 - probs))[:, None]).T @ design
        step = torch.linalg.solve(curvature + penalty.diag(), gradient)
        size, new_loss = 1.0, float("inf")
        while size > 1e-6:
            new_loss = _loss(design, labels, shares, penalty, weights - size * step)
            if new_loss <= loss:
                break
            size /= 2
        if new_loss > loss:
            break
        weights = weights - size * step
        if loss - new_loss < _TOLERANCE:
            break
        loss = new_loss
    unscaled = weights[:-1] / scale
    return unscaled, float(weights[-1] - unscaled @ mean)


def fit_slope(scores: Tensor, labels: Tensor) -> float:
    """Return the slope of the class-balanced logistic curve through 0 at score 0; > 0.

    Args:
        scores: [n].
        labels: [n]; 0 or 1.
    """
    labels = labels.double()
    shares = labels / labels.sum() + (1 - labels) / (1 - labels).sum()
    spread = float(scores.double().std().clamp(min=1e-9))
    slopes = torch.logspace(-1.5, 1.5, 61, dtype=torch.double) / spread
    logits = scores.double() * slopes[:, None]  # [slopes, n]
    losses = torch.nn.functional.binary_cross_entropy_with_logits(
        logits, labels.expand_as(logits), weight=shares.expand_as(logits), reduction="none"
    ).sum(dim=1)
    return float(slopes[losses.argmin()])


def _loss(
    design: Tensor, labels: Tensor, shares: Tensor, penalty: Tensor, weights: Tensor
) -> float:
    losses = torch.nn.functional.binary_cross_entropy_with_logits(
        design @ weights, labels, weight=shares, reduction="sum"
    )
    return float(losses + (penalty * weights**2).sum() / 2)
