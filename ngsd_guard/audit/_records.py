"""The audit records, which contain neither prompts nor answers."""

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

SCHEMA_VERSION: Final = 3
"""Version 1 had no chain, and only the kinds `request` and `verdict`; version 2 had no index of
chains."""
CODE_PATTERN: Final = r"[A-Za-z0-9_.:@-]{1,64}"
"""Pattern of reviewer ids, event ids and reason codes, which excludes free text."""


class Record(BaseModel):
    """Members of every record; a member that does not apply is omitted from the line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1, 2, 3] = 3
    kind: str
    chain_id: str | None = None
    """Random id of the chain."""
    sequence: int | None = None
    """Position in the chain, from 0."""
    time_utc: str | None = Field(default=None, json_schema_extra={"format": "date-time"})
    time_monotonic_s: float | None = None
    """Monotonic clock of the machine, in seconds from an unspecified start."""
    host: str | None = None
    process_id: int | None = None
    session_id: str | None = None
    """From `audit_context`."""
    trace_id: str | None = None
    """From `audit_context`."""
    actor_hmac: str | None = None
    """Keyed fingerprint of the actor in `audit_context`."""
    key_id: str | None = None
    """Id of the key that signs the chain."""
    prev_hash: str | None = None
    """`hash` of the previous record; 64 zeros in the first."""
    hash: str | None = None
    """SHA-256 over this record without this member, as canonical JSON (RFC 8785); hexadecimal."""


class ContentRecord(Record):
    """References to the texts that a record is about."""

    prompt_hmac: str | None = None
    """HMAC-SHA-256 of the request's text, hexadecimal; with content `hmac` or `full`."""
    output_hmac: str | None = None
    """HMAC-SHA-256 of the answer's text, hexadecimal; with content `hmac` or `full`."""
    content_ref: str | None = None
    """Day whose data key encrypts the stored texts; with content `full`."""


class PairRecord(ContentRecord):
    """Identity of the pair that a record is about."""

    package_version: str
    base: str
    """Name of the base model."""
    expert: str
    """Name of the expert model."""
    base_digest: str | None = None
    """Digest of the base's weights, hexadecimal; None in records of version 1."""
    expert_digest: str | None = None
    """Digest of the expert's weights, hexadecimal; None in records of version 1."""
    tokenizer_digest: str | None = None
    """Digest of the base's tokenizer and chat template, hexadecimal."""
    preset: str
    """Name of the option preset, `calibrated` with a calibration, or `custom`."""
    config_digest: str
    """SHA-256 of the options as canonical JSON, hexadecimal."""
    calibration: str | None = None
    """Name of the calibration; None if the options do not come from one."""
    calibration_digest: str | None = None
    """SHA-256 of the calibration as canonical JSON, hexadecimal."""


class RequestRecord(PairRecord):
    """The gate's decisions about one request."""

    kind: Literal["request"] = "request"
    event_id: str
    """`id` of the `Generation`."""
    num_messages: int
    """Number of messages in the request; 0 if it was not a conversation."""

    status: Literal["completed", "cancelled", "failed"]
    """How the request ended."""
    evaluation: Literal["evaluated", "error", "skipped"]
    """Whether the gate judged the request: `error` if that failed, `skipped` if it was off."""
    finish_reason: FinishReason | None = None
    """Why the answer ended; None for a failed request."""
    error_type: str | None = None
    """Class of the error of a failed request."""
    error_message: str | None = None
    """Message of the error, which names the fault and the remedy but does not quote the request."""

    max_new_tokens: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None

    reflection: RiskScores | None = None
    """The base model's rating of the request; None without one."""
    v_threshold: float
    """Potential at which the gate fires."""
    initial_potential: float | None = None
    """Potential at which the gate started; None if it did not start."""
    peak_potential: float = 0.0
    """Highest potential compared with the threshold."""
    num_tokens_released: int = 0
    """Number of tokens released before the request ended."""
    spike_indices: tuple[int, ...] = ()
    """Positions in the answer at which the gate intervened."""
    override_indices: tuple[int, ...] = ()
    """Positions in the answer whose token differs from the base's."""
    usage: Usage | None = None
    timing: Timing | None = None


class CategoryRecord(BaseModel):
    """Score of a text in one category."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    score: float
    """0 to 10."""
    threshold: float
    flagged: bool
    shadow: bool
    """Whether the category is only recorded and does not affect the verdict."""


class ExemptionRecord(BaseModel):
    """A match of an allow rule, removed before the text was judged."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    owner: str
    """Name of the category with the rule; `policy` for a rule of the policy."""
    rule_index: int
    """Index of the rule among its owner's."""
    turn_index: int | None
    """Index of the turn, not counting blank ones; None for the text that a category was scored
    on."""
    start: int
    """First character of the match."""
    end: int
    """End of the match, exclusive, in characters."""


