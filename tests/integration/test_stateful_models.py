"""Hybrid and state-space models: decoded one token at a time, or refused when they are loaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    FalconH1Config,
    FalconH1ForCausalLM,
    JambaConfig,
    JambaForCausalLM,
    Lfm2Config,
    Lfm2ForCausalLM,
    Llama4ForCausalLM,
    Llama4TextConfig,
    MambaConfig,
    MambaForCausalLM,
    Qwen3NextConfig,
    Qwen3NextForCausalLM,
    RwkvConfig,
    RwkvForCausalLM,
    xLSTMConfig,
    xLSTMForCausalLM,
)

from ngsd_guard import ModelLoadError, NGSDConfig, load_engine
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
STATE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "pad_token_id": 0,
    "eos_token_id": 2,
}
WORKS: dict[str, Callable[[int], Any]] = {
    "lfm2": lambda v: Lfm2ForCausalLM(
        Lfm2Config(vocab_size=v, layer_types=["conv", "full_attention"], **SIZES)
    ),
    "qwen3_next": lambda v: Qwen3NextForCausalLM(
        Qwen3NextConfig(
            vocab_size=v,
            head_dim=8,
            layer_types=["linear_attention", "full_attention"],
            linear_num_key_heads=2,
            linear_num_value_heads=4,
            linear_key_head_dim=8,
            linear_value_head_dim=8,
            num_experts=4,
            num_experts_per_tok=2,
            moe_intermediate_size=16,
            shared_expert_intermediate_size=16,
            **SIZES,
        )
    ),
    "jamba": lambda v: JambaForCausalLM(
        JambaConfig(
            vocab_size=v,
            use_mamba_kernels=False,
            attn_layer_period=2,
            attn_layer_offset=1,
            num_experts=2,
            mamba_d_state=4,
            **SIZES,
        )
    ),
    "falcon_h1": lambda v: FalconH1ForCausalLM(
        FalconH1Config(
            vocab_size=v,
            mamba_n_heads=8,
            mamba_d_head=8,
            mamba_d_ssm=64,
            mamba_d_state=4,
            **SIZES,
        )
    ),
    "mamba": lambda v: MambaForCausalLM(
        MambaConfig(
            vocab_size=v,
            state_size=4,
            initializer_range=0.6,
            max_position_embeddings=512,
            **STATE,
        )
    ),
}
REFUSED: dict[str, Callable[[int], Any]] = {
    "rwkv": lambda v: RwkvForCausalLM(
        RwkvConfig(vocab_size=v, attention_hidden_size=32, max_position_embeddings=512, **STATE)
    ),
    "xlstm": lambda v: xLSTMForCausalLM(
        xLSTMConfig(vocab_size=v, num_heads=4, max_position_embeddings=512, **STATE)
    ),
}


def save(folder: Path, build: Callable[[int], Any]) -> Path:
    tokenizer = make_tokenizer()
    torch.manual_seed(1)
    build(len(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def continuation(folder: Path, num_tokens: int) -> list[int]:
    """Greedy tokens by the slowest way: everything is read again for each."""
    model = load_causal_lm(folder)
    ids = model.encode_chat(USER)
    new: list[int] = []
    with torch.inference_mode():
        while len(new) < num_tokens and not model.eos_token_ids.intersection(new):
            logits = model.model(input_ids=torch.tensor([ids + new]), use_cache=False).logits
            new.append(int(logits[0, -1, : model.vocab_size].argmax()))
    return new


@pytest.mark.filterwarnings("ignore")  # slow paths of transformers without kernels
@pytest.mark.parametrize("kind", sorted(WORKS))
def test_guarded_hybrid_gives_the_tokens_of_full_readings(kind: str, tmp_path: Path) -> None:
    folder = save(tmp_path, WORKS[kind])
    silent = load_engine(folder, folder, NGSDConfig(gate=GateConfig(v_threshold=1e9)))
    expected = continuation(folder, 6)
    answer = silent.generate(USER, max_new_tokens=6, guarded=False)
    assert list(answer.token_ids) == expected
    both = silent.generate_batch([USER, USER], max_new_tokens=6)
    assert [list(answer.token_ids) for answer in both] == [expected, expected]
    assert not silent.base.new_cache().can_roll_back()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_model_whose_cache_cannot_be_used_is_refused_at_load(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match=f"'{kind}'.*use a model whose layers are attention"):
        load_causal_lm(save(tmp_path, REFUSED[kind]))


@pytest.mark.filterwarnings("ignore")
def test_state_space_model_without_a_length_is_told_what_to_add(tmp_path: Path) -> None:
    folder = save(tmp_path, lambda v: MambaForCausalLM(MambaConfig(vocab_size=v, **STATE)))
    with pytest.raises(ModelLoadError, match=r"add it to config\.json"):
        load_causal_lm(folder)


def test_chunked_attention_is_not_taken_for_a_window(tmp_path: Path) -> None:
    def build(vocab_size: int) -> Any:
        sizes = {"num_local_experts": 2, "intermediate_size_mlp": 32, "attention_chunk_size": 16}
        config = Llama4TextConfig(vocab_size=vocab_size, head_dim=8, **SIZES, **sizes)
        return Llama4ForCausalLM(config)

    folder = save(tmp_path, build)
    engine = load_engine(folder, folder, NGSDConfig(gate=GateConfig(v_threshold=1e9)))
    answer = engine.generate(USER, max_new_tokens=12)
    assert list(answer.token_ids) == continuation(folder, 12)
