"""What a model has read before, to go on from: a bounded LRU of caches by their tokens."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from ngsd_guard.protocols import KVCache, LanguageModel

_LEAST_SHARED: Final = 8
"""Fewer tokens are read again sooner than they are copied."""


class PrefixCache:
    """Caches of what one model has read: system prompts, earlier turns, the rubric.

    A prompt goes on from the entry it shares most tokens with, so an edited conversation is read
    again from the edit on and no further. Entries are never written to: a request copies the part
    it shares. The lock is held to look up and to put in, never while a model reads.

    Args:
        model: whose caches they are.
        max_bytes: memory for all entries; the least recently used go first. 0 keeps none.
    """

    def __init__(self, model: LanguageModel, max_bytes: int) -> None:
        self.model = model
        self._max_bytes = max_bytes
        self._entries: OrderedDict[tuple[int, ...], KVCache] = OrderedDict()
        self._num_bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def num_bytes(self) -> int:
        """Memory that the entries take."""
        return self._num_bytes

    def start(self, token_ids: Sequence[int]) -> tuple[KVCache, list[int]]:
        """Return a cache of the longest known start of a prompt, and the tokens it lacks.

        At least one token is left to be read, whose logits are wanted.
        """
        wanted = tuple(token_ids)
        found = self._find(wanted)
        if found is None:
            return self.model.new_cache(), list(wanted)
        entry, shared = found
        return entry.fork(shared), list(wanted[shared:])

    def keep(self, token_ids: Sequence[int], cache: KVCache) -> None:
        """Take over a cache of one row that has read exactly these tokens.

        It replaces entries that are starts of it. Whoever hands it over must not use it again.
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
        """Forget everything."""
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


def _num_shared(first: tuple[int, ...], second: tuple[int, ...]) -> int:
    """Return how many tokens two sequences begin with alike."""
    low, high = 0, min(len(first), len(second))
    while low < high:  # comparing slices is much faster than comparing tokens
        middle = (low + high + 1) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
