"""What the decoder and the reflection ask of a model; `models/` and `testing` provide it."""

from collections.abc import Sequence
from typing import Any, Protocol, Self

from torch import Tensor

from ngsd_guard.types import Message


class KVCache(Protocol):
    """Keys and values of the tokens a model has read."""

    @property
    def length(self) -> int:
        """Tokens read so far."""

    def fork(self) -> Self:
        """Return an independent copy."""


class LanguageModel(Protocol):
    """A causal language model with its own tokenizer and chat template."""

    @property
    def name(self) -> str:
        """What logs and errors call it."""

    @property
    def vocab_size(self) -> int:
        """Width of the logits it returns."""

    @property
    def context_length(self) -> int:
        """Tokens it can read, prompt and answer together."""

    @property
    def weights_digest(self) -> str:
        """Identifies its weights, whatever file, device or wider dtype they are in; hexadecimal."""

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer."""

    def new_cache(self) -> KVCache:
        """Return an empty cache."""

    def forward(self, input_ids: Sequence[int], cache: Any) -> Tensor:
        """Read tokens and predict the next one.

        Args:
            input_ids: the tokens that follow those in the cache; at least one.
            cache: one of its own `new_cache`; grows by `len(input_ids)`.

        Returns:
            [1, vocab], float32; unnormalised log-probabilities of the next token.
        """

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, with no special token added around it."""

    def encode_chat(self, messages: Sequence[Message]) -> list[int]:
        """Return the prompt tokens of a conversation, in the model's own chat template."""

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of some tokens, special tokens left out."""

    def neutralise(self, text: str) -> str:
        """Return the text with its special tokens broken up, so that they are read as text."""
