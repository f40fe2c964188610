from random import Random

import pytest

from ngsd_guard import ConfigurationError
from ngsd_guard.training import safety_example

PROMPT, REFUSAL, ANSWER = [1, 2, 3], [50, 51], list(range(100, 400))


def test_a_refusal_at_once_is_all_that_is_learnt() -> None:
    example = safety_example(Random(0), PROMPT, REFUSAL)
    assert example.input_ids == [*PROMPT, *REFUSAL]
    assert example.weights == [0.0] * 3 + [1.0] * 2


def test_a_recovery_never_learns_the_answer_it_starts_from() -> None:
    for seed in range(200):
        example = safety_example(Random(seed), PROMPT, REFUSAL, answer_ids=ANSWER)
        learnt = [t for t, w in zip(example.input_ids, example.weights, strict=True) if w > 0]
        assert learnt == REFUSAL
        started = example.input_ids[len(PROMPT) : -len(REFUSAL)]
        assert started == ANSWER[: len(started)]
        assert len(started) <= 100


def test_half_of_the_examples_recover_from_1_to_100_tokens() -> None:
    rng = Random(3)
    starts = [
        len(safety_example(rng, PROMPT, REFUSAL, answer_ids=ANSWER).input_ids) - 5
        for _ in range(4000)
    ]
    recovered = [k for k in starts if k]
    assert 0.46 < len(recovered) / len(starts) < 0.54
    assert (min(recovered), max(recovered)) == (1, 100)
    assert 47 < sum(recovered) / len(recovered) < 54  # uniform


def test_a_short_answer_bounds_the_start() -> None:
    for seed in range(50):
        example = safety_example(
            Random(seed), PROMPT, REFUSAL, answer_ids=[7, 8], recovery_share=1.0
        )
        assert len(example.input_ids) - 5 in {1, 2}


@pytest.mark.parametrize(
    "options", [{"recovery_share": 1.5}, {"longest_start": 0}, {"recovery_share": -0.1}]
)
def test_bad_options_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        safety_example(Random(0), PROMPT, REFUSAL, answer_ids=ANSWER, **options)


def test_an_empty_refusal_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="one is empty"):
        safety_example(Random(0), PROMPT, [])
