"""One training loop for a base, an expert or an adapter, within a budget."""

import itertools
import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Self

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from pydantic import Field, model_validator
from torch import Tensor, nn

from ngsd_guard.config import Options
from ngsd_guard.errors import ConfigurationError, DecodingError
from ngsd_guard.training._packing import Batch


class TrainingConfig(Options):
    """How long, how fast and with what to train."""

    max_minutes: float | None = Field(default=None, gt=0)
    """Wall-clock budget; at least one of the two budgets is needed."""
    max_steps: int | None = Field(default=None, ge=1)
    """Budget in optimizer steps; the same on every machine."""
    learning_rate: float = Field(default=3e-3, gt=0)
    """Peak rate."""
    warmup_steps: int = Field(default=100, ge=0)
    """Steps of linear rise."""
    decay_share: float = Field(default=0.4, gt=0, le=1)
    """Share of the budget, at its end, over which the rate falls to a fiftieth."""
    optimizer: Literal["adamw", "muon"] = "adamw"
    """`muon` takes the hidden matrices, AdamW the rest."""
    weight_decay: float = Field(default=0.1, ge=0)
    """Of matrices; vectors have none."""
    distil_share: float = Field(default=0.8, ge=0, le=1)
    """Weight of the distance to the teacher, against the text, where an example is distilled."""
    compile: bool = False
    """Compile the model; half as fast again on a CPU, after about a minute."""

    @model_validator(mode="after")
    def _check_budget(self) -> Self:
        if self.max_minutes is None and self.max_steps is None:
            raise ValueError("there is no budget; give max_minutes, max_steps or both")
        return self

    def spent(self, step: int, seconds: float) -> float:
        """Return the share of the budget that is used up, by its more pressing half."""
        by_time = seconds / 60 / self.max_minutes if self.max_minutes else 0.0
        by_steps = step / self.max_steps if self.max_steps else 0.0
        return max(by_time, by_steps)

    def rate(self, step: int, spent: float) -> float:
        """Return the learning rate: a rise, a plateau, and a fall at the end of the budget."""
        fall = min(1.0, max(0.02, (1.0 - spent) / self.decay_share))
        return self.learning_rate * min(1.0, (step + 1) / (self.warmup_steps + 1)) * fall


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """What one optimizer step did."""

    step: int
    loss: float
    grad_norm: float
    learning_rate: float
    num_tokens: int
    """Read so far, padding included."""
    seconds: float
    """Since the start."""
    spent: float
    """Share of the budget, 0 to 1."""


def train(
    model: nn.Module,
    batches: Iterable[Batch],
    config: TrainingConfig,
    *,
    teacher: nn.Module | None = None,
) -> Iterator[TrainingStep]:
    """Train a Hugging Face causal LM in place; each step runs when the iterator is read.

    Only parameters with `requires_grad` are trained, so an adapter trains alone. On the CPU and on
    CUDA the matrix products run in bfloat16 by autocast; the weights stay as they are.

    Args:
        model: a causal LM, with or without a LoRA, or a `SoftPrefix`.
        batches: see `pack`; may be endless.
        config: budget, rate and optimizer.
        teacher: a frozen model over the same vocabulary, for the examples to be distilled.

    Yields:
        One `TrainingStep` per step; save checkpoints and report progress from it.

    Raises:
        ConfigurationError: nothing is trainable, or the model scales its logits.
        DecodingError: the loss is not finite; the weights are those before the step.
    """
    student = _Scorer(model, compiled=config.compile)
    guide = None if teacher is None else _Scorer(teacher.eval(), compiled=config.compile)
    optimizers = _make_optimizers(model, config)
    trained = [p for p in model.parameters() if p.requires_grad]
    model.train()
    started, num_tokens = time.monotonic(), 0
    for step, batch in enumerate(batches):
        spent = config.spent(step, time.monotonic() - started)
        if spent >= 1:
            break
        rate = config.rate(step, spent)
        for group in itertools.chain(*(optimizer.param_groups for optimizer in optimizers)):
            group["lr"] = rate
        loss = _loss(student, guide, batch, config.distil_share)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise DecodingError(f"the loss is {value} at step {step}; lower learning_rate")
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        num_tokens += batch.input_ids.numel()
        seconds = time.monotonic() - started
        yield TrainingStep(step, value, float(norm), rate, num_tokens, seconds, spent)
    model.eval()


