"""A model that llama.cpp runs, as the decoder sees it."""

import copy
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from ngsd_guard.errors import ContextOverflowError, DecodingError
from ngsd_guard.models._tokenized import TokenizedModel
from ngsd_guard.models.llamacpp._cache import SequenceCache
from ngsd_guard.models.llamacpp._context import Context, Row
from ngsd_guard.models.llamacpp._weights import Adapter
from ngsd_guard.protocols import Branches
from ngsd_guard.rows import branches_of_rows

_PREFIX_SHARE = 4  # prefixes that are kept for later take at most one in so many tokens


class LlamaCppModel(TokenizedModel):
    """A causal language model whose weights llama.cpp reads from a GGUF file.

    All requests are sequences of one context, and are read in one batch. Safe to share between
    threads; they take turns. It has no hidden states to probe.

    Args:
        context: the sequences, over the weights.
        tokenizer: the file's own, as transformers reads it.
        name: what logs and errors call it.
        file_digest: SHA-256 of the file, hexadecimal.
    """

    def __init__(self, context: Context, tokenizer: Any, *, name: str, file_digest: str) -> None:
        weights = context.weights
        super().__init__(tokenizer, name=name, vocab_size=weights.vocab_size)
        self.context = context
        self._file_digest = file_digest
        self._num_parameters = weights.num_parameters

    def with_adapter(self, adapter: Adapter, *, name: str, file_digest: str) -> Self:
        """Return another model: an adapter on the same weights, with sequences of its own.

        Args:
            adapter: on this model's weights.
            name: what logs and errors call it.
            file_digest: SHA-256 of the adapter's file, hexadecimal.
        """
        other = copy.copy(self)  # the tokenizer's lock is shared with it
        other.context = Context(self.context.weights, adapter, num_tokens=self.context.num_tokens)
        other._name = name
        both = f"{self._file_digest}\0{file_digest}"
        other._file_digest = hashlib.sha256(both.encode()).hexdigest()
        other._num_parameters = self._num_parameters + adapter.num_parameters
        return other

    @property
    def path(self) -> Path:
        """The file that its weights are in."""
        return self.context.weights.path

    @property
    def context_length(self) -> int:
        """Tokens it can read, prompt and answer together."""
        return min(self.context.weights.context_length, self.context.num_tokens)

    @property
    def num_parameters(self) -> int:
        """How many weights a step reads; only compared with another model's."""
        return self._num_parameters

    @property
    def weights_digest(self) -> str:
        """Identifies its weights as they are run: `llama.cpp-`, how they are stored, and a hash."""
        return f"llama.cpp-{self.context.weights.quantization}-{self._file_digest}"

    @property
    def eos_token_ids(self) -> frozenset[int]:
        """Tokens that end an answer: the file's, and the chat template's end of turn."""
        eos = self.context.weights.eos_token_id
        return super().eos_token_ids.union([eos] if eos >= 0 else [])

    @property
    def max_prefix_bytes(self) -> int:
        """Memory that prefixes kept for later may take of the context's."""
        per_token = self.context.weights.bytes_per_token
        return self.context.num_tokens // _PREFIX_SHARE * per_token

    def when_full(self, release: Callable[[], None]) -> None:
        """Register a method that frees caches; called when the context is full."""
        self.context.when_full(release)

    def new_cache(self) -> SequenceCache:
        """Return the cache of one request that has read nothing."""
        return SequenceCache.empty(self.context)

    def read(
        self,
        input_ids: Sequence[Sequence[int]] | Tensor,
        cache: SequenceCache,
        *,
        num_logits: int = 1,
        num_base_rows: int = 0,
        branches: Branches = (),
    ) -> Tensor:
        """Read tokens and predict what follows the last of them.

        Args:
            input_ids: [rows, num_new]; the tokens that follow those in the cache, at least one.
                Lists may differ in length.
            cache: grows by the tokens that are no branches; where this fails, not at all.
            num_logits: at how many of the last positions to predict, branches included; no more
                than the shortest row has tokens.
            num_base_rows: 0; this `adapts` no other model.
            branches: for each of a row's last tokens the index of the token that it follows;
                nothing goes on from these, and the cache forgets them. Of several rows, a list
                each, equally long.

        Returns:
            [rows, num_logits, vocab], float32; cut to `vocab_size`.

        Raises:
            ContextOverflowError: a row is longer than the context, or the rows do not fit together.
            DecodingError: rows, tokens or `num_base_rows` are wrong, or the library failed.
        """
        ids = input_ids.tolist() if isinstance(input_ids, Tensor) else [[*r] for r in input_ids]
        own = branches_of_rows(branches, len(ids))
        self._check(ids, cache, num_logits, num_base_rows)
        num_branches = len(own[0]) if own else 0
        kept = [row[: len(row) - num_branches] for row in ids]
        num_kept_logits = max(num_logits - num_branches, 0)
        with self.context.lock:
            logits = self._read_rows(kept, cache, num_kept_logits)
            if num_branches == 0:
                return logits
            starts = [row[len(row) - num_branches :] for row in ids]
            branched = self._read_branches(starts, own, kept, cache)
        return torch.cat([logits, branched], dim=1)[:, -num_logits:]

    def _read_rows(
        self, ids: Sequence[Sequence[int]], cache: SequenceCache, num_logits: int
    ) -> Tensor:
        rows = [
            Row(place.id, length, token_ids, num_logits)
            for place, length, token_ids in zip(cache.places, cache.lengths, ids, strict=True)
        ]
        logits = self.context.read(rows, self._vocab_size)
        cache.count([len(token_ids) for token_ids in ids])
        return logits.view(len(rows), num_logits, self._vocab_size)

    def _read_branches(
        self,
        starts: Sequence[Sequence[int]],
        parents: Sequence[Sequence[int]],
        kept: Sequence[Sequence[int]],
        cache: SequenceCache,
    ) -> Tensor:
        """Read branches, each in a short-lived copy of what it follows."""
        places, rows = [], []
        for row, (length, new) in enumerate(zip(cache.lengths, kept, strict=True)):
            before = length - len(new)
            for token_id, parent in zip(starts[row], parents[row], strict=True):
                num_tokens = before + parent + 1
                places.append(self.context.copy(cache.places[row], num_tokens))
                rows.append(Row(places[-1].id, num_tokens, [token_id], 1))
        return self.context.read(rows, self._vocab_size).view(len(kept), -1, self._vocab_size)

    def _check(
        self,
        ids: Sequence[Sequence[int]],
        cache: SequenceCache,
        num_logits: int,
        num_base_rows: int,
    ) -> None:
        """Refuse what the library would stop the process for."""
        if num_base_rows != 0:
            raise DecodingError(f"num_base_rows is {num_base_rows}; {self.name!r} adapts no model")
        if len(ids) != len(cache.lengths) or cache.context is not self.context:
            raise DecodingError(f"{len(ids)} rows do not belong to {len(cache.lengths)} of a cache")
        if min(map(len, ids)) < max(num_logits, 1):
            raise DecodingError(f"a row has {min(map(len, ids))} tokens for {num_logits} logits")
        largest = max(map(max, ids))
        if min(map(min, ids)) < 0 or largest >= self.context.weights.vocab_size:
            raise DecodingError(f"{self.name!r} has no token {largest} in its vocabulary")
        for length, row in zip(cache.lengths, ids, strict=True):
            if length + len(row) > self.context_length:
                raise ContextOverflowError(
                    length + len(row), self.context_length, what=f"reading with {self.name!r}"
                )

    def adapts(self, base: object) -> bool:
        """Whether this can read the base's rows beside its own; never: contexts are separate."""
        return False
