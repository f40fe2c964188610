"""Answers to predicates, choices and scores, from distributions over the integers 0 to 10."""

import math
from collections.abc import Sequence

Distribution = tuple[float, ...]


def normalised(distribution: Distribution) -> Distribution:
    """Return a distribution that sums to 1; the model may also have written something else."""
    mass = math.fsum(distribution)
    return tuple(probability / mass for probability in distribution)


def mean(distribution: Distribution) -> float:
    """Return the mean of 0 to 10, as a share of 10."""
    return min(sum(number * p for number, p in enumerate(distribution)) / 10, 1.0)


def binned(distribution: Distribution, num_levels: int) -> list[float]:
    """Return the probability of each of some ordered levels, which share out 0 to 10 evenly."""
    levels = [0.0] * num_levels
    for number, probability in enumerate(distribution):
        levels[number * num_levels // len(distribution)] += probability
    return levels


def shares(scores: Sequence[float]) -> list[float]:
    """Return scores as shares of their sum; equal ones if all are 0."""
    total = math.fsum(scores)
    return [score / total if total > 0 else 1 / len(scores) for score in scores]


def confidence(probabilities: Sequence[float]) -> float:
    """Return how peaked a distribution is: 1 minus its entropy over that of an even one."""
    if len(probabilities) < 2:
        return 1.0
    entropy = -math.fsum(p * math.log(p) for p in probabilities if p > 0)
    return min(max(1 - entropy / math.log(len(probabilities)), 0.0), 1.0)
