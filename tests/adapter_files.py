"""Adapters of tiny models, saved in peft's format."""

import copy
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file

from ngsd_guard.models import HFCausalLM

NUM_VIRTUAL = 6
TARGETS = {"gpt2": ["c_attn", "c_proj"]}


def save_lora(
    folder: Path, model: HFCausalLM, architecture: str, *, is_zero: bool = False, **options: Any
) -> Any:
    """Save a LoRA in peft's format; return peft's model of it, on an independent copy."""
    torch.manual_seed(11)
    config = LoraConfig(
        r=4,
        lora_alpha=16,
        target_modules=TARGETS.get(architecture, ["q_proj", "v_proj", "down_proj"]),
        fan_in_fan_out=architecture == "gpt2",
        init_lora_weights=is_zero,
        task_type="CAUSAL_LM",
        **options,
    )
    lora = get_peft_model(copy.deepcopy(model.model), config)
    lora.save_pretrained(folder, save_embedding_layers=False)
    return lora.eval()


def save_prefix(
    folder: Path,
    model: HFCausalLM,
    *,
    base_name: str | None = None,
    num_virtual: int = NUM_VIRTUAL,
    hidden_size: int | None = None,
) -> torch.Tensor:
    width = hidden_size or model.model.get_input_embeddings().weight.shape[1]
    embeddings = torch.randn(num_virtual, width, generator=torch.Generator().manual_seed(3))
    config = PromptTuningConfig(
        task_type="CAUSAL_LM",
        num_virtual_tokens=num_virtual,
        base_model_name_or_path=base_name or model.model.name_or_path,
    )
    config.save_pretrained(folder)
    save_file({"prompt_embeddings": embeddings}, folder / "adapter_model.safetensors")
    return embeddings
