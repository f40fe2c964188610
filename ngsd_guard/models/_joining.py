"""Restriction of two models to their common vocabulary."""

from typing import Any, TypeVar

from ngsd_guard.errors import ModelLoadError, VocabularyMismatchError
from ngsd_guard.models._tokenized import TokenizedModel

ModelT = TypeVar("ModelT", bound=TokenizedModel)


def joined(base: ModelT, expert: ModelT) -> tuple[ModelT, ModelT]:
    """Check that two models can be mixed, and cut their logits to the common vocabulary.

    Models of one family often pad their embeddings to different sizes. The padding is never
    sampled, so logits beyond the smaller size are dropped.

    Returns:
        Base and expert; an expert without a chat template gets the base's.

    Raises:
        VocabularyMismatchError: the tokenizers differ.
        ModelLoadError: a model has fewer logits than the tokenizer has ids.
    """
    _check_same_tokens(base.tokenizer, expert.tokenizer)
    vocab_size = min(base.vocab_size, expert.vocab_size)
    largest_id = max(base.tokenizer.get_vocab().values())
    if largest_id >= vocab_size:
        narrow = base if base.vocab_size == vocab_size else expert
        raise ModelLoadError(
            narrow.name,
            f"its tokenizer has id {largest_id}, but the model has only {vocab_size} logits; "
            "resize the model's embeddings",
        )
    template = base.chat_template
    return (
        base.narrowed(vocab_size, template, tool_template=template),
        expert.narrowed(
            vocab_size, expert.own_chat_template or template, tool_template=base.tool_template
        ),
    )


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
