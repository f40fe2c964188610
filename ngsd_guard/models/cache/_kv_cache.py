"""One wrapper that owns rollback of a transformers cache."""

import copy
from typing import Any, Self

from transformers import DynamicCache

from ngsd_guard.errors import DecodingError


class HFCache:
    """Keys and values of the tokens a Hugging Face model has read.

    Args:
        config: the model's configuration, which says which layers have a sliding window.
        num_virtual_tokens: how many of the first keys and values belong to a soft prefix; they
            are not counted and cannot be forgotten.
    """

    def __init__(self, config: Any, *, num_virtual_tokens: int = 0) -> None:
        self.num_virtual_tokens = num_virtual_tokens
        self.past_key_values = DynamicCache(config=config)

    @property
    def length(self) -> int:
        """Tokens read so far, virtual ones left out."""
        return int(self.past_key_values.get_seq_length()) - self.num_virtual_tokens

    def fork(self) -> Self:
        """Return an independent copy."""
        return copy.deepcopy(self)

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read.

        Not once a sliding window has dropped older ones.
        """
        return not any(
            getattr(layer, "is_sliding", False)
            and layer.get_seq_length() + num_new >= layer.sliding_window
            for layer in self.past_key_values.layers
        )

    def roll_back(self, num_tokens: int) -> None:
        """Forget the last `num_tokens` tokens.

        Raises:
            DecodingError: there are not so many, or a sliding window has passed them.
        """
        if num_tokens == 0:
            return
        if not 0 < num_tokens <= self.length:
            raise DecodingError(f"cannot forget {num_tokens} of {self.length} tokens")
        if not self.can_roll_back():
            raise DecodingError(
                "a cache past its sliding window cannot roll back; decode one token at a time"
            )
        # Releases differ in what a positive count means; a negative one always removes.
        self.past_key_values.crop(-num_tokens)
