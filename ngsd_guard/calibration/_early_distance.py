"""How far two models part at the first tokens of an answer."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ngsd_guard.calibration._recording import Recorder
from ngsd_guard.calibration._types import Conversation
from ngsd_guard.engine import Engine
from ngsd_guard.errors import ConfigurationError

_NUM_DRAWS: Final = 1000


@dataclass(frozen=True, slots=True)
class EarlyDistance:
    """Mean distance at one token of the answer, with its 95 % percentile bootstrap interval."""

    position: int
    """Index of the token in the answer, from 0."""
    value: float
    """Total variation, 0 to 1."""
    low: float
    high: float
    n: int
    """Answers that are long enough."""


def early_distances(
    engine: Engine,
    conversations: Sequence[Conversation],
    *,
    num_tokens: int = 8,
    batch_size: int = 8,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[EarlyDistance, ...]:
    """Return how far two models part at the first tokens of the first one's greedy answers.

    Args:
        engine: the model before fine-tuning as its base, and the tuned one as its expert.
        conversations: held-out requests, as `Engine.generate` takes them.
        num_tokens: tokens of each answer; 1 or more.
        batch_size: conversations answered side by side.
        seed: of the bootstrap over the requests.
        on_progress: called with the number of conversations done, and their total.

    Raises:
        ConfigurationError: there are no conversations, or `num_tokens` is below 1.
        InvalidRequestError: the messages of a conversation are wrong.
    """
    if not conversations or num_tokens < 1:
        raise ConfigurationError(
            f"{len(conversations)} requests and num_tokens={num_tokens}; give at least one of each"
        )
    recorder = Recorder(engine, reader="expert", max_new_tokens=num_tokens, batch_size=batch_size)
    currents = [found.currents for found in recorder.record(conversations, on_progress)]
    rng, distances = random.Random(seed), []
    for position in range(num_tokens):
        values = [trace[position] for trace in currents if len(trace) > position]
        if values:
            distances.append(_mean(position, values, rng))
    return tuple(distances)


def _mean(position: int, values: Sequence[float], rng: random.Random) -> EarlyDistance:
    n = len(values)
    drawn = sorted(sum(rng.choices(values, k=n)) / n for _ in range(_NUM_DRAWS))
    tail = _NUM_DRAWS // 40
    return EarlyDistance(position, sum(values) / n, drawn[tail], drawn[-tail - 1], n)
