"""Records that pass between the rooms, and the words they are written in."""

from dataclasses import dataclass, field
from typing import Any, Literal, NotRequired, TypedDict

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "cancelled"]
Stage = Literal["input", "output", "retrieval", "tool_args", "tool_result"]
"""Where in a pipeline a text is checked."""
Action = Literal["allow", "flag", "steer", "redact", "rewrite", "escalate", "block"]
"""What a policy wants to be done with a text, from the mildest to the strictest."""
Evaluation = Literal["evaluated", "error", "timeout", "skipped"]
"""Whether a text was judged."""
SpeculationStatus = Literal["on", "off", "adapter", "no_rollback"]
"""Whether the expert drafted: it did, it was not asked to, it is an adapter that reads beside the
base, or a cache cannot forget tokens (a sliding window has dropped older ones)."""


class ToolCall(TypedDict):
    """A tool that the model asks to be called."""

    name: str
    arguments: dict[str, Any]
    id: NotRequired[str]
    """What a tool message names it by."""


class Message(TypedDict):
    """One turn of a conversation.

    A conversation that ends with an assistant message asks for that message to be continued.
    """

    role: Role
    content: str
    name: NotRequired[str]
    tool_calls: NotRequired[list[ToolCall]]
    """Of an assistant turn: what it asks to be called, after its content."""
    tool_call_id: NotRequired[str]
    """Of a tool turn: the call whose result it is."""


@dataclass(frozen=True, slots=True)
class RiskScores:
    """What the base model's own reflection says about a request (spec section 2)."""

    severity: float
    """How dangerous the topic is, 0 to 10."""
    actionability: float
    """How far executable steps are asked for, 0 to 10."""
    evasion: float
    """How hard the request tries to get round safety, 0 to 10."""
    targeting: float
    """How specific the people, places and times are, 0 to 10."""
    risk: float
    """The four scores as one number, 0 to 10."""
    alpha: float
    """Guidance strength that follows from the risk, 0 to 1."""
    confidence: float
    """Least probability the model gave the integers 0 to 10 at any of the four scores; 0 to 1."""


@dataclass(frozen=True, slots=True)
class StepLogprobs:
    """How likely one emitted token was, in the distribution it was chosen from.

    At a step that the gate left alone that is the base's own: the softmax of its logits at
    temperature 1, under the constraint's mask. At a step that it mixed, for a spike or in a
    regenerated sentence, it is the mixture; no alternatives are reported then, so that no token
    that guidance kept from the answer can be read from them.
    """

    log_prob: float
    """Natural logarithm of the emitted token's probability; at most 0."""
    top: tuple[tuple[int, float], ...] = ()
    """(token id, log-probability), likeliest first; empty at a step that was mixed."""


@dataclass(frozen=True, slots=True)
class DecodeStep:
    """One emitted token and the gate's decision about it."""

    index: int
    """Position in the answer, from 0."""
    token_id: int
    """The emitted token."""
    text: str
    """Text released at this step; empty while a character or a stop string is incomplete."""
    current: float
    """Input current, the distance between base and expert before the bias; 0 to 1."""
    charged_potential: float
    """Potential the threshold was compared with, before any reset."""
    membrane_potential: float
    """Potential after this step's reset, if there was one."""
    spiked: bool
    """Whether the gate intervened."""
    overridden: bool
    """Whether the emitted token differs from the base's."""
    base_token_id: int
    """What the base alone would have emitted here."""
    expert_token_id: int | None
    """The expert's most likely token here; None when the gate was off."""
    num_drafted: int = field(default=0, compare=False)
    """Tokens drafted in the round this step was verified in; 0 for a step by itself."""
    repaired: bool = False
    """Whether this step belongs to a sentence that was regenerated under guidance."""
    logprobs: StepLogprobs | None = field(default=None, compare=False)
    """How likely the token was; None unless asked for with `num_logprobs`."""


@dataclass(frozen=True, slots=True)
class Speculation:
    """How an answer's tokens were made; nothing of it changes which they are."""

    status: SpeculationStatus
    num_rounds: int
    """Forward passes of the base after the prompt."""
    num_drafted: int
    """Tokens the expert drafted."""
    num_accepted: int
    """Of these, tokens that were emitted."""
    num_repairs: int = 0
    """Sentences regenerated under guidance."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written."""

    input_tokens: int
    """Prompt tokens, in the base's chat template."""
    output_tokens: int
    """Emitted tokens, the end-of-sequence token included."""
    cached_tokens: int = 0
    """Of the prompt, tokens the base had read for an earlier request and did not read again."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Where a request's wall-clock time went, in seconds."""

    reflection_s: float
    prefill_s: float
    time_to_first_token_s: float
    """From the call to the first token, reflection included."""
    total_s: float


@dataclass(frozen=True, slots=True)
class Generation:
    """A finished answer."""

    id: str
    """Identifies the request in the audit log."""
    text: str
    token_ids: tuple[int, ...]
    """Emitted tokens, the end-of-sequence token included."""
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
    """Where the gate started, from the risk; None when the gate was off."""
    num_spikes: int
    num_overrides: int
    peak_potential: float
    """Highest potential the threshold was compared with."""
    usage: Usage
    timing: Timing
    steps: tuple[DecodeStep, ...] | None
    """Every gate decision; None unless asked for with `trace=True`."""
    speculation: Speculation = Speculation("off", 0, 0, 0)
    """How far the expert ran ahead, and with what success."""
