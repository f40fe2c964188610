import math

import pytest
import torch
from torch import Tensor

from _fakes import random_probs
from ngsd_guard.decoding import choose_token, gumbel_noise

LOGITS = torch.tensor([[1.0, 3.0, 2.0, -1.0]])


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def choose(logits: Tensor, seed: int = 0, **options: float | int | None) -> list[int]:
    settings = {"temperature": 1.0, "top_k": None, "top_p": 1.0} | options
    noise = gumbel_noise(logits.shape[-1], generator(seed))
    return choose_token(logits, noise=noise, **settings).tolist()  # type: ignore[arg-type]


def chosen_of(logits: Tensor, num_draws: int = 400, **options: float | int | None) -> set[int]:
    """Return every token that some noise chooses."""
    return {choose(logits, seed, **options)[0] for seed in range(num_draws)}


def test_temperature_zero_takes_the_likeliest_token_of_each_row() -> None:
    logits = torch.tensor([[0.0, 2.0, 1.0], [5.0, -1.0, 4.0]])
    assert choose(logits, temperature=0.0) == [1, 0]


def test_temperature_zero_needs_no_noise() -> None:
    token_ids = choose_token(LOGITS, temperature=0.0, top_k=None, top_p=1.0, noise=None)
    assert token_ids.tolist() == [1]
    assert token_ids.dtype == torch.int64


def test_of_equally_likely_tokens_greedy_takes_the_first() -> None:
    logits = torch.zeros(1, 50_000)
    logits[0, [40_000, 123, 7_000]] = 5.0
    assert choose(logits, temperature=0.0) == [123]


def test_greedy_ignores_top_k_and_top_p() -> None:
    assert choose(LOGITS, temperature=0.0, top_k=2, top_p=0.1) == [1]


def test_same_noise_chooses_the_same_token() -> None:
    logits = 2 * torch.randn(1, 300, generator=generator(1))
    for seed in range(20):
        assert choose(logits, seed) == choose(logits.clone(), seed)
    assert len(chosen_of(logits, 50)) > 5


def test_rows_of_a_batch_share_the_noise() -> None:
    row = torch.randn(1, 40, generator=generator(2))
    for seed in range(20):
        first, second = choose(row.repeat(2, 1), seed)
        assert first == second


def test_a_constant_added_to_all_weights_changes_nothing() -> None:
    probs = random_probs(1, 60, seed=3)
    for seed in range(50):
        assert choose(probs.log(), seed) == choose(probs.log() + 7.0, seed)


def test_noise_depends_on_the_generator_alone() -> None:
    first = gumbel_noise(100, generator(5))
    torch.manual_seed(99)  # the global generator plays no part
    assert torch.equal(first, gumbel_noise(100, generator(5)))
    assert not torch.equal(first, gumbel_noise(100, generator(6)))
    assert first.shape == (100,)
    assert first.dtype == torch.float32


def test_noise_moves_the_generator_on_and_leaves_the_global_one() -> None:
    shared = generator(5)
    before = torch.get_rng_state()
    assert not torch.equal(gumbel_noise(100, shared), gumbel_noise(100, shared))
    assert torch.equal(torch.get_rng_state(), before)


def test_noise_is_finite_and_has_the_mean_and_spread_of_a_gumbel() -> None:
    draws = gumbel_noise(200_000, generator(7))
    assert draws.isfinite().all()
    # Mean Euler's 0.5772, variance pi^2/6 (standard deviation 1.2825). Five standard errors of
    # the mean, 5 * 1.2825 / sqrt(200,000) = 0.0144: fails for 6 seeds in ten million. The
    # variance's standard error is sqrt((5.4 - 1) / 200,000) * 1.645 = 0.0077; five make 0.039.
    assert draws.mean().item() == pytest.approx(0.5772, abs=0.0144)
    assert draws.var().item() == pytest.approx(math.pi**2 / 6, abs=0.039)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_tokens_are_drawn_with_their_probability(temperature: float) -> None:
    # 20,000 draws of one token from four. Every frequency is within 5 standard errors,
    # 5 * sqrt(p (1 - p) / n), except for 6 seeds in ten million per token.
    num_draws, shared = 20_000, generator(11)
    weights = [math.exp(x / temperature) for x in LOGITS[0].tolist()]
    noise = torch.stack([gumbel_noise(4, shared) for _ in range(num_draws)])
    counts = [0] * 4
    for row in noise:
        options = {"temperature": temperature, "top_k": None, "top_p": 1.0}
        counts[int(choose_token(LOGITS, noise=row, **options))] += 1
    for weight, count in zip(weights, counts, strict=True):
        p = weight / sum(weights)
        tolerance = 5 * math.sqrt(p * (1 - p) / num_draws)
        assert count / num_draws == pytest.approx(p, abs=tolerance)


