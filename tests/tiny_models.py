"""Tiny random-weight models of several architectures, saved as model folders."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_TEXT = [
    "The quick brown fox jumps over the lazy dog while seven wizards rate the request.",
    "severityScore actionabilityScore evasionScore targetingScore 0 1 2 3 4 5 6 7 8 9 10",
    "Ein Bär, ein Schloß, 東京 and a 🦊 make sure that characters span several tokens.",
]
CONTEXT_LENGTH = 512

_SMALL = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": CONTEXT_LENGTH,
    "initializer_range": 0.6,  # flat random logits would make every argmax a near-tie
    "pad_token_id": 0,
    "bos_token_id": None,
}


def _gpt2(vocab_size: int, **options: Any) -> GPT2LMHeadModel:
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=vocab_size,
            n_positions=CONTEXT_LENGTH,
            n_embd=32,
            n_layer=2,
            n_head=4,
            initializer_range=0.6,
            bos_token_id=None,
            **options,
        )
    )


_BUILDERS: dict[str, Callable[..., Any]] = {
    "llama": lambda v, **o: LlamaForCausalLM(LlamaConfig(vocab_size=v, **_SMALL, **o)),
    "qwen3": lambda v, **o: Qwen3ForCausalLM(Qwen3Config(vocab_size=v, head_dim=8, **_SMALL, **o)),
    "gemma3": lambda v, **o: Gemma3ForCausalLM(
        Gemma3TextConfig(
            vocab_size=v,
            head_dim=8,
            sliding_window=16,
            layer_types=["sliding_attention", "full_attention"],
            # Its embeddings are scaled up and tied; larger ones would make it repeat itself.
            **_SMALL | {"initializer_range": 0.2},
            **o,
        )
    ),
    "mistral": lambda v, **o: MistralForCausalLM(
        MistralConfig(vocab_size=v, sliding_window=None, **_SMALL, **o)
    ),
    "mistral_sliding": lambda v, **o: MistralForCausalLM(
        MistralConfig(vocab_size=v, sliding_window=24, **_SMALL, **o)
    ),
    "gpt2": _gpt2,
}
ARCHITECTURES = sorted(_BUILDERS)


def make_tokenizer(extra_tokens: Sequence[str] = ()) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340,
        show_progress=False,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(_TEXT, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    if extra_tokens:
        fast.add_tokens(list(extra_tokens))
    fast.chat_template = CHATML
    return fast


def save_model(
    folder: Path,
    architecture: str,
    *,
    seed: int,
    padding: int = 0,
    eos_token_id: int | list[int] | None = None,
    tokenizer: PreTrainedTokenizerFast | None = None,
) -> Path:
    """Save a tiny random model; `padding` widens its vocabulary beyond the tokenizer's."""
    tokenizer = tokenizer or make_tokenizer()
    torch.manual_seed(seed)
    eos = tokenizer.eos_token_id if eos_token_id is None else eos_token_id
    model = _BUILDERS[architecture](len(tokenizer) + padding, eos_token_id=eos)
    model.generation_config.eos_token_id = eos
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
