"""What an audit record says; it holds no prompt and no answer."""

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ngsd_guard.errors import AuditError
from ngsd_guard.types import (
    Action,
    Evaluation,
    FinishReason,
    RiskScores,
    Stage,
    Timing,
    Usage,
)

SCHEMA_VERSION: Final = 2
CODE_PATTERN: Final = r"[\w.:@-]{1,64}"
"""What a reviewer's id and a reason's code are made of, so that neither is free text."""
"""1 had neither a chain nor the kinds beside `request` and `verdict`."""


class Record(BaseModel):
    """What the log adds to every record; a member that does not apply is left out of the line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1, 2] = 2
    kind: str
    chain_id: str | None = None
    """Drawn at random when the chain was begun."""
    sequence: int | None = None
    """Place in the chain, from 0."""
    time_utc: str | None = Field(default=None, json_schema_extra={"format": "date-time"})
    time_monotonic_s: float | None = None
    """The machine's own clock, which is never set back; in seconds from an unspecified start."""
    host: str | None = None
    process_id: int | None = None
    session_id: str | None = None
    """From `audit_context`."""
    trace_id: str | None = None
    """From `audit_context`."""
    actor_hmac: str | None = None
    """Keyed fingerprint of the actor in `audit_context`."""
    key_id: str | None = None
    """The key the chain is signed with."""
    prev_hash: str | None = None
    """`hash` of the record before; 64 zeros in the first."""
    hash: str | None = None
    """SHA-256 over this record without this member, as canonical JSON (RFC 8785); hexadecimal."""


class ContentRecord(Record):
    """What is kept of the texts a record is about."""

    prompt_hmac: str | None = None
    """HMAC-SHA-256 of the request's text, hexadecimal; with content `hmac` and `full`."""
    output_hmac: str | None = None
    """HMAC-SHA-256 of the answer's text."""
    content_ref: str | None = None
    """Day whose data key the stored texts are encrypted with; with content `full`."""


class PairRecord(ContentRecord):
    """What every record says of the pair it is about."""

    package_version: str
    base: str
    """Name of the base model."""
    expert: str
    """Name of the expert model."""
    base_digest: str | None = None
    """Digest of its weights, hexadecimal; None in records of version 1."""
    expert_digest: str | None = None
    tokenizer_digest: str | None = None
    """Digest of the base's tokenizer and chat template, hexadecimal."""
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

    kind: Literal["verdict"] = "verdict"
    event_id: str
    """The `record_id` of the `Verdict`."""
    policy_version: str
    policy_digest: str
    """SHA-256 over the policy as canonical JSON, hexadecimal."""

    stage: Stage
    source_id: str | None = None
    """What the caller names the text by."""
    evaluation: Evaluation
    """Whether the text was judged."""
    flagged: bool
    """Whether something was found; also true of a text that could not be judged."""
    action: Action
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


class ChainHead(BaseModel):
    """How far a chain had come."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chain_id: str
    sequence: int
    head_hash: str


class StartRecord(Record):
    """A process began to write."""

    kind: Literal["start"] = "start"
    package_version: str
    python_version: str
    platform: str
    previous_end: Literal["closed", "unclosed"] | None = None
    """How the writer before it ended; None if it is the chain's first."""
    set_aside: str | None = None
    """Name that a file which was no chain was moved to."""
    others: tuple[ChainHead, ...] = ()
    """The other chains of this log, so that none can be taken away whole."""


class StopRecord(Record):
    """A process ended its writing in order."""

    kind: Literal["stop"] = "stop"


class ChangeRecord(Record):
    """What requests are judged by from here on, where that was not so before."""

    kind: Literal["change"] = "change"
    subject: Literal["config", "policy", "calibration", "base", "expert", "tokenizer"]
    name: str
    digest: str
    """SHA-256, hexadecimal."""
    previous_digest: str | None = None
    """None if this process had none before."""


class TraceRecord(Record):
    """The gate along one answer; written for the share `trace_rate` of requests."""

    kind: Literal["trace"] = "trace"
    event_id: str
    """Of the request's record, which precedes this one."""
    v_threshold: float
    currents: tuple[float, ...]
    """Distance between base and expert at each token, to four places."""
    potentials: tuple[float, ...]
    """Potential that the threshold was compared with, likewise."""
    spike_indices: tuple[int, ...] = ()
    override_indices: tuple[int, ...] = ()


class ErrorRecord(Record):
    """Something beside a request or a verdict failed."""

    kind: Literal["error"] = "error"
    source: Literal["observer", "anchor"]
    error_type: str


class OverrideRecord(Record):
    """A human decided otherwise."""

    kind: Literal["override"] = "override"
    event_id: str
    """The record that is overridden."""
    decision: Literal["allow", "block"]
    reviewer: str
    """An id by which the reviewer's employer knows them; no name."""
    reason_code: str | None = None


class GapRecord(Record):
    """Something is missing here, and what is known of it."""

    kind: Literal["gap"] = "gap"
    reason: Literal["torn_tail", "write_failed", "records_lost", "head_lost"]
    """A line was half written at a crash; records could not be written; what the head tells of
    is not in the file; the head is not there."""
    num_records: int | None = None
    num_bytes: int | None = None


class CheckpointRecord(Record):
    """A signed or unsigned mark; its `hash`, kept elsewhere, vouches for all before it."""

    kind: Literal["checkpoint"] = "checkpoint"
    cause: Literal["count", "rotation", "close"]
    others: tuple[ChainHead, ...] = ()
    signature: str | None = None
    """Ed25519 over this record without `signature` and `hash`, in canonical JSON; URL-safe
    base64 without padding."""


AnyRecord: TypeAlias = Annotated[
    RequestRecord | VerdictRecord | TraceRecord | StartRecord | StopRecord | ChangeRecord
    | ErrorRecord | OverrideRecord | GapRecord | CheckpointRecord,
    Field(discriminator="kind"),
]  # fmt: skip
_ADAPTER: Final[TypeAdapter[AnyRecord]] = TypeAdapter(AnyRecord)
ENVELOPE: Final = frozenset(Record.model_fields) - {"kind"}
"""What the log adds."""
_CONTENT: Final = frozenset(ContentRecord.model_fields) - frozenset(Record.model_fields)


def payload(record: Record) -> dict[str, Any]:
    """Return a record's own members."""
    return record.model_dump(mode="json", exclude=set(ENVELOPE | _CONTENT))


def load_record(line: str | bytes) -> AnyRecord:
    """Return the record on a line, of any version.

    Raises:
        AuditError: the line is no record of a version that is known.
    """
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise AuditError(f"this is no audit record: {place}: {first['msg']}") from None


def any_record_schema() -> dict[str, Any]:
    """Return pydantic's JSON Schema of all kinds."""
    return _ADAPTER.json_schema(mode="validation")
