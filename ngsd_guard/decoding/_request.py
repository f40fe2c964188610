"""What the decode loop is given, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from ngsd_guard.config import SamplingParams
from ngsd_guard.errors import NGSDError
from ngsd_guard.types import FinishReason, Speculation


class TokenConstraint(Protocol):
    """Says which tokens may come next; has read what was emitted.

    The same mask goes over base, expert and mixture, so that the gate compares what the two may
    say. A grammar engine's matcher is one: it must be able to take back what it has read.
    """

    def mask(self, num_left: int) -> Tensor:
        """Return the tokens allowed next, [vocab], bool, on any device.

        Args:
            num_left: tokens the answer may still have, the one asked for included; >= 1.
        """

    def advance(self, token_id: int) -> None:
        """Read a token."""

    def roll_back(self, num_tokens: int) -> None:
        """Take back the last tokens read."""


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """One answer to be made."""

    base_prompt_ids: tuple[int, ...]
    """The prompt in the base's chat template."""
    sampling: SamplingParams
    """How tokens are chosen, and when to stop."""
    expert_prompt_ids: tuple[int, ...] = ()
    """The prompt in the expert's chat template."""
    alpha: float = 0.0
    """How strongly a spike is guided, in [0, 1]."""
    initial_potential: float | None = None
    """Where the gate starts; None for rest."""
    is_cancelled: Callable[[], bool] = lambda: False
    """Asked before every token; the answer ends when it says yes."""
    constraint: TokenConstraint | None = None
    """Which tokens may come next; None for all. It belongs to this request alone."""


@dataclass(frozen=True, slots=True)
class Ended:
    """An answer's end."""

    finish_reason: FinishReason
    speculation: Speculation
    error: NGSDError | None = None
    """Why the answer failed; None where it did not."""
    num_cached: int = 0
    """Prompt tokens that the base did not have to read again."""
