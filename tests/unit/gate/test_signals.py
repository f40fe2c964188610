import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from _fakes import random_probs
from ngsd_guard import ShapeMismatchError
from ngsd_guard.gate import (
    cosine_distance,
    jensen_shannon_divergence,
    signal,
    total_variation_distance,
)

TOLERANCE = 1e-6  # float32 sums of up to 300 terms below 1, against float64


def slow_tv(p: list[float], q: list[float]) -> float:
    # The largest difference in the probability of any event: here, of "p is the likelier".
    return sum(a - b for a, b in zip(p, q, strict=True) if a > b)


def slow_jsd(p: list[float], q: list[float]) -> float:
    def entropy(r: list[float]) -> float:
        return -sum(x * math.log2(x) for x in r if x > 0)

    mean = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
    return entropy(mean) - (entropy(p) + entropy(q)) / 2


def slow_cosine(p: list[float], q: list[float]) -> float:
    dot = sum(a * b for a, b in zip(p, q, strict=True))
    return 1 - dot / math.sqrt(sum(a * a for a in p) * sum(b * b for b in q))


SIGNALS = {
    "tv": (total_variation_distance, slow_tv),
    "jsd": (jensen_shannon_divergence, slow_jsd),
    "cosine": (cosine_distance, slow_cosine),
}
Signal = Callable[[Tensor, Tensor], Tensor]


@pytest.fixture(params=SIGNALS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def distance(name: str) -> Signal:
    return SIGNALS[name][0]


@pytest.mark.parametrize("shape", [(7,), (1, 300), (5, 40), (2, 3, 11), (4, 1)])
@pytest.mark.parametrize("scale", [0.1, 3.0, 20.0])
def test_signal_equals_a_slow_reference(name: str, shape: tuple[int, ...], scale: float) -> None:
    fast, slow = SIGNALS[name]
    p, q = random_probs(*shape, seed=1, scale=scale), random_probs(*shape, seed=2, scale=scale)
    result = fast(p, q)
    assert result.shape == shape[:-1]
    rows = zip(p.reshape(-1, shape[-1]), q.reshape(-1, shape[-1]), strict=True)
    expected = [slow(a.double().tolist(), b.double().tolist()) for a, b in rows]
    assert result.flatten().tolist() == pytest.approx(expected, abs=TOLERANCE)


def test_signal_lies_between_zero_and_one(distance: Signal) -> None:
    for scale in (0.01, 1.0, 30.0):
        values = distance(
            random_probs(200, 50, seed=3, scale=scale), random_probs(200, 50, seed=4, scale=scale)
        )
        assert values.min() >= 0.0
        assert values.max() <= 1.0 + TOLERANCE


def test_signal_is_symmetric(distance: Signal) -> None:
    p, q = random_probs(20, 30, seed=5), random_probs(20, 30, seed=6)
    assert torch.allclose(distance(p, q), distance(q, p), atol=TOLERANCE, rtol=0)


def test_identical_distributions_have_no_distance(distance: Signal) -> None:
    p = random_probs(20, 30, seed=7)
    assert distance(p, p.clone()).abs().max() <= TOLERANCE


def test_disjoint_distributions_have_distance_one(distance: Signal) -> None:
    p = torch.tensor([0.5, 0.5, 0.0, 0.0])
    q = torch.tensor([0.0, 0.0, 0.25, 0.75])
    assert distance(p, q).item() == pytest.approx(1.0, abs=TOLERANCE)


def test_signal_does_not_change_its_inputs(distance: Signal) -> None:
    p, q = random_probs(3, 9, seed=8), random_probs(3, 9, seed=9)
    p_before, q_before = p.clone(), q.clone()
    distance(p, q)
    assert torch.equal(p, p_before)
    assert torch.equal(q, q_before)


def test_signal_of_a_distribution_with_nan_is_nan(distance: Signal) -> None:
    p = torch.tensor([[torch.nan, 0.5], [0.5, 0.5]])
    values = distance(p, torch.tensor([[0.5, 0.5], [0.5, 0.5]]))
    assert values.isnan().tolist() == [True, False]


def test_signal_refuses_different_shapes(distance: Signal) -> None:
    with pytest.raises(ShapeMismatchError, match=r"\(2, 3\) and \(3,\)"):
        distance(torch.ones(2, 3), torch.ones(3))


def test_signal_is_found_by_name(name: str, distance: Signal) -> None:
    assert signal(name) is distance


def test_total_variation_worked_by_hand() -> None:
    p, q = torch.tensor([0.5, 0.25, 0.25]), torch.tensor([0.25, 0.25, 0.5])
    assert total_variation_distance(p, q).item() == 0.25  # (0.25 + 0 + 0.25) / 2


def test_jensen_shannon_worked_by_hand() -> None:
    p, q = torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5])
    # mean (3/4, 1/4): 1/2 * log2(4/3) + 1/2 * (1/2 * log2(2/3) + 1/2 * log2(2))
    expected = 0.5 * math.log2(4 / 3) + 0.25 * math.log2(2 / 3) + 0.25
    assert jensen_shannon_divergence(p, q).item() == pytest.approx(expected, abs=TOLERANCE)


def test_cosine_worked_by_hand() -> None:
    p, q = torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5])
    assert cosine_distance(p, q).item() == pytest.approx(1 - math.sqrt(0.5), abs=TOLERANCE)
