"""Which call of `generate` a step belongs to, and which of its rows are still answering."""

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.errors import ConfigurationError

_NORMALISED: Final = 1e-3
"""A row of log-probabilities sums to one within this; raw logits do not, but by accident."""


class Call:
    """The rows of one call of `generate`, as they grow.

    Args:
        input_ids: [rows, length]; the prompts, padded on the left.
        starts: of each row, how many of its first tokens are padding.
    """

    def __init__(self, input_ids: Tensor, starts: Sequence[int]) -> None:
        self._input_ids = input_ids
        self._starts = tuple(starts)
        self.prompt_length = int(input_ids.shape[1])
        self.prompts = [
            row[start:] for row, start in zip(input_ids.tolist(), self._starts, strict=True)
        ]

    def continues(self, input_ids: Tensor) -> bool:
        """Take in the next step's tokens; return whether they are this call's, and one more.

        Raises:
            ConfigurationError: the tokens are this call's prompts with other answers than before.
        """
        seen = self._input_ids
        rows, length = seen.shape
        if input_ids.shape == (rows, length + 1) and torch.equal(input_ids[:, :-1], seen):
            self._input_ids = input_ids
            return True
        if self._goes_back(input_ids):
            raise ConfigurationError(
                "generate took tokens back or changed the order of its rows, as beam search and "
                "assisted generation do, and the gate cannot follow that exactly; use num_beams=1 "
                "and neither assistant_model nor prompt_lookup_num_tokens (or, between two calls "
                "with the same beginning, call finish())"
            )
        return False

    def answers(self, input_ids: Tensor) -> list[list[int]]:
        """Return what follows each row's prompt."""
        answers: list[list[int]] = input_ids[:, self.prompt_length :].tolist()
        return answers

    def _goes_back(self, input_ids: Tensor) -> bool:
        rows, length = self._input_ids.shape
        if len(input_ids) != rows or not self.prompt_length < input_ids.shape[1] <= length + 1:
            return False
        prompts = self._input_ids[:, : self.prompt_length]
        return torch.equal(input_ids[:, : self.prompt_length], prompts)


def check_exactness(prompts: Sequence[Sequence[int]], scores: Tensor) -> None:
    """Refuse beam search at its first step, where its rows have not parted yet.

    It gives log-probabilities where others give logits, and each prompt several rows.

    Args:
        prompts: of the rows.
        scores: [rows, vocab].

    Raises:
        ConfigurationError: the call is a beam search.
    """
    has_copies = len(set(map(tuple, prompts))) < len(prompts)
    if not has_copies:
        return
    if bool((torch.logsumexp(scores.float(), dim=-1).abs() < _NORMALISED).all()):
        raise ConfigurationError(
            "generate runs a beam search, whose rows the gate cannot follow exactly; use "
            "num_beams=1, with do_sample=True and num_return_sequences for several answers"
        )


def paddings(
    input_ids: Tensor, attention_mask: Tensor | None, pad_token_id: int | None
) -> list[int]:
    """Return how many of each row's first tokens are padding.

    Args:
        input_ids: [rows, length].
        attention_mask: [prompts, length], 1 at tokens, 0 at padding; None to go by the padding
            token. Each prompt may have several rows, one after another.
        pad_token_id: None where there is none.

    Raises:
        ConfigurationError: the mask is of another shape, or the padding is not on the left.
    """
    rows, length = input_ids.shape
    if attention_mask is None:
        if pad_token_id is None:
            return [0] * rows
        is_token = (input_ids != pad_token_id).long()
        return [int(row.argmax()) if bool(row.any()) else 0 for row in is_token]
    mask = attention_mask.to(input_ids.device).long()
    if mask.dim() != 2 or mask.shape[1] != length or rows % len(mask) != 0:
        raise ConfigurationError(
            f"attention_mask is {tuple(attention_mask.shape)} and the prompts {(rows, length)}; "
            "pass the mask that goes with input_ids, or leave it out"
        )
    mask = mask.repeat_interleave(rows // len(mask), dim=0)
    starts = [int(row.argmax()) for row in mask]
    if any(not bool(row[start:].all()) for row, start in zip(mask, starts, strict=True)):
        raise ConfigurationError(
            "attention_mask has padding after a token; pad on the left: "
            "tokenizer.padding_side = 'left'"
        )
    return starts
