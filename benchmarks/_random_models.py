"""Models of realistic sizes with random weights; nothing is downloaded."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, Qwen3Config

from ngsd_guard.models import HFCausalLM
from ngsd_guard.models._adapters import load_adapter_expert

_CONTEXT_LENGTH: Final = 4096
_RANK: Final = 16
_PROJECTIONS: Final = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
LORA: Final = "lora"


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a Qwen3 model, with a head dimension of 128 as in the whole family."""

    hidden_size: int
    intermediate_size: int
    num_layers: int
    num_heads: int
    num_kv_heads: int
    tie_word_embeddings: bool = True
    vocab_size: int = 151_936
    head_dim: int = 128


SHAPES: Final = {
    "tiny": Shape(256, 512, 4, 4, 2, vocab_size=2048, head_dim=64),
    "tinier": Shape(128, 256, 2, 2, 1, vocab_size=2048, head_dim=64),
    # The smallest Qwen3 has 0.6B parameters; this is a plausible expert for it.
    "0.1B": Shape(512, 1536, 8, 8, 4),
    "0.6B": Shape(1024, 3072, 28, 16, 8),
    "8B": Shape(4096, 12_288, 36, 32, 8, tie_word_embeddings=False),
}
"""Shapes by name; `0.6B` and `8B` are those of Qwen3, and one is smaller."""


@dataclass(frozen=True, slots=True)
class RandomPair:
    """An untrained base and expert."""

    name: str
    base: HFCausalLM
    expert: HFCausalLM


def make_pair(name: str, device: torch.device, dtype: torch.dtype) -> RandomPair:
    """Make a pair from a name: two shapes, or a shape and `lora`, joined by a plus sign."""
    base_name, _, expert_name = name.partition("+")
    base = _make_model(base_name, device, dtype, seed=0)
    if expert_name == LORA:
        return RandomPair(name, base, _make_lora(base))
    return RandomPair(name, base, _make_model(expert_name, device, dtype, seed=1))


def _make_model(name: str, device: torch.device, dtype: torch.dtype, *, seed: int) -> HFCausalLM:
    shape = SHAPES[name]
    config = Qwen3Config(
        vocab_size=shape.vocab_size,
        hidden_size=shape.hidden_size,
        intermediate_size=shape.intermediate_size,
        num_hidden_layers=shape.num_layers,
        num_attention_heads=shape.num_heads,
        num_key_value_heads=shape.num_kv_heads,
        head_dim=shape.head_dim,
        tie_word_embeddings=shape.tie_word_embeddings,
        max_position_embeddings=_CONTEXT_LENGTH,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=0,
    )
    torch.manual_seed(seed)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config, dtype=dtype)
    return HFCausalLM(model.eval().requires_grad_(False), _make_tokenizer(), name=name)


def _make_tokenizer() -> PreTrainedTokenizerFast:
    """Return a byte-level tokenizer; larger ids are not decoded."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=260,
        show_progress=False,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(["two models and one neuron"], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )


def _make_lora(base: HFCausalLM) -> HFCausalLM:
    """Return a LoRA on every projection of the base, loaded from a folder."""
    generator = torch.Generator().manual_seed(2)
    weights = {}
    for name, module in base.model.named_modules():
        if isinstance(module, nn.Linear) and name.endswith(_PROJECTIONS):
            sizes = {"A": (_RANK, module.in_features), "B": (module.out_features, _RANK)}
            for factor, size in sizes.items():
                values: Any = 0.01 * torch.randn(size, generator=generator)
                weights[f"base_model.model.{name}.lora_{factor}.weight"] = values
    config = {
        "peft_type": "LORA",
        "r": _RANK,
        "lora_alpha": 2 * _RANK,
        "target_modules": list(_PROJECTIONS),
    }
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
        save_file(weights, folder / "adapter_model.safetensors")
        return load_adapter_expert(folder, base, base_names=[base.name], name=LORA)
