"""What an audit record says; it holds no prompt and no answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ngsd_guard.types import FinishReason, RiskScores, Timing, Usage


class PairRecord(BaseModel):
    """What every record says of the pair it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package_version: str
    base: str
    """Name of the base model."""
    expert: str
    """Name of the expert model."""
    preset: str
    """Name of the option preset, `calibrated` under a calibration, or `custom`."""
    config_digest: str
    """SHA-256 over the options as canonical JSON, hexadecimal."""
    calibration: str | None = None
    """Name of the calibration in force; None if the options came from nowhere else."""
    calibration_digest: str | None = None
    """SHA-256 over that calibration as canonical JSON, hexadecimal."""


class RequestRecord(PairRecord):
    """Everything the gate decided about one request."""

    schema_version: Literal[1] = 1
    kind: Literal["request"] = "request"
    event_id: str
    """The id of the `Generation`, so that an answer leads to its record."""
    num_messages: int
    """Turns in the request; 0 if it was not a conversation at all."""

    status: Literal["completed", "cancelled", "failed"]
    """How the request ended."""
    evaluation: Literal["evaluated", "error", "skipped"]
    """Whether the gate judged it: `error` if that failed, `skipped` if the gate was off."""
    finish_reason: FinishReason | None = None
    """Why the answer ended; None for a failed request."""
    error_type: str | None = None
    error_message: str | None = None
    """Names the fault and the remedy; written never to quote the request."""

    max_new_tokens: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None

    reflection: RiskScores | None = None
    """The base model's own rating of the request; None when it was not asked."""
    v_threshold: float
    """Potential at which the gate fires."""
    initial_potential: float | None = None
    """Potential at which the gate started; None if it never did."""
    peak_potential: float = 0.0
    """Highest potential the threshold was compared with."""
    num_tokens_released: int = 0
    """Tokens that had left when the request ended."""
    spike_indices: tuple[int, ...] = ()
    """Positions in the answer at which the gate intervened."""
    override_indices: tuple[int, ...] = ()
    """Positions whose token is not the base's own."""
    usage: Usage | None = None
    timing: Timing | None = None


class CategoryRecord(BaseModel):
    """How far a text showed what a category describes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    score: float
    """0 to 10."""
    threshold: float
    flagged: bool
    shadow: bool
    """Whether the category counts for nothing but this record."""


class ExemptionRecord(BaseModel):
    """A match of an allow rule, cut out before the text was judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owner: str
    """Name of the category whose rule it is; `policy` for the policy's own."""
    rule_index: int
    """Place of the rule among its owner's."""
    turn_index: int | None
    """The turn it was cut out of, blank ones left out; None for what a category was scored on."""
    start: int
    """In characters of what it was cut out of."""
    end: int


class VerdictRecord(PairRecord):
    """Everything a guard decided about one text."""

    schema_version: Literal[1] = 1
    kind: Literal["verdict"] = "verdict"
    event_id: str
    """The `record_id` of the `Verdict`."""
    policy_version: str
    policy_digest: str
    """SHA-256 over the policy as canonical JSON, hexadecimal."""

    stage: Literal["input", "output", "retrieval", "tool_args", "tool_result"]
    source_id: str | None = None
    """What the caller names the text by."""
    evaluation: Literal["evaluated", "error", "timeout", "skipped"]
    """Whether the text was judged."""
    flagged: bool
    """Whether something was found; also true of a text that could not be judged."""
    action: Literal["allow", "flag", "steer", "redact", "rewrite", "escalate", "block"]
    """What the policy wants to be done."""
    enforced: bool
    """False if the policy is in shadow mode, and the action was not to be taken."""
    shadow: bool
    """Whether the policy is in shadow mode."""
    error_type: str | None = None
    """Class of the error that kept the text from being judged."""

    risk: float | None = None
    """The base model's own rating, 0 to 10; None when it was not asked."""
    risk_threshold: float | None = None
    injection: float | None = None
    """How far the text hides instructions, 0 to 10; None when that was not asked."""
    peak_potential: float | None = None
    """Highest potential of the neuron; None when it was not asked."""
    potential_threshold: float | None = None
    """Potential from which a text is flagged; None where the neuron is not asked."""
    spike_indices: tuple[int, ...] = ()
    """Tokens of the answer, or of the opening that the models were tried with, at which the gate
    fires."""
    num_spans: int = 0
    """Parts of the text that were pointed out."""
    categories: tuple[CategoryRecord, ...] = ()
    exemptions: tuple[ExemptionRecord, ...] = ()
    latency_s: float
    """From the call to the verdict, waiting included."""
