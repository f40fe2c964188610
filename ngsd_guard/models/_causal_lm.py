"""A Hugging Face causal language model as the decoder sees it."""

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Self

import torch
from torch import Tensor

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.models._context import context_length
from ngsd_guard.models._digest import DigestMemo
from ngsd_guard.models._stateful import check_state, keeps_state
from ngsd_guard.models._tokenized import TokenizedModel
from ngsd_guard.models.cache._row_cache import RowCache, Wanted
from ngsd_guard.models.forward._hidden import hidden_states, num_layers
from ngsd_guard.models.forward._lean import LeanDecoder
from ngsd_guard.models.forward._reading import (
    AnyCache,
    Reading,
    choose_reading,
    read_virtual_tokens,
)
from ngsd_guard.protocols import Branches
from ngsd_guard.rows import branches_of_rows


class HFCausalLM(TokenizedModel):
    """A causal language model with its own tokenizer and chat template.

    Safe to share between threads: all that a request changes is in its cache.

    Args:
        model: a transformers causal LM.
        tokenizer: its tokenizer.
        name: what logs and errors call it.
        vocab_size: width of the logits it returns; None for the model's own.
        chat_template: Jinja source; None for the tokenizer's own, or a plain transcript where it
            has none.
        compiled: let torch.compile fuse operations; for Llama-like models alone.

    Raises:
        ConfigurationError: the model is not one that can be compiled.
        ModelLoadError: it does not say how much it can read, its cache cannot be used, or none of
            its chat templates is the default.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        name: str,
        vocab_size: int | None = None,
        chat_template: str | None = None,
        compiled: bool = False,
    ) -> None:
        super().__init__(
            tokenizer,
            name=name,
            vocab_size=vocab_size or int(model.get_output_embeddings().weight.shape[0]),
            chat_template=chat_template,
        )
        self.model = model
        self._prefix: AnyCache | None = None
        self._prefix_embeddings: Tensor | None = None
        self._adapted_model: Any = None  # of the base, where this is an adapter on it
        self._compiled = compiled
        self._digest = DigestMemo()
        self._reading: Reading = choose_reading(model, compiled=compiled)
        if keeps_state(model):
            check_state(model, self._reading, name)
        self._context_length = context_length(model.config, name)

    def with_model(self, model: Any, *, name: str) -> Self:
        """Return another model behind this one's tokenizer and chat template."""
        other = copy.copy(self)  # the tokenizer's lock is shared with it
        other._name = name
        other._adapted_model = self.model
        other._digest = DigestMemo()
        if model is not self.model:
            other.model = model
            other._reading = choose_reading(model, compiled=self._compiled)
        return other

    def with_prefix(self, embeddings: Tensor, *, name: str) -> Self:
        """Return the same model with virtual tokens before whatever it reads.

        They are read once, here; every new cache starts from their keys and values. They count
        as no tokens: a cache's length leaves them out, and so does `context_length`.

        Args:
            embeddings: [num_virtual_tokens, hidden_size].
            name: what logs and errors call it.
        """
        prefixed = self.with_model(self.model, name=name)
        with torch.inference_mode():
            prefixed._prefix = read_virtual_tokens(
                self.model, self._reading, embeddings[None].to(self.model.device, self.model.dtype)
            )
        prefixed._prefix_embeddings = embeddings
        return prefixed

    @property
    def context_length(self) -> int:
        """Tokens it can read, prompt and answer together."""
        num_virtual = 0 if self._prefix_embeddings is None else len(self._prefix_embeddings)
        return self._context_length - num_virtual

    @cached_property
    def num_parameters(self) -> int:
        """How many weights a step reads; only compared with another model's."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def weights_digest(self) -> str:
        """Identifies its weights, whatever file, device or wider dtype they are in; hexadecimal."""
        tensors = dict(self.model.state_dict())
        if self._prefix_embeddings is not None:
            tensors["prefix"] = self._prefix_embeddings
        return self._digest.digest(tensors)

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer: the generation config's, and the chat template's end of turn.

        The former as transformers reads them: from the generation config, else the model's, else
        the tokenizer.
        """
        for source in (self.model.generation_config, self.model.config, self.tokenizer):
            eos = getattr(source, "eos_token_id", None)
            if eos is not None:
                return self._turn_ends.union([eos] if isinstance(eos, int) else eos)
        return self._turn_ends

    def new_cache(self) -> AnyCache:
        """Return the cache of one request that has read nothing."""
        return self._prefix.fork() if self._prefix else self._reading.new_cache()

    def read(
        self,
        input_ids: Sequence[Sequence[int]] | Tensor,
        cache: AnyCache,
        *,
        num_logits: int = 1,
        num_base_rows: int = 0,
        branches: Branches = (),
    ) -> Tensor:
        """Read tokens and predict what follows the last of them.

        Args:
            input_ids: [rows, num_new]; the tokens that follow those in the cache, at least one.
                Lists may differ in length.
            cache: grows by the tokens that are no branches.
            num_logits: at how many of the last positions to predict, branches included; no more
                than the shortest row has tokens.
            num_base_rows: how many of the first rows are the base's, where this `adapts` it.
            branches: for each of a row's last tokens the index of the token that it follows;
                nothing goes on from these, and the cache forgets them. Of several rows, a list
                each, equally long.

        Returns:
            [rows, num_logits, vocab], float32, on the model's device; cut to `vocab_size`.
        """
        ids, padding = _padded(input_ids)
        own = branches_of_rows(branches, len(ids))
        if padding:
            own = [[i + n for i in row] for row, n in zip(own, padding, strict=True)]
        ids = ids.to(self.model.device)
        with torch.inference_mode():
            wanted = Wanted(
                num_logits,
                self._vocab_size,
                num_base_rows,
                tuple(map(tuple, own)) if any(own) else (),
                padding,
            )
            logits = self._reading(ids, cache, wanted)
            return logits.to(torch.float32)

    @property
    def num_layers(self) -> int:
        """How many layers it has."""
        return num_layers(self.model, self._name)

    def hidden_states(self, input_ids: Sequence[Sequence[int]], layer: int) -> list[Tensor]:
        """Return what the first layers make of some texts; nothing is kept, no other layer runs.

        Args:
            input_ids: tokens of each text, at least one.
            layer: how many layers to run, from 1.

        Returns:
            [num_tokens, hidden] of each text, float32: the residual stream after that many layers,
            before the final norm.

        Raises:
            ConfigurationError: the model has no such layer, its layers cannot be told apart, or
                it is an expert with a soft prefix.
        """
        if self._prefix is not None:
            raise ConfigurationError(
                f"{self._name!r} reads after a soft prefix, and has no hidden states of its own "
                "to probe; probe the base"
            )
        with torch.inference_mode():
            return hidden_states(self.model, self._reading, input_ids, layer, self._name)

    def adapts(self, base: object) -> bool:
        """Whether this is an adapter that can read the base's rows beside its own."""
        if not isinstance(base, HFCausalLM) or self._adapted_model is not base.model:
            return False
        if self.model is base.model:
            return isinstance(self.new_cache(), RowCache)
        return isinstance(self._reading, LeanDecoder)


def _padded(input_ids: Sequence[Sequence[int]] | Tensor) -> tuple[Tensor, tuple[int, ...]]:
    """Return [rows, num_new] tokens, and how many of each row's first are padding.

    The latter is empty where none are.
    """
    if isinstance(input_ids, Tensor):
        return input_ids, ()
    lengths = [len(row) for row in input_ids]
    padding = tuple(max(lengths) - length for length in lengths)
    if not any(padding):
        return torch.as_tensor(input_ids), ()
    return torch.tensor(
        [[0] * n + list(r) for n, r in zip(padding, input_ids, strict=True)]
    ), padding
