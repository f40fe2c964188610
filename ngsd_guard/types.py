"""Types shared by all packages: messages, answers and their parts."""

from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "cancelled", "blocked"]
SpeculationStatus = Literal["on", "off", "adapter", "no_rollback"]
"""Whether the expert drafted tokens. `adapter`: no, it is an adapter and runs in the base's forward
pass; `no_rollback`: no, a cache cannot roll back because a sliding window has dropped tokens."""


class ToolCall(TypedDict):
    """A call to a tool, as requested by the model."""

    name: str
    arguments: dict[str, Any]
    id: NotRequired[str]
    """Identifies the call in the tool message with its result."""


class Message(TypedDict):
    """One turn of a conversation.

    If the last message is the assistant's, the model continues it.
    """

    role: Role
    content: str
    name: NotRequired[str]
    tool_calls: NotRequired[list[ToolCall]]
    """Assistant turns only: the calls it makes after its content."""
    tool_call_id: NotRequired[str]
    """Tool turns only: the call this is the result of."""


@dataclass(frozen=True, slots=True)
class RiskScores:
    """How risky a request is, and what follows (spec section 2)."""

    severity: float | None
    """How dangerous the topic is, 0 to 10; None, like the next three, where no rubric was
    asked."""
    actionability: float | None
    """How much the request asks for executable steps, 0 to 10."""
    evasion: float | None
    """How much the request tries to evade safety measures, 0 to 10."""
    targeting: float | None
    """How specific the people, places and times are, 0 to 10."""
    risk: float
    """0 to 10."""
    alpha: float
    """Guidance strength derived from the risk, 0 to 1."""
    confidence: float
    """Least probability the model gave the integers 0 to 10 at any of the rubric's scores; 0 to 1.
    1 where nothing was asked."""


@dataclass(frozen=True, slots=True)
class StepLogprobs:
    """Log-probability of an emitted token in the distribution it was chosen from.

    Without guidance this is the base's distribution: the softmax of its logits at temperature 1,
    after the constraint's mask. With guidance (at a spike, or in a regenerated sentence) it is the
    mixture, and no alternatives are reported: they could reveal tokens that guidance suppressed.
    """

    log_prob: float
    """Natural logarithm of the emitted token's probability; at most 0."""
    top: tuple[tuple[int, float], ...] = ()
    """(token id, log-probability), most likely first; empty at a mixed step."""


@dataclass(frozen=True, slots=True)
class DecodeStep:
    """One emitted token and the gate's decision."""

    index: int
    """Position in the answer, from 0."""
    token_id: int
    """The emitted token."""
    text: str
    """Text released at this step; empty while a character or a stop string is incomplete."""
    current: float
    """Input current: the distance between base and expert, before the bias; 0 to 1."""
    charged_potential: float
    """Potential compared with the threshold, before any reset."""
    membrane_potential: float
    """Potential after this step's reset, if any."""
    spiked: bool
    """Whether the gate intervened."""
    overridden: bool
    """Whether the emitted token differs from the base's."""
    base_token_id: int
    """Token the base alone would have emitted here."""
    expert_token_id: int | None
    """The expert's most likely token here; None when the gate was off."""
    num_drafted: int = field(default=0, compare=False)
    """Tokens drafted in the round that verified this step; 0 without a draft."""
    repaired: bool = False
    """Whether this step belongs to a sentence regenerated under guidance."""
    logprobs: StepLogprobs | None = field(default=None, compare=False)
    """Log-probabilities of this step; None unless requested with `num_logprobs`."""


@dataclass(frozen=True, slots=True)
class Speculation:
    """Statistics of speculative decoding, which does not change the answer."""

    status: SpeculationStatus
    num_rounds: int
    """Forward passes of the base after the prompt."""
    num_drafted: int
    """Tokens drafted by the expert."""
    num_accepted: int
    """Drafted tokens that were emitted."""
    num_repairs: int = 0
    """Sentences regenerated under guidance."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts of a request."""

    input_tokens: int
    """Prompt tokens, in the base's chat template."""
    output_tokens: int
    """Emitted tokens, including the end-of-sequence token."""
    cached_tokens: int = 0
    """Prompt tokens taken from the base's prefix cache instead of being read again."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Wall-clock time of a request, in seconds."""

    reflection_s: float
    prefill_s: float
    time_to_first_token_s: float
    """From the call to the first token, including reflection."""
    total_s: float


@dataclass(frozen=True, slots=True)
class Generation:
    """A finished answer."""

    id: str
    """Identifies the request in the audit log."""
    text: str
    token_ids: tuple[int, ...]
    """Emitted tokens, including the end-of-sequence token."""
    finish_reason: FinishReason
    guarded: bool
    """Whether the gate was on."""
    seed: int | None
    """Seed of the sampling noise; None for a greedy answer."""
    risk: float | None
    """Self-reflection risk, 0 to 10; None when the gate was off."""
    alpha: float | None
    """Guidance strength, 0 to 1; None when the gate was off."""
    reflection: RiskScores | None
    initial_potential: float | None
    """Potential the gate started at; None when the gate was off."""
    num_spikes: int
    num_overrides: int
    peak_potential: float
    """Highest potential compared with the threshold."""
    usage: Usage
    timing: Timing
    steps: tuple[DecodeStep, ...] | None
    """All decode steps; None unless requested with `trace=True`."""
    speculation: Speculation = Speculation("off", 0, 0, 0)
    """Statistics of speculative decoding."""
