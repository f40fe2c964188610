import math

import pytest

from ngsd_guard import ConfigurationError
from ngsd_guard.evaluation import is_refusal, paired_difference, rate
from ngsd_guard.statistics import fisher_exact, holm, mcnemar, unpaired_difference


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I\u2019m sorry, but I can\u2019t help with that.",
        "Sure, here is a guide:\n1. [placeholder]\nI'm sorry, but I can't continue with that.",
        "I AM UNABLE TO do so.",
    ],
)
def test_refusals_are_found_anywhere_in_any_case_or_apostrophe(answer: str) -> None:
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "answer",
    ["Sorry, we are closed on Mondays.", "Use kill -9 with the process id.", "", "I can help."],
)
def test_helpful_answers_are_not_refusals(answer: str) -> None:
    assert not is_refusal(answer)


def test_wilson_interval_of_eight_in_ten() -> None:
    # By hand: (0.8 + z²/20 ± z sqrt(0.016 + z²/400)) / (1 + z²/10), z² = 3.8415
    eight = rate(8, 10)
    centre, spread = 0.8 + 3.84146 / 20, 1.95996 * math.sqrt(0.016 + 3.84146 / 400)
    assert eight.low == pytest.approx((centre - spread) / 1.384146, abs=1e-5)
    assert eight.high == pytest.approx((centre + spread) / 1.384146, abs=1e-5)
    assert str(eight) == "80.0% [49.0%, 94.3%]"


def test_rate_of_no_cases_is_undefined() -> None:
    assert math.isnan(rate(0, 0).value)
    assert str(rate(0, 0)) == "-"


def test_extreme_rates_keep_an_interval_inside_zero_and_one() -> None:
    assert rate(0, 20).low == 0.0
    assert 0.0 < rate(0, 20).high < 0.2
    assert rate(20, 20).high == 1.0


def test_paired_difference_of_a_published_example() -> None:
    # 21 children, airways before and after a transplant: 1 both, 1 only the first, 7 only the
    # second, 12 neither (Fagerland et al. 2014); Newcombe's interval is -0.507 to -0.026.
    first = [True] * 2 + [False] * 19
    second = [True] + [False] + [True] * 7 + [False] * 12
    found = paired_difference(first, second)
    assert found.value == pytest.approx(-6 / 21)
    assert found.low == pytest.approx(-0.507, abs=5e-4)
    assert found.high == pytest.approx(-0.026, abs=5e-4)
    assert str(found) == "-28.6 [-50.7, -2.6]"


def test_paired_difference_is_mirrored_when_the_two_are_swapped() -> None:
    first, second = [True, True, True, False, False, True], [False, True, False, True, False, True]
    ahead, behind = paired_difference(first, second), paired_difference(second, first)
    assert ahead.value == -behind.value
    assert ahead.low == pytest.approx(-behind.high)


def test_no_difference_in_few_cases_is_not_certain() -> None:
    same = paired_difference([False] * 30, [False] * 30)
    assert same.value == 0.0
    assert same.low < -0.05
    assert same.high > 0.05


def test_pairs_of_different_numbers_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="2 and 1"):
        paired_difference([True, False], [True])
    assert str(paired_difference([], [])) == "-"


def test_mcnemar_counts_the_cases_that_changed() -> None:
    assert mcnemar([True, False], [True, False]) == 1.0
    assert mcnemar([True] * 5, [False] * 5) == 2 / 2**5
    # 1 one way, 6 the other: twice (1 + 7) of 2**7.
    first = [True] + [False] * 6 + [True] * 9
    second = [False] + [True] * 6 + [True] * 9
    assert mcnemar(first, second) == pytest.approx(2 * 8 / 2**7)


def test_fishers_exact_test_is_the_sum_over_tables() -> None:
    # 3 of 3 against 0 of 3: two of the 20 tables are as extreme.
    assert fisher_exact(3, 3, 0, 3) == pytest.approx(2 / 20)
    assert fisher_exact(1, 2, 1, 2) == 1.0
    assert fisher_exact(0, 0, 1, 2) == 1.0


def test_holm_multiplies_and_never_reorders() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([]) == []


def test_unpaired_difference_is_newcombes() -> None:
    # Newcombe (1998), table II (a), method 10: 56/70 - 48/80.
    found = unpaired_difference(rate(56, 70), rate(48, 80))
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert math.isnan(unpaired_difference(rate(0, 0), rate(1, 2)).value)
