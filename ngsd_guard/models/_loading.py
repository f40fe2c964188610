"""Loading one model: safetensors or GGUF only, and no code from it."""

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging as transformers_logging

from ngsd_guard.errors import MissingDependencyError, ModelLoadError
from ngsd_guard.models._causal_lm import HFCausalLM
from ngsd_guard.models._gguf import converted, discard_if_damaged
from ngsd_guard.models._log import log
from ngsd_guard.models._sources import local_source

Quantization = Literal["4bit", "8bit"]


def load_causal_lm(
    source: str | Path,
    *,
    name: str | None = None,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    compile: bool = False,
    quantization: Quantization | None = None,
    quiet: bool = False,
) -> HFCausalLM:
    """Load a causal language model and its tokenizer.

    Args:
        source: a folder with `config.json` and safetensors weights, a GGUF file or a folder with
            one, or a hub id. A GGUF file is converted once, into a cache folder (docs/models.md).
        name: what logs and errors call it; None for `source`.
        device: where it runs; None for the CPU.
        dtype: of its weights; None for float32 on the CPU and the checkpoint's own elsewhere.
        compile: let torch.compile fuse operations, for Llama-like models; the first steps then
            take about a minute, and a C++ compiler on the CPU.
        quantization: load the weights in 4 or 8 bits with bitsandbytes; None leaves them.
        quiet: show no progress bar, for what loads in a moment.

    Raises:
        ConfigurationError: the model is not one that can be compiled.
        MissingDependencyError: quantization needs bitsandbytes, a GGUF file the extra `gguf`.
        ModelLoadError: there is no model, it is incomplete, it needs code of its own, or it cannot
            be decoded step by step.
    """
    label, path = str(source), local_source(source)
    load = partial(
        _load, label=label, device=torch.device(device or "cpu"), dtype=dtype, bits=quantization
    )
    with _no_progress_bar() if quiet else nullcontext():
        model, tokenizer = _load_any(source, path, label, load)
    loaded = HFCausalLM(model, tokenizer, name=name or label, compiled=compile)
    _log_dtype(loaded, is_default=dtype is None)
    return loaded


def _log_dtype(loaded: HFCausalLM, *, is_default: bool) -> None:
    weights = loaded.model
    details: dict[str, Any] = {"model": loaded.name, "dtype": str(weights.dtype).split(".")[-1]}
    if weights.device.type == "cpu":
        details["has_bfloat16_instructions"] = has_bfloat16_instructions()
        if is_default and details["has_bfloat16_instructions"]:
            # Not by itself: the weights, and so what calibrations were made for, are rounded.
            details["hint"] = "dtype='bfloat16' is faster here; calibrate the pair in it"
    log.info("model_loaded", device=str(weights.device), **details)


def has_bfloat16_instructions() -> bool:
    """Return whether this CPU multiplies bfloat16 matrices itself (AVX512-BF16, AMX, Arm BF16)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def _load_any(
    source: str | Path, path: Path | None, label: str, load: Callable[[Any], tuple[Any, Any]]
) -> tuple[Any, Any]:
    if path is None or path.is_dir():
        return load(path or source)
    return _load_gguf(path, label, load)


def _load(
    source: str | Path,
    *,
    label: str,
    device: torch.device,
    dtype: str | torch.dtype | None,
    bits: Quantization | None,
) -> tuple[Any, Any]:
    with _translate_errors(label):
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        model, report = AutoModelForCausalLM.from_pretrained(
            source,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=dtype or (torch.float32 if device.type == "cpu" else "auto"),
            output_loading_info=True,
            **_quantized(bits, device),
        )
        _refuse_incomplete(label, report)
        return (model if bits else model.to(device)).eval(), tokenizer


def _load_gguf(path: Path, label: str, load: Callable[[Path], tuple[Any, Any]]) -> tuple[Any, Any]:
    for is_last in (False, True):
        with converted(path, label) as folder:
            try:
                model, tokenizer = load(folder)
                break
            except ModelLoadError:
                if is_last or not discard_if_damaged(path):
                    raise
    model.name_or_path = str(path)
    return model, tokenizer


def _quantized(quantization: Quantization | None, device: torch.device) -> dict[str, Any]:
    if quantization is None:
        return {}
    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingDependencyError(
            "quantization needs bitsandbytes; install it with: "
            "pip install 'ngsd-guard[quantization]'"
        )
    config = BitsAndBytesConfig(
        load_in_4bit=quantization == "4bit", load_in_8bit=quantization == "8bit"
    )
    return {"quantization_config": config, "device_map": {"": device}}


def _refuse_incomplete(label: str, report: dict[str, Any]) -> None:
    # transformers fills missing weights with random ones and goes on.
    for kind in ("missing_keys", "mismatched_keys"):
        if report.get(kind):
            first = sorted(str(key) for key in report[kind])[0]
            raise ModelLoadError(
                label, f"its weights have {kind.replace('_', ' ')}, first {first}; save it again"
            )


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    had_progress_bar = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if had_progress_bar:
            transformers_logging.enable_progress_bar()


@contextmanager
def _translate_errors(label: str) -> Iterator[None]:
    try:
        yield
    except (MissingDependencyError, ModelLoadError):
        raise
    except Exception as error:  # transformers raises many kinds, none of its own
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise ModelLoadError(
            label,
            f"{type(error).__name__}: {reason}. It must be a causal language model with a "
            "tokenizer and safetensors weights, and need no code of its own",
        ) from error
