"""Attention models of further shapes: the tokens are those of full readings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3MoeConfig,
    Qwen3MoeForCausalLM,
)

from ngsd_guard import NGSDConfig, load_engine
from ngsd_guard.config import GateConfig
from ngsd_guard.models import load_causal_lm
from tiny_models import make_tokenizer

USER: list[Any] = [{"role": "user", "content": "Tell me about a fox."}]
SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "initializer_range": 0.6,
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": 2,
}
BUILDERS: dict[str, Callable[[int], Any]] = {
    "biased llama": lambda v: LlamaForCausalLM(
        LlamaConfig(vocab_size=v, attention_bias=True, mlp_bias=True, **SIZES)
    ),
    "biased qwen2": lambda v: Qwen2ForCausalLM(Qwen2Config(vocab_size=v, **SIZES)),
    "mixtral": lambda v: MixtralForCausalLM(
        MixtralConfig(vocab_size=v, num_local_experts=4, num_experts_per_tok=2, **SIZES)
    ),
    "qwen3 moe": lambda v: Qwen3MoeForCausalLM(
        Qwen3MoeConfig(
            vocab_size=v,
            head_dim=8,
            num_experts=4,
            num_experts_per_tok=2,
            moe_intermediate_size=16,
            **SIZES,
        )
    ),
}


def save(folder: Path, build: Callable[[int], Any]) -> Path:
    tokenizer = make_tokenizer()
    torch.manual_seed(1)
    model = build(len(tokenizer))
    with torch.no_grad():  # biases start at zero, where leaving them out would not be seen
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.5)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", BUILDERS)
def test_tokens_are_those_of_full_readings(kind: str, tmp_path: Path) -> None:
    folder = save(tmp_path, BUILDERS[kind])
    model = load_causal_lm(folder)
    ids, expected = model.encode_chat(USER), list[int]()
    with torch.inference_mode():
        while len(expected) < 8 and not model.eos_token_ids.intersection(expected):
            logits = model.model(input_ids=torch.tensor([ids + expected]), use_cache=False).logits
            expected.append(int(logits[0, -1, : model.vocab_size].argmax()))
    silent = load_engine(folder, folder, NGSDConfig(gate=GateConfig(v_threshold=1e9)))
    for speculative in (True, False):
        answer = silent.generate(USER, max_new_tokens=8, speculative=speculative)
        assert list(answer.token_ids) == expected
    both = silent.generate_batch([USER, USER], max_new_tokens=8)
    assert [list(answer.token_ids) for answer in both] == [expected, expected]
