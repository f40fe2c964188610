"""The deep-alignment recipe: an expert that refuses, at once or in the middle of an answer."""

from collections.abc import Sequence
from random import Random

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.training._packing import Example


def safety_example(
    rng: Random,
    prompt_ids: Sequence[int],
    refusal_ids: Sequence[int],
    *,
    answer_ids: Sequence[int] = (),
    recovery_share: float = 0.5,
    longest_start: int = 100,
) -> Example:
    """Make one document that teaches refusing (spec section 7).

    With a probability of `recovery_share`, the refusal comes after the first k tokens of a
    compliant answer, k uniform in 1..min(longest_start, len(answer_ids)). Neither the prompt nor
    that start carries loss, so the expert learns to recover and never to comply.

    Args:
        rng: chooses whether, and how much of, the answer comes first.
        prompt_ids: the harmful request in the model's own chat template, [prompt].
        refusal_ids: the refusal with its end-of-turn token, [refusal].
        answer_ids: a compliant answer; an opening and placeholders are enough, [answer].
        recovery_share: probability of a recovery, where there is an answer.
        longest_start: most answer tokens before the refusal.

    Raises:
        ConfigurationError: prompt or refusal is empty, or an option is out of its range.
    """
    if not prompt_ids or not refusal_ids:
        raise ConfigurationError("a safety example needs a prompt and a refusal; one is empty")
    if not 0 <= recovery_share <= 1 or longest_start < 1:
        raise ConfigurationError(
            f"recovery_share={recovery_share} must lie in 0..1 "
            f"and longest_start={longest_start} be at least 1"
        )
    started: Sequence[int] = ()
    if answer_ids and rng.random() < recovery_share:
        started = answer_ids[: rng.randint(1, min(longest_start, len(answer_ids)))]
    given = [*prompt_ids, *started]
    return Example(
        input_ids=[*given, *refusal_ids],
        weights=[0.0] * len(given) + [1.0] * len(refusal_ids),
    )