def training_loss(
    model: nn.Module, batch: Batch, *, teacher: nn.Module | None = None, distil_share: float = 0.8
) -> Tensor:
    """Return the weighted mean loss of a batch, a scalar.

    Cross-entropy in nats; where an example is distilled and there is a teacher, `distil_share` of
    it is the cross-entropy to the teacher's distribution instead.
    """
    guide = None if teacher is None else _Scorer(teacher)
    return _loss(_Scorer(model), guide, batch, distil_share)


class _Scorer:
    """Computes logits at chosen positions only: those of all would be much of the work."""

    def __init__(self, model: Any, *, compiled: bool = False) -> None:
        text_config = model.config.get_text_config()
        for name in ("final_logit_softcapping", "logit_scale", "logits_scaling"):
            if getattr(text_config, name, None) not in (None, 1, 1.0):
                raise ConfigurationError(
                    f"the model scales its logits ({name}), which this trainer does not do yet; "
                    "train it with transformers.Trainer"
                )
        self._model = model
        self._additive = getattr(model.config, "_attn_implementation", None) == "eager"
        backbone = model.base_model
        self._backbone = torch.compile(backbone, dynamic=False) if compiled else backbone

    def _hidden_states(self, batch: Batch) -> Tensor:
        mask = batch.attention_mask
        if self._additive:
            zero = torch.zeros((), dtype=torch.bfloat16)
            mask = torch.where(mask, zero, torch.finfo(torch.bfloat16).min)
        hidden: Tensor = self._backbone(
            input_ids=batch.input_ids,
            attention_mask=mask,
            position_ids=batch.position_ids,
            use_cache=False,
        ).last_hidden_state
        return hidden

    def logits(self, batch: Batch, chosen: Tensor) -> Tensor:
        """Return float32 logits, [chosen, vocab]."""
        with torch.autocast(batch.input_ids.device.type, torch.bfloat16):
            hidden = self._hidden_states(batch)[chosen]
            logits: Tensor = self._model.get_output_embeddings()(hidden)
        return logits.float()


def _loss(student: _Scorer, guide: _Scorer | None, batch: Batch, distil_share: float) -> Tensor:
    chosen = batch.weights > 0  # [rows, length]
    weights = batch.weights[chosen]  # [chosen]
    labels = batch.input_ids.roll(-1, dims=1)[chosen]  # [chosen]
    logits = student.logits(batch, chosen)  # [chosen, vocab]
    losses = F.cross_entropy(logits, labels, reduction="none")  # [chosen]
    if guide is not None:
        with torch.no_grad():
            targets = guide.logits(batch, chosen).softmax(dim=-1)  # [chosen, vocab]
        distance = F.cross_entropy(logits, targets, reduction="none")  # [chosen]
        mixed = distil_share * distance + (1 - distil_share) * losses
        losses = torch.where(batch.distil[chosen], mixed, losses)
    return (weights * losses).sum() / weights.sum().clamp_min(1e-8)


def _make_optimizers(model: nn.Module, config: TrainingConfig) -> list[torch.optim.Optimizer]:
    trained = [p for p in model.parameters() if p.requires_grad]
    if not trained:
        raise ConfigurationError("no parameter has requires_grad; there is nothing to train")
    embeddings = {id(p) for m in model.modules() if isinstance(m, nn.Embedding)
                  for p in m.parameters()}  # fmt: skip
    hidden = [p for p in trained if p.dim() == 2 and id(p) not in embeddings]
    optimizers: list[torch.optim.Optimizer] = []
    if config.optimizer == "muon" and hidden:
        optimizers.append(
            torch.optim.Muon(
                hidden,
                lr=config.learning_rate,
                weight_decay=config.weight_decay,
                adjust_lr_fn="match_rms_adamw",
            )
        )
        taken = {id(p) for p in hidden}
        trained = [p for p in trained if id(p) not in taken]
    groups = [
        {"params": [p for p in trained if p.dim() > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if groups:
        optimizers.append(
            torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.95), fused=True)
        )
    return optimizers
