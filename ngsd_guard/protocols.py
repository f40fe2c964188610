"""What the decoder and the reflection ask of a model; `models/` and `testing` provide it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

from torch import Tensor

from ngsd_guard.types import Message

Branches = Sequence[int] | Sequence[Sequence[int]]
"""Tokens of a lone row, or of each of several, that others follow; see `LanguageModel.read`."""


class KVCache(Protocol):
    """Keys and values of the tokens that some requests have read, a row each."""

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens each row has read."""

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read."""

    @property
    def num_bytes(self) -> int:
        """Memory taken; 0 where it is not known."""

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row."""

    def fork(self, num_tokens: int | None = None) -> Self:
        """Return an independent copy, of each row's first `num_tokens` tokens or of all."""

    def spread(self, num_rows: int, num_new: int = 0) -> Self:
        """Return independent copies of a lone row side by side, with room for `num_new` tokens."""

    def select(self, rows: Sequence[int]) -> Self:
        """Return a cache of some of the rows, in the order given."""

    @classmethod
    def join(cls, caches: Sequence[Any]) -> Any:
        """Return one cache with the rows of several, in their order."""


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
    def tokenizer_digest(self) -> str:
        """Identifies its tokenizer and chat template; hexadecimal."""

    @property
    def num_parameters(self) -> int:
        """How many weights a step reads; only compared with another model's."""

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer."""

    def new_cache(self) -> KVCache:
        """Return the cache of one request that has read nothing."""

    def read(
        self,
        input_ids: Sequence[Sequence[int]] | Tensor,
        cache: Any,
        *,
        num_logits: int = 1,
        num_base_rows: int = 0,
        branches: Branches = (),
    ) -> Tensor:
        """Read tokens and predict what follows the last of them.

        Args:
            input_ids: [rows, num_new]; the tokens that follow those in the cache, at least one.
                Lists may differ in length.
            cache: one of its own; grows by the tokens that are no branches.
            num_logits: at how many of the last positions to predict, branches included; no more
                than the shortest row has tokens.
            num_base_rows: how many of the first rows are the base's, where this `adapts` it.
            branches: for each of a row's last tokens the index of the token that it follows;
                nothing goes on from these, and the cache forgets them. Of several rows, a list
                each, equally long.

        Returns:
            [rows, num_logits, vocab], float32; unnormalised log-probabilities of the next tokens.
        """

    def adapts(self, base: "LanguageModel") -> bool:
        """Whether this is an adapter that can read the base's rows beside its own."""

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, with no special token added around it."""

    def encode_chat(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()
    ) -> list[int]:
        """Return the prompt tokens of a conversation, in the model's own chat template.

        Args:
            messages: the conversation.
            tools: definitions of what the model may call, in OpenAI's form.

        Raises:
            InvalidRequestError: the template does not take these messages, or takes no tools.
        """

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of some tokens, special tokens left out."""

    def neutralise(self, text: str) -> str:
        """Return the text with its special tokens broken up, so that they are read as text."""


class HiddenStateModel(LanguageModel, Protocol):
    """A language model whose middle layers can be looked at; what a probe needs."""

    def hidden_states(self, input_ids: Sequence[Sequence[int]], layer: int) -> list[Tensor]:
        """Return what the first layers make of some texts.

        Args:
            input_ids: tokens of each text, at least one.
            layer: how many layers to run, from 1.

        Returns:
            [num_tokens, hidden] of each text, float32.

        Raises:
            ConfigurationError: the model has no such layer.
        """
