"""Tiny Llama models as GGUF files, written the way llama.cpp's converter writes them."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "model.layers": "blk",
}


def write_gguf(
    path: Path,
    folder: Path,
    *,
    architecture: str = "llama",
    quantized: bool = False,
    chat_template: bool = True,
    num_splits: int = 1,
    drop: str | None = None,
) -> Path:
    """Write a saved tiny Llama as a GGUF file.

    Args:
        path: of the new file.
        folder: of the model and its tokenizer.
        architecture: what the file says it is.
        quantized: store matrices as Q4_1.
        chat_template: write the tokenizer's.
        num_splits: of how many files it says it is one.
        drop: name of a tensor that is left out.
    """
    model = LlamaForCausalLM.from_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    writer = gguf.GGUFWriter(path, architecture)
    _write_shape(writer, model.config)
    _write_tokenizer(writer, tokenizer, chat_template=chat_template)
    if num_splits > 1:
        writer.add_uint16("split.count", num_splits)
    for name, weight in model.state_dict().items():
        new_name = _gguf_name(name)
        if new_name == drop or (name == "lm_head.weight" and model.config.tie_word_embeddings):
            continue
        values = _permuted(name, weight, model.config).numpy()
        if quantized and values.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q4_1
            writer.add_tensor(new_name, gguf.quants.quantize(values, kind), raw_dtype=kind)
        else:
            writer.add_tensor(new_name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_shape(writer: gguf.GGUFWriter, config: Any) -> None:
    writer.add_name("Tiny")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_vocab_size(config.vocab_size)


def _write_tokenizer(writer: gguf.GGUFWriter, tokenizer: Any, *, chat_template: bool) -> None:
    rules = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    special = {t.content for t in tokenizer.added_tokens_decoder.values() if t.special}
    vocab = tokenizer.get_vocab()
    tokens = sorted(vocab, key=vocab.__getitem__)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    kinds = (gguf.TokenType.CONTROL, gguf.TokenType.NORMAL)
    writer.add_token_types([kinds[0] if token in special else kinds[1] for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in rules["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    if chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _gguf_name(name: str) -> str:
    for own, theirs in _NAMES.items():
        name = name.replace(own, theirs)
    return name


def _permuted(name: str, weight: torch.Tensor, config: Any) -> torch.Tensor:
    """Return queries' and keys' weights with each head's halves interleaved, as llama.cpp does."""
    heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}
    num_heads = next((number for key, number in heads.items() if key in name), None)
    if num_heads is None:
        return weight
    halves = weight.reshape(num_heads, 2, weight.shape[0] // num_heads // 2, weight.shape[1])
    return torch.from_numpy(np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weight.shape)))