@pytest.mark.parametrize("temperature", [0.01, 1.0, 5.0, 1e6])
def test_top_k_of_one_is_greedy_at_any_temperature(temperature: float) -> None:
    logits = torch.randn(3, 80, generator=generator(4))
    for seed in range(30):
        assert choose(logits, seed, temperature=temperature, top_k=1) == choose(
            logits, temperature=0.0
        )


def test_top_k_keeps_that_many() -> None:
    assert chosen_of(LOGITS, temperature=10.0, top_k=2) == {1, 2}
    assert chosen_of(LOGITS, temperature=10.0, top_k=3) == {0, 1, 2}
    assert chosen_of(LOGITS, temperature=10.0, top_k=4) == {0, 1, 2, 3}


def test_top_k_wider_than_the_vocabulary_keeps_all() -> None:
    for seed in range(20):
        assert choose(LOGITS, seed, top_k=999) == choose(LOGITS, seed)


@pytest.mark.parametrize(
    ("top_p", "kept"),
    [
        (0.3, {1}),  # 0.4 reaches 0.3
        (0.39, {1}),
        (0.5, {1, 3}),  # 0.4 does not reach 0.5, 0.7 does
        (0.75, {1, 3, 0}),
        (0.95, {0, 1, 2, 3}),
        (1.0, {0, 1, 2, 3}),
        (1e-6, {1}),  # the likeliest is always kept
    ],
)
def test_nucleus_keeps_the_fewest_tokens_that_reach_top_p(top_p: float, kept: set[int]) -> None:
    logits = torch.tensor([[0.2, 0.4, 0.1, 0.3]]).log()
    assert chosen_of(logits, top_p=top_p) == kept


def test_tokens_beyond_the_one_that_just_reaches_top_p_are_dropped() -> None:
    logits = torch.zeros(1, 2)  # a half each, exactly
    assert len(chosen_of(logits, top_p=0.5)) == 1
    assert len(chosen_of(logits, top_p=0.51)) == 2


def test_nucleus_is_cut_after_temperature_and_top_k() -> None:
    logits = torch.tensor([[0.1, 0.2, 0.3, 0.4]]).log()
    # Squared and renormalised: 1/30, 4/30, 9/30, 16/30. Half is reached by the last alone.
    assert chosen_of(logits, temperature=0.5, top_p=0.5) == {3}
    assert chosen_of(logits, temperature=1.0, top_p=0.5) == {2, 3}
    # Of the two that top-k leaves, 4/7 reaches 0.55, where 0.4 of all would not.
    assert chosen_of(logits, top_k=2, top_p=0.55) == {3}


def test_low_temperature_is_greedy() -> None:
    for seed in range(50):
        assert choose(LOGITS, seed, temperature=1e-4) == [1]


@pytest.mark.parametrize("temperature", [1e-30, 1e-38, 1e-39, 1e-45, 1e-300])
def test_vanishing_temperature_is_greedy(temperature: float) -> None:
    # The weights divided by it leave float32: 3e39 and 2e39 are both infinite, and 0/0 is NaN.
    for seed in range(20):
        assert choose(LOGITS, seed, temperature=temperature) == [1]
        assert choose(LOGITS - 1.0, seed, temperature=temperature) == [1]


@pytest.mark.parametrize("temperature", [1e4, 1e38])
def test_huge_temperature_draws_evenly(temperature: float) -> None:
    # Each of four tokens has probability 1/4: missing one in 400 draws has chance 4 * 0.75^400.
    assert chosen_of(LOGITS, temperature=temperature) == {0, 1, 2, 3}


@pytest.mark.parametrize("temperature", [0.1, 1.0, 1e30, 1e39, 1e300])
def test_token_of_no_weight_is_never_drawn(temperature: float) -> None:
    logits = torch.tensor([[0.0, -torch.inf, 0.0, -torch.inf]])
    assert chosen_of(logits, 100, temperature=temperature) == {0, 2}
