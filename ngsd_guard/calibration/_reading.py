"""From the features of the expert's reading to risk: a logistic regression of four numbers."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.calibration._quantiles import conformal_quantile, num_needed
from ngsd_guard.config import ExpertReading
from ngsd_guard.piecewise import Knots, interpolate
from ngsd_guard.risk import ExpertFeatures

RISK_LINE: Final = 5.0
"""The risk that the rails of a policy stop at by default; the logit 0."""
_RIDGE: Final = 0.01  # on the weights of standardised features, per mean loss
_NUM_ITERATIONS: Final = 50
_MARGIN: Final = 1e-3  # of the logit below the line
_NUM_SEGMENTS: Final = 8  # of a line that is bent by a shift of the logit
_NAMES: Final = ("total_variation", "refusal", "log_odds")


def fit_reading(
    benign: Sequence[ExpertFeatures], harmful: Sequence[ExpertFeatures], start: ExpertReading
) -> ExpertReading:
    """Fit the map from features to risk, so that risk 5 is where harm is as likely as not.

    Both classes count the same, whatever their sizes. No weight is negative: more of a feature
    never lowers the risk. A feature whose weight would be is left out.

    Args:
        benign: at least one.
        harmful: at least one.
        start: its openings are kept.
    """
    features = _rows([*benign, *harmful])  # [n, 3]
    labels = torch.tensor([0.0] * len(benign) + [1.0] * len(harmful), dtype=torch.float64)
    shares = labels * 0.5 / len(harmful) + (1 - labels) * 0.5 / len(benign)  # sum to 1
    mean = shares @ features
    scale = (shares @ (features - mean) ** 2).sqrt()
    kept = [index for index in range(len(_NAMES)) if float(scale[index]) > 1e-9]
    weights = torch.zeros(len(_NAMES), dtype=torch.float64)
    intercept = 0.0
    while kept:
        design = (features[:, kept] - mean[kept]) / scale[kept]
        *found, intercept = _logistic(design, labels, shares).tolist()
        lowest = min(range(len(kept)), key=lambda index: found[index])
        if found[lowest] >= 0:
            weights[kept] = torch.tensor(found, dtype=torch.float64) / scale[kept]
            break
        del kept[lowest]
        intercept = 0.0
    intercept -= float(weights @ mean)
    fitted = {name: round(float(w), 6) for name, w in zip(_NAMES, weights, strict=True)}
    return start.replace(intercept=round(intercept, 6), **fitted)


def _logistic(design: Tensor, labels: Tensor, shares: Tensor) -> Tensor:
    """Return weights and intercept of a ridge logistic regression, by Newton's method.

    Args:
        design: [n, k], standardised.
        labels: [n], 0 or 1.
        shares: [n], what each row counts for.
    """
    ones = torch.ones(len(design), 1, dtype=design.dtype)
    rows = torch.cat([design, ones], dim=1)
    ridge = torch.full((rows.shape[1],), _RIDGE, dtype=design.dtype)
    ridge[-1] = 1e-9
    found = torch.zeros(rows.shape[1], dtype=design.dtype)
    for _ in range(_NUM_ITERATIONS):
        chances = (rows @ found).sigmoid()
        slope = rows.T @ (shares * (chances - labels)) + ridge * found
        curvature = (rows * (shares * chances * (1 - chances)).unsqueeze(1)).T @ rows
        step = torch.linalg.solve(curvature + ridge.diag(), slope)
        found = found - step / max(1.0, float(step.abs().max()))  # at most 1, so that it converges
        if float(step.abs().max()) < 1e-9:
            break
    return found


def logits_of(features: Sequence[ExpertFeatures], reading: ExpertReading) -> list[float]:
    """Return the logits of the risk."""
    weights = torch.tensor([getattr(reading, name) for name in _NAMES], dtype=torch.float64)
    logits: list[float] = (_rows(features) @ weights + reading.intercept).tolist()
    return logits


def risk_of_logit(logit: float) -> float:
    """Return the risk, 0 to 10."""
    return 10.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0)))


def rail_shift(logits: Sequence[float], budget: float) -> tuple[float, float]:
    """Return what to add to the logit so that few benign requests reach risk 5.

    Args:
        logits: of benign requests that did not fit the reading; at least one.
        budget: share of benign requests that may reach it; in (0, 1).

    Returns:
        The shift, and the budget it keeps: the one asked for, or the least that so few requests
        can promise.
    """
    if len(logits) < num_needed(budget):
        budget = 1 / (len(logits) + 1)
    return -conformal_quantile(logits, budget) - _MARGIN, budget


def shifted_knots(knots: Knots, shift: float) -> Knots:
    """Return the line that gives every request what it had before its logit was shifted.

    A straight line is bent by the shift: between each two knots it becomes several segments.
    """
    if not knots:
        return ()
    risks = [risk for risk, _ in knots]
    fine = [risks[0]]
    for left, right in pairwise(risks):
        fine += [left + (right - left) * n / _NUM_SEGMENTS for n in range(1, _NUM_SEGMENTS + 1)]
    found: dict[float, float] = {}
    for risk in fine:
        # Equal after rounding: the highest value counts, so that the safe side is taken.
        found[round(_shifted(risk, shift), 4)] = round(interpolate(risk, knots), 6)
    return tuple(found.items())


def _shifted(risk: float, shift: float) -> float:
    if not 0.0 < risk < 10.0:
        return risk
    return risk_of_logit(math.log(risk / (10.0 - risk)) + shift)


def _rows(features: Sequence[ExpertFeatures]) -> Tensor:
    return torch.tensor(
        [[getattr(row, name) for name in _NAMES] for row in features], dtype=torch.float64
    )
