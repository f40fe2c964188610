import math

import pytest

from ngsd_guard.ranking import auroc


@pytest.mark.parametrize(
    ("harmful", "harmless", "expected"),
    [
        ([2.0, 3.0], [1.0, 0.0], 1.0),
        ([0.0, 1.0], [2.0, 3.0], 0.0),
        ([1.0, 3.0], [2.0, 0.0], 0.75),  # three of four pairs in order
        ([1.0], [1.0], 0.5),  # a tie counts half
    ],
)
def test_area_is_the_share_of_pairs_in_order(
    harmful: list[float], harmless: list[float], expected: float
) -> None:
    found = auroc(harmful, harmless)
    assert found.value == expected
    assert 0 <= found.low <= expected <= found.high <= 1


def test_interval_is_delongs_on_the_logit_scale() -> None:
    # Placements 1, 1/2 and 1, 1/2: variance 1/8 in each group of two, so 1/8 in all.
    found = auroc([1.0, 3.0], [2.0, 0.0])
    spread = 1.959963984540054 * math.sqrt(1 / 8) / (0.75 * 0.25)
    assert found.low == pytest.approx(1 / (1 + math.exp(-(math.log(3) - spread))))
    assert found.high == pytest.approx(1 / (1 + math.exp(-(math.log(3) + spread))))


def test_interval_is_narrower_with_more_cases_and_has_a_width_at_the_top() -> None:
    few, many = auroc([2.0] * 5, [1.0] * 5), auroc([2.0] * 50, [1.0] * 50)
    assert few.low < many.low < many.high == 1.0
    assert math.isnan(auroc([], [1.0]).value)
