"""An engine from names and paths."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ngsd_guard.audit import AuditLog
from ngsd_guard.config import NGSDConfig
from ngsd_guard.engine._engine import Engine
from ngsd_guard.pairs import DEFAULT_PAIR, Backend, Calibration, load_pair

if TYPE_CHECKING:
    import torch


def load_engine(
    base: str | Path = DEFAULT_PAIR,
    expert: str | Path | None = None,
    config: NGSDConfig | None = None,
    device: "str | torch.device | None" = None,
    *,
    dtype: "str | torch.dtype | None" = None,
    audit: AuditLog | str | Path | None = None,
    calibration: Calibration | str | Path | None = None,
    compile: bool = False,
    quantization: Literal["4bit", "8bit"] | None = None,
    backend: Backend | None = None,
    chat_template_kwargs: Mapping[str, Any] | None = None,
) -> Engine:
    """Load a base model, its expert, and the guard between them.

    Takes the arguments of `ngsd_guard.pairs.load_pair`, and raises what it raises.

    Args:
        base: a known pair (`ngsd-mini` ships with this package), a Hugging Face folder or hub id.
        expert: a model or a PEFT adapter on the base; None only with a known pair.
        config: options; None for the pair's calibration, or the preset `default`.
        device: where both models run; None for the CPU.
        dtype: of the weights; None for float32 on the CPU and the checkpoint's own elsewhere.
        audit: an audit log, or the path of one; None records nothing.
        calibration: made for this pair, or the path of one.
        compile: let torch.compile fuse operations.
        quantization: load the base's weights in 4 or 8 bits with bitsandbytes.
        backend: what runs the weights: `"transformers"` or `"llama.cpp"`; None for transformers.
        chat_template_kwargs: variables of the chat templates, such as
            `{"enable_thinking": False}`; part of the `tokenizer_digest` in logs and cache keys.

    Raises:
        AuditError: the audit log cannot be opened.
    """
    log = AuditLog(audit) if isinstance(audit, str | Path) else audit
    pair = load_pair(
        base,
        expert,
        config,
        device,
        dtype=dtype,
        calibration=calibration,
        compile=compile,
        quantization=quantization,
        backend=backend,
    )
    return Engine(pair.with_chat_template_kwargs(chat_template_kwargs or {}), audit=log)
