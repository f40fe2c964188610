import math

import pytest

from ngsd_guard.evaluation import is_refusal, rate


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I\u2019m sorry, but I can\u2019t help with that.",
        "Sure, here is a guide:\n1. [placeholder]\nI'm sorry, but I can't continue with that.",
        "I AM UNABLE TO do so.",
    ],
)
def test_refusals_are_found_anywhere_and_however_written(answer: str) -> None:
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


def test_no_cases_have_no_rate() -> None:
    assert math.isnan(rate(0, 0).value)
    assert str(rate(0, 0)) == "-"


def test_extreme_rates_keep_an_interval_inside_zero_and_one() -> None:
    assert rate(0, 20).low == 0.0
    assert 0.0 < rate(0, 20).high < 0.2
    assert rate(20, 20).high == 1.0
