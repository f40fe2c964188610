"""A prefix cache: a bounded LRU of key-value caches, found by their tokens."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, cast

from ngsd_guard.protocols import KVCache, LanguageModel, SharedMemoryModel

_LEAST_SHARED: Final = 8
"""Shorter shared prefixes are read again, which is faster than copying them."""


class PrefixCache:
    """Caches of prompts that one model has read: system prompts, earlier turns, the rubric.

    A prompt reuses the entry that shares the longest prefix with it, so an edited conversation is
    read again only from the edit on. Entries are immutable: a request copies the part it shares.
    The lock is held while looking up and storing entries, but not while a model reads.

    Args:
        model: the model that the caches belong to.
        max_bytes: memory for all entries; the least recently used are dropped first. 0 disables
            the cache. A `SharedMemoryModel` may allow less.
    """

    def __init__(self, model: LanguageModel, max_bytes: int) -> None:
        self.model = model
        if hasattr(model, "max_prefix_bytes"):
            sharing = cast(SharedMemoryModel, model)
            max_bytes = min(max_bytes, sharing.max_prefix_bytes)
            sharing.when_full(self.clear)
        self._max_bytes = max_bytes
        self._entries: OrderedDict[tuple[int, ...], KVCache] = OrderedDict()
        self._num_bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def num_bytes(self) -> int:
        """Memory used by the entries, in bytes."""
        return self._num_bytes

    def start(self, token_ids: Sequence[int]) -> tuple[KVCache, list[int]]:
        """Return a cache of the longest known prefix of a prompt, and the remaining tokens.

        At least one token remains, because its logits are needed.
        """
        wanted = tuple(token_ids)
        found = self._find(wanted)
        if found is None:
            return self.model.new_cache(), list(wanted)
        entry, shared = found
        return entry.fork(shared), list(wanted[shared:])

    def keep(self, token_ids: Sequence[int], cache: KVCache) -> None:
        """Store a cache with one row that has read exactly these tokens.

        It replaces entries that are prefixes of it. The caller must not use the cache afterwards.
        """
        key, size = tuple(token_ids), cache.num_bytes
        if not 0 < size <= self._max_bytes or not cache.can_roll_back(0):
            return
        with self._lock:
            for other in [k for k in self._entries if k == key[: len(k)]]:
                self._remove(other)
            self._entries[key] = cache
            self._num_bytes += size
            while self._num_bytes > self._max_bytes:
                self._remove(next(iter(self._entries)))

    def clear(self) -> None:
        """Remove all entries."""
        with self._lock:
            self._entries.clear()
            self._num_bytes = 0

    def _find(self, wanted: tuple[int, ...]) -> tuple[KVCache, int] | None:
        with self._lock:
            best, most = None, _LEAST_SHARED - 1
            for key in self._entries:
                shared = min(_num_shared(key, wanted), len(wanted) - 1)
                if shared > most:
                    best, most = key, shared
            if best is None:
                return None
            self._entries.move_to_end(best)
            return self._entries[best], most

    def _remove(self, key: tuple[int, ...]) -> None:
        self._num_bytes -= self._entries.pop(key).num_bytes


def common_prefix(sequences: Sequence[Sequence[int]]) -> list[int]:
    """Return the tokens that all sequences begin with."""
    length = min(map(len, sequences))
    for first, second in pairwise(sequences):
        same = (a == b for a, b in zip(first, second, strict=False))
        length = min(length, next((i for i, equal in enumerate(same) if not equal), length))
    return list(sequences[0][:length])


def _num_shared(first: tuple[int, ...], second: tuple[int, ...]) -> int:
    """Return the length of the common prefix of two sequences."""
    low, high = 0, min(len(first), len(second))
    while low < high:  # comparing slices is much faster than comparing single tokens
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
