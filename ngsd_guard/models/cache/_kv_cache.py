"""A transformers cache with rollback."""

import copy
from typing import Any, Self

from transformers import DynamicCache

from ngsd_guard.errors import DecodingError
from ngsd_guard.models._stateful import has_state


class HFCache:
    """The keys and values of one request to a Hugging Face model.

    Args:
        config: the model's configuration, which determines the layers with a sliding window.
        num_virtual_tokens: length of a soft prefix at the start of the cache; these tokens are not
            counted and cannot be rolled back.
    """

    def __init__(self, config: Any, *, num_virtual_tokens: int = 0) -> None:
        self.num_virtual_tokens = num_virtual_tokens
        self.past_key_values = DynamicCache(config=config)
        self.is_stateful = has_state(self.past_key_values.layers)
        self._num_read = 0  # kept here because states do not count

    @property
    def length(self) -> int:
        """Number of tokens read, without virtual ones."""
        if self.is_stateful:
            return self._num_read - self.num_virtual_tokens
        return int(self.past_key_values.get_seq_length()) - self.num_virtual_tokens

    def count(self, num_tokens: int) -> None:
        """Take note of tokens that were read."""
        self._num_read += num_tokens

    def fork(self) -> Self:
        """Return an independent copy."""
        return copy.deepcopy(self)

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether the cache can still roll back after reading `num_new` more tokens.

        It cannot once a sliding window has dropped tokens, nor where layers keep a state.
        """
        return not self.is_stateful and not any(
            getattr(layer, "is_sliding", False)
            and layer.get_seq_length() + num_new >= layer.sliding_window
            for layer in self.past_key_values.layers
        )

    def roll_back(self, num_tokens: int) -> None:
        """Remove the last `num_tokens` tokens.

        Raises:
            DecodingError: the cache has fewer tokens, or a sliding window has dropped some.
        """
        if num_tokens == 0:
            return
        if not 0 < num_tokens <= self.length:
            raise DecodingError(f"cannot roll back {num_tokens} of {self.length} tokens")
        if not self.can_roll_back():
            raise DecodingError(
                "a cache with a state, or past its sliding window, cannot roll back; decode "
                "one token at a time"
            )
        # A positive count means different things in different releases; a negative one removes.
        self.past_key_values.crop(-num_tokens)
