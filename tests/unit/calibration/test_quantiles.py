import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard.calibration import conformal_quantile, lower_quantile, num_needed

SCORES = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=60)  # with many ties
BUDGETS = st.sampled_from([0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.9])


@pytest.mark.parametrize(
    ("scores", "budget", "expected"),
    [
        ([3.0, 1.0, 2.0], 0.25, 3.0),  # ceil(4 * 0.75) = 3
        ([3.0, 1.0, 2.0], 0.5, 2.0),  # ceil(4 * 0.5) = 2
        ([3.0, 1.0, 2.0], 0.2, math.inf),  # ceil(4 * 0.8) = 4, and there are three
        ([1.0] * 49, 0.02, 1.0),  # ceil(50 * 0.98) = 49
        ([1.0] * 48, 0.02, math.inf),
        ([*map(float, range(1, 100))], 0.02, 98.0),  # ceil(100 * 0.98) = 98
        ([], 0.5, math.inf),
    ],
)
def test_conformal_quantile_equals_a_hand_count(
    scores: list[float], budget: float, expected: float
) -> None:
    assert conformal_quantile(scores, budget) == expected


@pytest.mark.parametrize(("budget", "n"), [(0.02, 49), (0.05, 19), (0.1, 9), (0.5, 1), (0.3, 3)])
def test_fewest_scores_that_support_a_budget(budget: float, n: int) -> None:
    assert num_needed(budget) == n
    assert conformal_quantile([1.0] * n, budget) == 1.0
    assert conformal_quantile([1.0] * (n - 1), budget) == math.inf


@given(scores=SCORES, budget=BUDGETS)
def test_score_left_out_in_turn_exceeds_the_quantile_of_the_others_within_the_budget(
    scores: list[float], budget: float
) -> None:
    # Each of several exchangeable scores is equally likely to be the next one. So the share of
    # those that exceed the quantile of the rest is exactly the probability that is bounded.
    exceeding = sum(
        score > conformal_quantile(scores[:index] + scores[index + 1 :], budget)
        for index, score in enumerate(scores)
    )
    assert exceeding <= budget * len(scores) + 1e-9


@given(scores=SCORES, budget=BUDGETS)
def test_score_left_out_in_turn_is_rarely_below_the_lower_quantile(
    scores: list[float], budget: float
) -> None:
    if math.floor(len(scores) * budget + 1e-9) < 1:
        return
    below = sum(
        score < lower_quantile(scores[:index] + scores[index + 1 :], budget)
        for index, score in enumerate(scores)
        if len(scores) > 1
    )
    assert below <= budget * len(scores) + 1e-9


def test_lower_quantile_of_few_values_is_the_minimum() -> None:
    assert lower_quantile([3.0, 2.0], 0.05) == 2.0
    assert lower_quantile([*map(float, range(1, 40))], 0.05) == 2.0  # floor(40 * 0.05) = 2