class VerdictRecord(PairRecord):
    """A guard's decision about one text."""

    kind: Literal["verdict"] = "verdict"
    event_id: str
    """`record_id` of the `Verdict`."""
    policy_version: str
    policy_digest: str
    """SHA-256 of the policy as canonical JSON, hexadecimal."""

    stage: Stage
    source_id: str | None = None
    """The caller's id of the text."""
    evaluation: Evaluation
    """Whether the text was judged."""
    flagged: bool
    """Whether anything was found; also true for a text that could not be judged."""
    action: Action
    """The action that the policy calls for."""
    enforced: bool
    """Whether the action was to be taken; false if the policy is in shadow mode."""
    shadow: bool
    """Whether the policy is in shadow mode."""
    error_type: str | None = None
    """Class of the error because of which the text could not be judged."""

    risk: float | None = None
    """The base model's rating, 0 to 10; None without one."""
    risk_threshold: float | None = None
    """Risk from which a text is flagged."""
    injection: float | None = None
    """Score for hidden instructions, 0 to 10; None without one."""
    peak_potential: float | None = None
    """Highest potential of the neuron; None if it was not used."""
    potential_threshold: float | None = None
    """Potential from which a text is flagged; None if the neuron was not used."""
    spike_indices: tuple[int, ...] = ()
    """Positions in the answer, or in the probe of an input, at which the gate fires."""
    num_spans: int = 0
    """Number of flagged spans."""
    categories: tuple[CategoryRecord, ...] = ()
    exemptions: tuple[ExemptionRecord, ...] = ()
    latency_s: float
    """Time from the call to the verdict, including waiting."""


class ChainHead(BaseModel):
    """Position of another chain of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chain_id: str
    sequence: int
    head_hash: str


class StartRecord(Record):
    """A process started writing."""

    kind: Literal["start"] = "start"
    package_version: str
    python_version: str
    platform: str
    previous_end: Literal["closed", "unclosed"] | None = None
    """How the previous writer of the chain ended; None for the first."""
    set_aside: str | None = None
    """New name of a file that was not a chain and was moved."""
    others: tuple[ChainHead, ...] = ()
    """Positions of the log's other chains, so that the removal of a chain is detected."""


class StopRecord(Record):
    """A process stopped writing and closed the log."""

    kind: Literal["stop"] = "stop"


class ChangeRecord(Record):
    """Requests are judged by other models, options or policies from here on."""

    kind: Literal["change"] = "change"
    subject: Literal["config", "policy", "calibration", "base", "expert", "tokenizer", "patch"]
    name: str
    digest: str
    """SHA-256, hexadecimal."""
    previous_digest: str | None = None
    """Digest in force before; None for the first of this process."""


class TraceRecord(Record):
    """The gate's trace along one answer; written for the share `trace_rate` of requests."""

    kind: Literal["trace"] = "trace"
    event_id: str
    """`event_id` of the request's record, which precedes this one."""
    v_threshold: float
    currents: tuple[float, ...]
    """Distance between base and expert at each token, to four decimals."""
    potentials: tuple[float, ...]
    """Potential compared with the threshold at each token, to four decimals."""
    spike_indices: tuple[int, ...] = ()
    override_indices: tuple[int, ...] = ()


class ErrorRecord(Record):
    """An observer or anchor failed."""

    kind: Literal["error"] = "error"
    source: Literal["observer", "anchor"]
    error_type: str


class OverrideRecord(Record):
    """A human decision that overrides the guard."""

    kind: Literal["override"] = "override"
    event_id: str
    """`event_id` of the request or verdict."""
    decision: Literal["allow", "block"]
    reviewer: str
    """Internal id of the reviewer, not a name."""
    reason_code: str | None = None
    """Code of the reason, not free text."""


class GapRecord(Record):
    """Records are missing here."""

    kind: Literal["gap"] = "gap"
    reason: Literal["torn_tail", "write_failed", "records_lost", "head_lost", "index_lost"]
    """`torn_tail`: a crash left an incomplete line; `write_failed`: records could not be written;
    `records_lost`: records known to the head or the index are missing; `head_lost`: the head is
    missing; `index_lost`: the index of chains is missing or damaged."""
    num_records: int | None = None
    """Number of missing records."""
    num_bytes: int | None = None
    """Length of an incomplete line, in bytes."""


class CheckpointRecord(Record):
    """A checkpoint, optionally signed; its `hash`, stored elsewhere, proves all earlier records."""

    kind: Literal["checkpoint"] = "checkpoint"
    cause: Literal["count", "rotation", "close"]
    others: tuple[ChainHead, ...] = ()
    """Positions of the log's other chains."""
    signature: str | None = None
    """Ed25519 signature of this record without `signature` and `hash`, in canonical JSON;
    URL-safe base64 without padding."""


AnyRecord: TypeAlias = Annotated[
    RequestRecord | VerdictRecord | TraceRecord | StartRecord | StopRecord | ChangeRecord
    | ErrorRecord | OverrideRecord | GapRecord | CheckpointRecord,
    Field(discriminator="kind"),
]  # fmt: skip
_ADAPTER: Final[TypeAdapter[AnyRecord]] = TypeAdapter(AnyRecord)
ENVELOPE: Final = frozenset(Record.model_fields) - {"kind"}
"""Members added by the log."""
_CONTENT: Final = frozenset(ContentRecord.model_fields) - frozenset(Record.model_fields)


def payload(record: Record) -> dict[str, Any]:
    """Return the members of a record that the log does not add."""
    return record.model_dump(mode="json", exclude=set(ENVELOPE | _CONTENT))


def load_record(line: str | bytes) -> AnyRecord:
    """Return the record on a line, in any known schema version.

    Raises:
        AuditError: the line is not a valid record.
    """
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the line"
        raise AuditError(f"not an audit record: {place}: {first['msg']}") from None


def any_record_schema() -> dict[str, Any]:
    """Return pydantic's JSON Schema of all record kinds."""
    return _ADAPTER.json_schema(mode="validation")
