"""A base and its expert, checked to speak one vocabulary."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ngsd_guard.errors import ConfigurationError, ModelLoadError, VocabularyMismatchError
from ngsd_guard.models._adapters import is_adapter_folder, load_adapter_expert
from ngsd_guard.models._causal_lm import HFCausalLM
from ngsd_guard.models._loading import (
    DEFAULT_EXPERT,
    EMBEDDED_PAIR,
    Quantization,
    embedded_expert_folder,
    load_causal_lm,
    load_embedded,
)


@dataclass(frozen=True, slots=True)
class ModelPair:
    """A base model and its safety expert, over one vocabulary."""

    base: HFCausalLM
    expert: HFCausalLM

    @classmethod
    def join(cls, base: HFCausalLM, expert: HFCausalLM) -> "ModelPair":
        """Check that two models can be mixed, and cut their logits to the common vocabulary.

        Models of one family often pad their embeddings to different sizes; the ids beyond the
        tokenizer's are never wanted, and those beyond the common size are cut.

        Raises:
            VocabularyMismatchError: an id means different tokens to the two tokenizers.
            ModelLoadError: a tokenizer has ids that its model has no logits for.
        """
        _check_same_tokens(base.tokenizer, expert.tokenizer)
        vocab_size = min(base.vocab_size, expert.vocab_size)
        largest_id = max(base.tokenizer.get_vocab().values())
        if largest_id >= vocab_size:
            narrow = base if base.vocab_size == vocab_size else expert
            raise ModelLoadError(
                narrow.name,
                f"its tokenizer has the id {largest_id}, but the model only {vocab_size} logits; "
                "resize its embeddings",
            )
        template = base.chat_template
        return cls(
            base=base.narrowed(vocab_size, template, tool_template=template),
            expert=expert.narrowed(
                vocab_size, expert.own_chat_template or template, tool_template=base.tool_template
            ),
        )


def load_pair(
    base: str | Path = EMBEDDED_PAIR,
    expert: str | Path | None = None,
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    compile: bool = False,
    quantization: Quantization | None = None,
) -> ModelPair:
    """Load a base and its expert.

    An expert may be an adapter on the base itself, LoRA or soft prefix: it then shares the base's
    weights, which stay as they are.

    Args:
        base: a folder, a hub id, or `ngsd-mini` for the embedded pair.
        expert: a folder of a model or of a PEFT adapter, a hub id of a model, or one of the
            embedded base's own: `ngsd-mini` for the small independent one, `ngsd-mini-lora` or
            `ngsd-mini-prefix`. None only with the embedded base, for the first of these.
        device: where both run; None for the CPU.
        dtype: of both models' weights.
        compile: let torch.compile fuse operations of both, which must be Llama-like.
        quantization: load the base's weights in 4 or 8 bits with bitsandbytes.

    Raises:
        ConfigurationError: the base needs an expert and none was named.
        MissingDependencyError: a LoRA expert needs peft, quantization bitsandbytes.
        ModelLoadError: a model cannot be loaded.
        VocabularyMismatchError: the two have different vocabularies.
    """
    if expert is None:
        if str(base) != EMBEDDED_PAIR:
            raise ConfigurationError(
                f"no expert for {str(base)!r}; pass expert= a small safety-tuned model of its "
                "family"
            )
        expert = DEFAULT_EXPERT
    options: dict[str, Any] = {"device": device, "dtype": dtype, "compile": compile}

    def load(source: str | Path, role: str, **more: Any) -> HFCausalLM:
        if str(source) == EMBEDDED_PAIR:
            return load_embedded(role, **options, **more)
        return load_causal_lm(source, **options, **more)

    adapter = _adapter_folder(expert)
    base_model = load(base, "base", quantization=quantization)
    if adapter is None:
        return ModelPair.join(base_model, load(expert, "expert"))
    names = (str(base), base_model.model.name_or_path)
    expert_model = load_adapter_expert(adapter, base_model, base_names=names, name=str(expert))
    return ModelPair.join(base_model, expert_model)


def _adapter_folder(expert: str | Path) -> Path | None:
    if str(expert) == EMBEDDED_PAIR:
        return None
    embedded = embedded_expert_folder(expert)
    folder = embedded or Path(expert).expanduser()
    if is_adapter_folder(folder):
        return folder
    if embedded is not None:
        raise ModelLoadError(
            str(expert),
            "this installation does not hold that expert; leave expert= out for the one it has",
        )
    return None


def _check_same_tokens(base_tokenizer: Any, expert_tokenizer: Any) -> None:
    base_vocab, expert_vocab = base_tokenizer.get_vocab(), expert_tokenizer.get_vocab()
    if base_vocab == expert_vocab:
        return
    base_tokens = {token_id: token for token, token_id in base_vocab.items()}
    expert_tokens = {token_id: token for token, token_id in expert_vocab.items()}
    for token_id in sorted(base_tokens.keys() | expert_tokens.keys()):
        base_token, expert_token = base_tokens.get(token_id), expert_tokens.get(token_id)
        if base_token != expert_token:
            raise VocabularyMismatchError(token_id, base_token, expert_token)
