"""Loading one model from a folder or a hub id: safetensors only, and no code from it."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging as transformers_logging

from ngsd_guard.errors import MissingDependencyError, ModelLoadError
from ngsd_guard.models._adapters import is_adapter_folder
from ngsd_guard.models._causal_lm import HFCausalLM

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
        source: a folder with `config.json` and safetensors weights, or a hub id.
        name: what logs and errors call it; None for `source`.
        device: where it runs; None for the CPU.
        dtype: of its weights; None for float32 on the CPU and the checkpoint's own elsewhere.
        compile: let torch.compile fuse operations, for Llama-like models; the first steps then
            take about a minute, and a C++ compiler on the CPU.
        quantization: load the weights in 4 or 8 bits with bitsandbytes; None leaves them.
        quiet: show no progress bar, for what loads in a moment.

    Raises:
        ConfigurationError: the model is not one that can be compiled.
        MissingDependencyError: quantization needs bitsandbytes.
        ModelLoadError: there is no model, it is incomplete, or it needs code of its own.
    """
    label = str(source)
    if isinstance(source, Path) or Path(source).expanduser().exists():
        source = Path(source).expanduser()
        if is_adapter_folder(source):
            raise ModelLoadError(
                label, "it holds an adapter; pass it as expert= of the base it was trained on"
            )
        if not (source / "config.json").is_file():
            raise ModelLoadError(
                label, "the folder has no config.json; pass a folder made by save_pretrained"
            )
    target = torch.device(device or "cpu")
    with _translate_errors(label), _no_progress_bar() if quiet else nullcontext():
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        model, report = AutoModelForCausalLM.from_pretrained(
            source,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=dtype or (torch.float32 if target.type == "cpu" else "auto"),
            output_loading_info=True,
            **_quantized(quantization, target),
        )
        _refuse_incomplete(label, report)
        model = (model if quantization else model.to(target)).eval()
    return HFCausalLM(model, tokenizer, name=name or label, compiled=compile)


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
