"""Drafts that cost nothing: what followed the same few tokens before."""

import threading
from collections.abc import Sequence
from typing import Final

KEY_LENGTH: Final = 3
_LONGEST: Final = 16


class Continuations:
    """What earlier answers went on with: refusals, set phrases, the same question asked again.

    Shared by all requests of an engine. A draft taken from here is verified like any other, so it
    can make an answer faster and never another one.

    Source: suffix-based speculation (arXiv 2411.04975), here with suffixes of one length.

    Args:
        capacity: entries; the oldest go first.
    """

    def __init__(self, capacity: int = 16_384) -> None:
        self._capacity = capacity
        self._entries: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, token_ids: Sequence[int], length: int) -> tuple[int, ...]:
        """Return up to `length` tokens that followed the last of these before."""
        return self._entries.get(tuple(token_ids[-KEY_LENGTH:]), ())[:length]

    def learn(self, token_ids: Sequence[int], start: int) -> None:
        """Take in what is said from `start` on."""
        ids = tuple(token_ids)
        with self._lock:
            for place in range(max(start, KEY_LENGTH), len(ids)):
                key = ids[place - KEY_LENGTH : place]
                self._entries.pop(key, None)  # the newest entries come last
                self._entries[key] = ids[place : place + _LONGEST]
            while len(self._entries) > self._capacity:
                del self._entries[next(iter(self._entries))]


class OwnText:
    """What the request itself goes on with: answers quote their prompt and repeat themselves.

    Source: prompt lookup decoding, as in transformers' `prompt_lookup_num_tokens`.
    """

    def __init__(self, token_ids: Sequence[int]) -> None:
        self._token_ids: list[int] = []
        self._places: dict[tuple[int, ...], int] = {}
        self.extend(token_ids)

    def extend(self, token_ids: Sequence[int]) -> None:
        """Take in further tokens."""
        for token_id in token_ids:
            ids = self._token_ids
            if len(ids) >= KEY_LENGTH:
                self._places[tuple(ids[-KEY_LENGTH:])] = len(ids)
            ids.append(token_id)

    def find(self, length: int) -> tuple[int, ...]:
        """Return up to `length` tokens that followed the last ones before."""
        place = self._places.get(tuple(self._token_ids[-KEY_LENGTH:]))
        return () if place is None else tuple(self._token_ids[place : place + length])
