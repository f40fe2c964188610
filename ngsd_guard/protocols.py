"""Interfaces of models and caches, implemented in `models/` and `testing`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self

from torch import Tensor

from ngsd_guard.types import Message

Branches = Sequence[int] | Sequence[Sequence[int]]
"""Indices of the tokens that branches follow: of a single row, or a list per row.
See `LanguageModel.read`."""


class KVCache(Protocol):
    """Keys and values of a batch of requests, one row per request."""

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of tokens read, per row."""

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether the cache can still roll back after reading `num_new` more tokens."""

    @property
    def num_bytes(self) -> int:
        """Memory used, in bytes; 0 if unknown."""

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Remove the last `num_tokens[row]` tokens of each row."""

    def fork(self, num_tokens: int | None = None) -> Self:
        """Return an independent copy of each row's first `num_tokens` tokens; None copies all."""

    def spread(self, num_rows: int, num_new: int = 0) -> Self:
        """Return `num_rows` independent copies of a single row, with room for `num_new` tokens."""

    def select(self, rows: Sequence[int]) -> Self:
        """Return a cache of the given rows, in that order."""

    @classmethod
    def join(cls, caches: Sequence[Any]) -> Any:
        """Return one cache with the rows of all `caches`, in order."""


class LanguageModel(Protocol):
    """A causal language model with its tokenizer and chat template."""

    @property
    def name(self) -> str:
        """Name used in logs and errors."""

    @property
    def vocab_size(self) -> int:
        """Width of the returned logits."""

    @property
    def context_length(self) -> int:
        """Maximum number of tokens, prompt and answer together."""

    @property
    def weights_digest(self) -> str:
        """Identifies the weights independently of file, device and loading dtype; hexadecimal."""

    @property
    def tokenizer_digest(self) -> str:
        """Identifies the tokenizer and chat template; hexadecimal."""

    @property
    def num_parameters(self) -> int:
        """Number of weights read per step; used only to compare models."""

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer."""

    def new_cache(self) -> KVCache:
        """Return an empty cache with one row."""

    def read(
        self,
        input_ids: Sequence[Sequence[int]] | Tensor,
        cache: Any,
        *,
        num_logits: int = 1,
        num_base_rows: int = 0,
        branches: Branches = (),
    ) -> Tensor:
        """Read tokens and return the logits of the tokens that follow.

        Args:
            input_ids: [rows, num_new]; the tokens that follow those in the cache, at least one per
                row. Lists may differ in length.
            cache: a cache created by this model; extended by all new tokens except branches.
            num_logits: number of final positions to return logits for, including branches; at most
                the length of the shortest row.
            num_base_rows: number of leading rows to read with the base's weights, if this model
                `adapts` the base.
            branches: alternative continuations, the last tokens of each row: for each, the index
                of the token it follows. Branches are not kept in the cache. Given one list per
                row, the lists must be equally long.

        Returns:
            [rows, num_logits, vocab], float32; unnormalised log-probabilities of the next tokens.
        """

    def adapts(self, base: "LanguageModel") -> bool:
        """Whether this is an adapter of `base` that can read the base's rows in the same pass."""

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, without added special tokens."""

    def encode_chat(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()
    ) -> list[int]:
        """Return the prompt tokens of a conversation, in the model's chat template.

        Args:
            messages: the conversation.
            tools: definitions of the tools the model may call, in OpenAI's format.

        Raises:
            InvalidRequestError: the template does not support these messages, or any tools.
        """

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of tokens, without special tokens."""

    def neutralise(self, text: str) -> str:
        """Return the text with special tokens broken up, so that they are read as plain text."""


class SharedMemoryModel(LanguageModel, Protocol):
    """A language model whose caches all take their memory from one reserve."""

    @property
    def max_prefix_bytes(self) -> int:
        """Memory that caches kept for later requests may take."""

    def when_full(self, release: Callable[[], None]) -> None:
        """Register a method that frees caches kept for later; called when memory is short."""


class HiddenStateModel(LanguageModel, Protocol):
    """A language model whose middle layers can be looked at; what a probe needs."""

    @property
    def num_layers(self) -> int:
        """How many layers it has."""

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
