import math
import random
import statistics

import pytest

from ngsd_guard.evaluation import auroc, rate, recall_at


def test_delongs_interval_is_that_of_the_slow_formula() -> None:
    rng = random.Random(5)
    harmful = [rng.gauss(1.0, 1.0) for _ in range(40)]
    harmless = [rng.gauss(0.0, 1.0) for _ in range(60)]

    def wins(a: float, b: float) -> float:
        return 1.0 if a > b else 0.5 if a == b else 0.0

    by_harmful = [statistics.fmean(wins(a, b) for b in harmless) for a in harmful]
    by_harmless = [statistics.fmean(wins(a, b) for a in harmful) for b in harmless]
    area = statistics.fmean(by_harmful)
    variance = statistics.variance(by_harmful) / 40 + statistics.variance(by_harmless) / 60
    spread = 1.959964 * math.sqrt(variance) / (area * (1 - area))
    found = auroc(harmful, harmless)
    assert found.value == pytest.approx(area)
    assert math.log(found.low / (1 - found.low)) == pytest.approx(
        math.log(area / (1 - area)) - spread, abs=1e-5
    )
    assert found.low < area < found.high < 1.0


def test_nothing_to_rank_has_no_area() -> None:
    assert str(auroc([], [1.0])) == "-"
    assert str(recall_at([], [1.0])) == "-"


def test_recall_is_taken_where_one_in_a_hundred_is_a_false_alarm() -> None:
    harmless = [float(score) for score in range(200)]
    harmful = [196.5, 198.5, 250.0, 300.0]
    found = recall_at(harmful, harmless)
    # Two of 200 may be above: the threshold is the third highest, 197.
    assert found.threshold == 197.0
    assert found.false_alarms.value == pytest.approx(0.01)
    assert found.value == pytest.approx(0.75)
    assert found.low <= 0.75 <= found.high


def test_few_harmless_texts_allow_no_false_alarm() -> None:
    found = recall_at([5.0, 9.0], [1.0, 7.0])
    assert (found.threshold, found.false_alarms.value, found.value) == (7.0, 0.0, 0.5)
    assert found.low <= rate(1, 2).low


def test_ties_with_the_threshold_are_not_found() -> None:
    assert recall_at([0.0] * 5, [0.0] * 5).value == 0.0
