"""The expert's reading of rows that come, go and move."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import torch
from torch import Tensor

from ngsd_guard.errors import (
    ContextOverflowError,
    NGSDError,
    NonFiniteLogitsError,
    as_ngsd_error,
)
from ngsd_guard.prefill import Failure, Judging, PrefixCache, Read, judge_together, read_one
from ngsd_guard.protocols import KVCache

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Predictions(Generic[KeyT]):
    """What the expert predicts for some rows, and the errors of those that failed."""

    keys: tuple[KeyT, ...]
    logits: Tensor | None
    """[rows, vocab], float32, in the order of the keys; None without any."""
    errors: dict[KeyT, NGSDError]

    def of(self, keys: Sequence[KeyT]) -> Tensor:
        """Return the logits of some rows, at least one, in the order given: [rows, vocab]."""
        logits: Any = self.logits
        if tuple(keys) == self.keys:
            return cast(Tensor, logits)
        rows = {key: row for row, key in enumerate(self.keys)}
        return cast(Tensor, logits[[rows[key] for key in keys]])


class ExpertRows(Generic[KeyT]):
    """What the expert has read of each row, in one cache for all.

    Rows are found by key, so that it does not matter in which order a host holds them. A row that
    is not asked for is dropped; asked for again, its text is read again.

    Args:
        prefixes: the expert, and what it has read before.
    """

    def __init__(self, prefixes: PrefixCache) -> None:
        self._prefixes = prefixes
        self._expert = prefixes.model
        self._keys: list[KeyT] = []
        self._texts: dict[KeyT, Sequence[int]] = {}
        self._cache: KVCache | None = None  # a row for each of the keys, in their order
        self._logits: Tensor | None = None  # [rows, vocab], likewise
        self._num_gone = 0

    @torch.inference_mode()
    def predict(self, texts: Mapping[KeyT, Sequence[int]]) -> Predictions[KeyT]:
        """Read on, and predict what follows each text.

        Args:
            texts: the tokens of each row, prompt and answer so far. What a row has read must not
                have changed.
        """
        errors = {key: error for key, ids in texts.items() if (error := self._too_long(ids))}
        wanted = {key: ids for key, ids in texts.items() if key not in errors}
        lags = self._lags(wanted)
        self._keep_only([key for key in self._keys if key in lags])
        errors |= self._step([key for key, lag in lags.items() if lag == 1], wanted)
        newcomers = {key: ids for key, ids in wanted.items() if key not in lags}
        errors |= self._read_newcomers(newcomers)
        self._texts = {key: wanted[key] for key in self._keys}
        return Predictions(tuple(self._keys), self._logits, errors)

    def drop(self, key: KeyT) -> None:
        """Forget a row; its memory is freed at the next reading, or with the last row."""
        if key not in self._keys:
            return
        gone: Any = object()  # a key that nobody asks for
        self._keys[self._keys.index(key)] = gone
        self._texts[gone] = self._texts.pop(key)
        self._num_gone += 1
        if self._num_gone == len(self._keys):
            self._keep_only([])

    def _too_long(self, text: Sequence[int]) -> NGSDError | None:
        longest = self._expert.context_length
        if len(text) <= longest:
            return None
        return ContextOverflowError(len(text), longest, what="prompt and answer")

    def _lags(self, wanted: Mapping[KeyT, Sequence[int]]) -> dict[KeyT, int]:
        """Return how many tokens each held row has to read; only those of one token or none."""
        if self._cache is None:
            return {}
        lengths = dict(zip(self._keys, self._cache.lengths, strict=True))
        lags = {key: len(wanted[key]) - n for key, n in lengths.items() if key in wanted}
        return {key: lag for key, lag in lags.items() if lag in (0, 1)}

    def _keep_only(self, keys: Sequence[KeyT]) -> None:
        if len(keys) == len(self._keys):
            return
        kept, self._num_gone = set(keys), 0
        for row, key in enumerate(self._keys):
            if key not in kept and self._cache is not None:
                read = self._texts[key][: self._cache.lengths[row]]
                self._prefixes.keep(read, self._cache.select([row]))
        self._select(keys)
        self._texts = {key: self._texts[key] for key in keys}

    def _select(self, keys: Sequence[KeyT]) -> None:
        rows = [self._keys.index(key) for key in keys]
        self._keys = list(keys)
        if not rows or self._cache is None or self._logits is None:
            self._cache = self._logits = None
        else:
            self._cache, self._logits = self._cache.select(rows), self._logits[rows]

    def _step(
        self, keys: Sequence[KeyT], wanted: Mapping[KeyT, Sequence[int]]
    ) -> dict[KeyT, NGSDError]:
        """Let some of the rows read their last token."""
        if not keys or self._cache is None or self._logits is None:
            return {}
        still = [key for key in self._keys if key not in set(keys)]
        if not still:
            last = {key: wanted[key][-1] for key in self._keys}
            return self._step_all(last)
        held = self._keys, self._cache, self._logits
        self._select(still)
        waiting = self._keys, self._cache, self._logits
        self._keys, self._cache, self._logits = held
        self._select(keys)
        errors = self._step_all({key: wanted[key][-1] for key in self._keys})
        self._join([waiting])
        return errors

    def _step_all(self, last: Mapping[KeyT, int]) -> dict[KeyT, NGSDError]:
        """Let all rows read a token; those that fail are dropped."""
        cache: Any = self._cache
        lengths = cache.lengths
        try:
            input_ids = torch.tensor([[token_id] for token_id in last.values()])
            self._logits = self._expert.read(input_ids, cache)[:, -1]
        except Exception as failure:
            if len(last) == 1:
                self._select([])
                return dict.fromkeys(last, as_ngsd_error(failure))
            return self._step_alone(last, lengths)
        is_finite = self._logits.amax(dim=-1).isfinite().tolist()
        errors: dict[KeyT, NGSDError] = {
            key: NonFiniteLogitsError(self._expert.name, length + 1)
            for key, length, finite in zip(self._keys, lengths, is_finite, strict=True)
            if not finite
        }
        if errors:
            self._select([key for key in self._keys if key not in errors])
        return errors

    def _step_alone(
        self, last: Mapping[KeyT, int], lengths: Sequence[int]
    ) -> dict[KeyT, NGSDError]:
        """Find out whose reading failed: each row reads by itself."""
        cache: Any = self._cache
        cache.roll_back([now - old for now, old in zip(cache.lengths, lengths, strict=True)])
        keys = list(self._keys)
        errors: dict[KeyT, NGSDError] = {}
        parts: list[tuple[list[KeyT], KVCache | None, Tensor | None]] = []
        for row, key in enumerate(keys):
            self._keys, self._cache = [key], cache.select([row])
            errors |= self._step_all({key: last[key]})
            if key not in errors:
                parts.append((self._keys, self._cache, self._logits))
        self._keys, self._cache, self._logits = [], None, None
        self._join(parts)
        return errors

    def _read_newcomers(self, texts: Mapping[KeyT, Sequence[int]]) -> dict[KeyT, NGSDError]:
        """Read whole texts; rows with the same text share the reading."""
        rows_of: dict[tuple[int, ...], list[KeyT]] = {}
        for key, ids in texts.items():
            rows_of.setdefault(tuple(ids), []).append(key)
        outcomes = judge_together([self._reading(ids) for ids in rows_of])
        errors: dict[KeyT, NGSDError] = {}
        parts = []
        for keys, outcome in zip(rows_of.values(), outcomes, strict=True):
            if isinstance(outcome, Failure):
                errors |= dict.fromkeys(keys, as_ngsd_error(outcome.error))
                continue
            logits, cache = outcome
            if len(keys) > 1:
                cache = cache.spread(len(keys), 1)
            parts.append((keys, cache, logits.expand(len(keys), -1)))
        self._join(parts)
        return errors

    def _reading(self, ids: Sequence[int]) -> Judging[tuple[Tensor, KVCache]]:
        cache, unread = self._prefixes.start(ids)
        read = Read(self._expert, cache, unread)
        logits = yield from read_one(read)
        return logits[-1:], read.cache  # [1, vocab]

    def _join(self, parts: Sequence[tuple[list[KeyT], KVCache | None, Tensor | None]]) -> None:
        everything = [(self._keys, self._cache, self._logits), *parts]
        filled = [(k, c, x) for k, c, x in everything if c is not None and x is not None]
        self._keys = [key for keys, _, _ in filled for key in keys]
        if not filled:
            self._cache = self._logits = None
            return
        caches = [cache for _, cache, _ in filled]
        self._cache = type(caches[0]).join(caches) if len(caches) > 1 else caches[0]
        self._logits = torch.cat([logits for _, _, logits in filled])
