"""What the schedule is given, and the events of an answer."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from ngsd_guard.config import SamplingParams
from ngsd_guard.errors import NGSDError
from ngsd_guard.types import DecodeStep, FinishReason, Message, RiskScores, Speculation


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that was checked and encoded; nothing has been computed yet."""

    base_prompt_ids: tuple[int, ...]
    """The prompt in the base's chat template."""
    expert_prompt_ids: tuple[int, ...] = ()
    """The prompt in the expert's chat template."""
    sampling: SamplingParams
    """How tokens are chosen, and when to stop."""
    num_rated: tuple[int, int] | None = None
    """Of each prompt, the tokens before a prefilled answer, after which risk is read; None for
    all."""
    messages: tuple[Message, ...] = ()
    """The conversation, for the risk reader and the audit record."""
    guarded: bool = True
    """False lets the base speak alone."""
    speculative: bool = True
    """Whether the expert may draft."""
    trace: bool = False
    """Whether every step is kept on the finished answer."""
    constraint: TokenConstraint | None = None
    """Which tokens may come next; None for all. It belongs to this request alone."""
    rating: RiskScores | None = None
    """Risk and alpha, where they are known already; None lets the pair's reader rate it."""
    is_cancelled: Callable[[], bool] = lambda: False
    """Asked before every token; the answer ends when it returns True."""
    started_s: float = field(default_factory=time.perf_counter)
    """`time.perf_counter()` when the request arrived."""
    timeout_s: float = math.inf
    """Seconds from then on after which the answer fails."""

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return time.perf_counter() - self.started_s > self.timeout_s


@dataclass(frozen=True, slots=True)
class Rated:
    """A guarded request's rating, before its first token."""

    rating: RiskScores
    initial_potential: float


@dataclass(frozen=True, slots=True)
class Ended:
    """An answer's end."""

    finish_reason: FinishReason
    speculation: Speculation
    error: NGSDError | None = None
    """Why the answer failed; None where it did not."""
    num_cached: int = 0
    """Prompt tokens that the base did not have to read again."""


Event = Rated | DecodeStep | Ended
"""Of one answer, in this order: at most one `Rated`, its tokens, one `Ended`."""
