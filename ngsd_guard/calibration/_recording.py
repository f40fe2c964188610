"""Recordings of requests for calibration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ngsd_guard.config import GateConfig
from ngsd_guard.engine import Engine
from ngsd_guard.pairs import Pair

_OUT_OF_REACH: Final = 1e9  # a threshold that no potential reaches


@dataclass(frozen=True, slots=True)
class Recording:
    """A request's risk, and the currents along the base's own answer."""

    risk: float
    """Self-reflection risk, 0 to 10."""
    currents: tuple[float, ...]
    """Distance between base and expert at each step, before any bias; 0 to 1."""


def record(
    engine: Engine,
    conversations: Sequence[Sequence[Mapping[str, Any]]],
    *,
    max_new_tokens: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Recording]:
    """Record the currents along the base's greedy answer to each conversation.

    Nothing is overridden. Up to the first spike, a guarded answer is the base's own. The recording
    therefore determines whether and when any gate would first fire.

    Args:
        engine: the pair; its signal and reflection options are used, its gate is not.
        conversations: messages, as for `Engine.generate`.
        max_new_tokens: length of the answers; capped by the context.
        on_progress: called with the number done and the total after each conversation.

    Raises:
        InvalidRequestError: the messages of a conversation are wrong.
        ContextOverflowError: a conversation does not fit the context.
    """
    config = engine.config
    silent = config.replace(
        gate=GateConfig(signal=config.gate.signal, v_threshold=_OUT_OF_REACH),
        decoding=config.decoding.replace(max_new_tokens=max_new_tokens),
    )
    observer = Engine(Pair(engine.base, engine.expert, silent))
    recordings = []
    for index, messages in enumerate(conversations):
        answer = observer.generate(messages, trace=True)
        currents = tuple(step.current for step in answer.steps or ())
        recordings.append(Recording(answer.risk or 0.0, currents))
        if on_progress is not None:
            on_progress(index + 1, len(conversations))
    return recordings
