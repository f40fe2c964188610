"""What an audit record says; it holds no prompt and no answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ngsd_guard.types import FinishReason, RiskScores, Timing, Usage


class RequestRecord(BaseModel):
    """Everything the gate decided about one request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    kind: Literal["request"] = "request"
    event_id: str
    """The id of the `Generation`, so that an answer leads to its record."""
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
