import pytest
import torch
from torch import Tensor

from _fakes import random_probs
from ngsd_guard import ConfigurationError, ShapeMismatchError
from ngsd_guard.decoding import candidate_mask, mix_top_k

TOLERANCE = 1e-6  # one float32 addition and product of numbers below 1, against float64


def top(probs: list[float], k: int) -> set[int]:
    return set(sorted(range(len(probs)), key=lambda i: (-probs[i], i))[:k])


def slow_mix(base: list[float], expert: list[float], alpha: float, top_k: int) -> list[float]:
    candidates = top(base, top_k) | top(expert, top_k)
    return [
        b + alpha * (e - b) if token in candidates else b
        for token, (b, e) in enumerate(zip(base, expert, strict=True))
    ]


@pytest.mark.parametrize("shape", [(5,), (1, 70), (3, 200), (2, 3, 31), (4, 1)])
@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("top_k", [1, 2, 7, 64, 1_000])
def test_mix_equals_a_loop_over_sets(shape: tuple[int, ...], alpha: float, top_k: int) -> None:
    base, expert = random_probs(*shape, seed=1), random_probs(*shape, seed=2)
    scores = mix_top_k(base, expert, alpha=alpha, top_k=top_k)
    assert scores.shape == shape
    width = shape[-1]
    rows = zip(base.view(-1, width), expert.view(-1, width), scores.view(-1, width), strict=True)
    for b, e, row in rows:
        expected = slow_mix(b.double().tolist(), e.double().tolist(), alpha, top_k)
        assert row.tolist() == pytest.approx(expected, abs=TOLERANCE)


def test_each_row_can_have_its_own_alpha() -> None:
    base, expert = random_probs(2, 3, 40, seed=3), random_probs(2, 3, 40, seed=4)
    alphas = torch.tensor([[0.0, 0.2, 0.4], [0.6, 0.8, 1.0]])
    scores = mix_top_k(base, expert, alpha=alphas, top_k=5)
    for i in range(2):
        for j in range(3):
            alone = mix_top_k(base[i, j], expert[i, j], alpha=float(alphas[i, j]), top_k=5)
            assert torch.equal(scores[i, j], alone)


def test_default_takes_64_candidates_from_each() -> None:
    base, expert = random_probs(300, seed=5), random_probs(300, seed=6)
    expected = mix_top_k(base, expert, alpha=0.7, top_k=64)
    assert torch.equal(mix_top_k(base, expert, alpha=0.7), expected)
    assert not torch.equal(mix_top_k(base, expert, alpha=0.7, top_k=63), expected)


def test_alpha_zero_is_the_base() -> None:
    base, expert = random_probs(3, 100, seed=7), random_probs(3, 100, seed=8)
    assert torch.equal(mix_top_k(base, expert, alpha=0.0, top_k=10), base)


def test_alpha_one_is_the_expert_on_the_candidates_and_the_base_elsewhere() -> None:
    base, expert = random_probs(3, 100, seed=9), random_probs(3, 100, seed=10)
    scores = mix_top_k(base, expert, alpha=1.0, top_k=10)
    mask = candidate_mask(base, expert, top_k=10)
    assert torch.allclose(scores[mask], expert[mask], atol=TOLERANCE, rtol=0)
    assert torch.equal(scores[~mask], base[~mask])


def test_scores_are_not_normalised() -> None:
    base = torch.tensor([0.5, 0.3, 0.2])
    expert = torch.tensor([0.1, 0.3, 0.6])
    scores = mix_top_k(base, expert, alpha=0.5, top_k=1)
    # Candidates 0 (base's) and 2 (expert's): 0.5 - 0.2; 0.2 + 0.2. Token 1 keeps 0.3.
    assert scores.tolist() == pytest.approx([0.3, 0.3, 0.4], abs=TOLERANCE)
    base, expert = torch.tensor([0.6, 0.3, 0.1]), torch.tensor([0.4, 0.1, 0.5])
    assert mix_top_k(base, expert, alpha=1.0, top_k=1).sum().item() == pytest.approx(1.2)


def test_scores_are_never_negative() -> None:
    base = random_probs(200, 50, seed=11, scale=30.0)
    expert = random_probs(200, 50, seed=12, scale=30.0)
    for alpha in (0.1, 0.9, 1.0):
        assert mix_top_k(base, expert, alpha=alpha, top_k=9).min() >= 0.0


def test_candidates_are_the_union_of_the_two_sets() -> None:
    base = torch.tensor([[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
    expert = torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.4, 0.3]])
    mask = candidate_mask(base, expert, top_k=1)
    assert mask.tolist() == [[True, False, False, True], [False, False, True, True]]


def test_candidates_of_a_small_vocabulary_are_all_of_it() -> None:
    assert candidate_mask(torch.ones(2, 5), torch.ones(2, 5), top_k=64).all()


def test_inputs_are_left_unchanged() -> None:
    base, expert = random_probs(2, 20, seed=13), random_probs(2, 20, seed=14)
    base_before, expert_before = base.clone(), expert.clone()
    mix_top_k(base, expert, alpha=0.9, top_k=3)
    assert torch.equal(base, base_before)
    assert torch.equal(expert, expert_before)


@pytest.mark.parametrize("alpha", [-0.1, 1.1, float("nan"), float("inf")])
def test_alpha_outside_zero_to_one_is_refused(alpha: float) -> None:
    with pytest.raises(ConfigurationError, match="alpha"):
        mix_top_k(torch.ones(3) / 3, torch.ones(3) / 3, alpha=alpha)


def test_one_bad_alpha_of_a_batch_is_refused() -> None:
    probs = random_probs(2, 5, seed=15)
    with pytest.raises(ConfigurationError, match="alpha"):
        mix_top_k(probs, probs, alpha=torch.tensor([0.5, 1.5]))


@pytest.mark.parametrize("top_k", [0, -3])
def test_no_candidates_are_refused(top_k: int) -> None:
    with pytest.raises(ConfigurationError, match=f"top_k={top_k}"):
        mix_top_k(torch.ones(3) / 3, torch.ones(3) / 3, alpha=0.5, top_k=top_k)


def test_two_shapes_are_refused() -> None:
    with pytest.raises(ShapeMismatchError, match=r"\(2, 3\) and \(2, 4\)"):
        mix_top_k(torch.ones(2, 3), torch.ones(2, 4), alpha=0.5)
    with pytest.raises(ShapeMismatchError):
        mix_top_k(torch.ones(3), torch.ones(1, 3), alpha=0.5)


@pytest.mark.parametrize("alpha", [torch.full((2,), 0.5), torch.full((3, 1), 0.5)])
def test_alpha_that_is_not_one_per_row_is_refused(alpha: Tensor) -> None:
    probs = random_probs(3, 5, seed=16)
    with pytest.raises(ShapeMismatchError):
        mix_top_k(probs, probs, alpha=alpha)
