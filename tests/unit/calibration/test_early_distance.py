"""Distances at the first tokens of answers, against distributions known by hand."""

import pytest

from _fakes import USER, constant
from ngsd_guard import ConfigurationError, Engine
from ngsd_guard.calibration import early_distances
from ngsd_guard.pairs import Pair


def test_the_distance_is_the_total_variation_at_each_token() -> None:
    before, after = constant(t65=0.6, t66=0.4), constant(t65=0.1, t66=0.9)
    found = early_distances(Engine(Pair(before, after)), [USER, USER], num_tokens=3)
    assert [each.position for each in found] == [0, 1, 2]
    for each in found:
        assert (each.value, each.low, each.high) == pytest.approx((0.5, 0.5, 0.5), abs=1e-5)
        assert each.n == 2


def test_a_model_has_no_distance_to_itself() -> None:
    model = constant(t65=0.6, t66=0.4)
    found = early_distances(Engine(Pair(model, model)), [USER], num_tokens=2)
    assert [each.value for each in found] == [0.0, 0.0]


def test_a_short_answer_counts_as_far_as_it_goes() -> None:
    before, after = constant(t256=1.0), constant(t256=1.0)
    found = early_distances(Engine(Pair(before, after)), [USER], num_tokens=4)
    assert [each.position for each in found] == [0]


def test_nothing_to_measure_is_an_error() -> None:
    engine = Engine(Pair(constant(t65=1.0), constant(t65=1.0)))
    with pytest.raises(ConfigurationError, match="0 requests"):
        early_distances(engine, [])
    with pytest.raises(ConfigurationError, match="num_tokens=0"):
        early_distances(engine, [USER], num_tokens=0)
