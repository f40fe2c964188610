"""Options of `train-expert`."""

import hashlib
import json
from typing import Any, Final, Literal, Self

from pydantic import Field, model_validator

from ngsd_guard.config import Options

Method = Literal["lora", "prefix", "small", "full"]

_SHAPE: Final = {"method", "rank", "untouched_share", "num_virtual_tokens"}
_BUDGET: Final = {
    "minutes", "max_steps", "checkpoint_steps", "num_validation", "learning_rate", "warmup_steps",
    "decay_share", "anchor_weight", "mine_at",
}  # fmt: skip


class ExpertRecipe(Options):
    """How an expert is trained from prompt files (spec section 7).

    The defaults fit a model of 135M parameters into an hour on two CPU cores.
    """

    method: Method = "lora"
    """`lora` and `prefix` train an adapter, `full` a copy of the base, `small` another model."""
    minutes: float | None = Field(default=60.0, gt=0)
    """Wall-clock budget of training, sampling included; None for no limit."""
    max_steps: int | None = Field(default=None, ge=1)
    """Budget in optimizer steps; gives the same weights on every run of one machine."""
    seed: int = Field(default=0, ge=0)
    """Chooses requests, wrappings, sampled beginnings and initial weights."""
    rank: int = Field(default=16, ge=1)
    """Rank of the LoRA."""
    untouched_share: float = Field(default=1 / 3, ge=0, lt=1)
    """Share of the layers, from the bottom, without LoRA; the backward pass stops above them."""
    num_virtual_tokens: int = Field(default=50, ge=1)
    """Length of the soft prefix."""
    learning_rate: float = Field(default=1e-3, gt=0)
    """Peak rate of AdamW; take about 2e-5 for `full` and `small`."""
    warmup_steps: int = Field(default=20, ge=0)
    """Steps of linear rise."""
    decay_share: float = Field(default=0.5, gt=0, le=1)
    """Share of the budget, at its end, over which the rate falls to a fiftieth."""
    tokens_per_batch: int = Field(default=1536, ge=64)
    """Size of a batch, padding included."""
    max_document_tokens: int = Field(default=384, ge=48)
    """Longest document; longer wrappings are left out, longer requests cut at their end."""
    documents_per_round: int = Field(default=256, ge=8)
    """Documents drawn and sampled for at a time."""
    passes: int = Field(default=3, ge=1)
    """Times that each drawn document is trained on."""
    sampling_batch: int = Field(default=96, ge=1)
    """Documents sampled for at a time."""
    answer_tokens: int = Field(default=14, ge=1)
    """Tokens of the base's own answer that a harmless request is trained on."""
    longest_start: int = Field(default=40, ge=1)
    """Most tokens of the base's own answer before a refusal begins."""
    harmful_share: float = Field(default=0.42, gt=0, lt=1)
    """Share of documents with a harmful request."""
    lookalike_share: float = Field(default=0.4, ge=0, le=1)
    """Share of harmless requests that only sound harmful."""
    wrapped_share: float = Field(default=0.4, ge=0, le=1)
    """Share of requests in a wrapping, harmful or not."""
    styled_share: float = Field(default=0.12, ge=0, le=1)
    """Share in another style (case, typos, ...), harmful or not."""
    started_share: float = Field(default=0.5, ge=0, le=1)
    """Share whose answer has already started, harmful or not: the deep-alignment share."""
    second_turn_share: float = Field(default=0.06, ge=0, le=1)
    """Share that comes after an earlier turn, harmful or not."""
    anchor_weight: float = Field(default=1.5, gt=0)
    """Weight of the distance to the base on harmless text, against the refusals."""
    anchor: Literal["distance", "text"] = "distance"
    """What harmless answers teach: the base's distribution, or only its sampled text."""
    mine_at: tuple[float, ...] = (0.4, 0.7)
    """Shares of the budget after which mistakes are looked for and given more weight."""
    mined_documents: int = Field(default=320, ge=1)
    """Documents looked at each time."""
    mined_weight: float = Field(default=3.0, ge=1)
    """How much more often a request is drawn after a mistake."""
    excluded_subsets: tuple[str, ...] = ("copyright",)
    """Subsets of the harmful files that are left out: a song text is not a harm of this kind."""
    num_validation: int = Field(default=32, ge=2)
    """Requests of each kind in the validation."""
    checkpoint_steps: int = Field(default=25, ge=1)
    """Optimizer steps between two checkpoints."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.minutes is None and self.max_steps is None:
            raise ValueError("there is no budget; give minutes, max_steps or both")
        if self.max_document_tokens > self.tokens_per_batch:
            raise ValueError("max_document_tokens must not exceed tokens_per_batch")
        return self

    @property
    def shape(self) -> str:
        """Digest of what decides which weights there are: a checkpoint needs the same."""
        return _digest(self.model_dump(mode="json", include=_SHAPE))

    @property
    def documents(self) -> str:
        """Digest of everything but the budget and the rate: what decides which documents come."""
        return _digest(self.model_dump(mode="json", exclude=_BUDGET))

    def spent(self, step: int, seconds: float) -> float:
        """Return the share of the budget that is used up, by its more pressing half."""
        by_time = seconds / 60 / self.minutes if self.minutes else 0.0
        by_steps = step / self.max_steps if self.max_steps else 0.0
        return max(by_time, by_steps)

    def rate(self, step: int, spent: float) -> float:
        """Return the learning rate: a rise, a plateau, and a fall at the end of the budget."""
        fall = min(1.0, max(0.02, (1.0 - spent) / self.decay_share))
        return self.learning_rate * min(1.0, (step + 1) / (self.warmup_steps + 1)) * fall


def _digest(options: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()
