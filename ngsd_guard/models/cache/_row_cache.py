"""The keys and values of a batch of requests of different lengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import torch
from torch import Tensor

from ngsd_guard.errors import DecodingError

_LEAST_CAPACITY: Final = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a forward pass should compute."""

    num_logits: int
    """Number of final positions to return logits for, including branches."""
    vocab_size: int
    """Width of the logits."""
    adapted_from: int = 0
    """Index of the first row that uses the model's adapter."""
    branches: tuple[tuple[int, ...], ...] = ()
    """Branches of each row; see `ReadPlan`. Their tokens come last."""
    num_padding: tuple[int, ...] = ()
    """Padding of each row; see `ReadPlan`. Its tokens come first."""

    @property
    def num_branches(self) -> int:
        """Number of branches per row."""
        return len(self.branches[0]) if self.branches else 0


@dataclass(frozen=True)
class ReadPlan:
    """Where the next tokens of each row are stored, and which tokens they attend to."""

    ends: tuple[int, ...]
    """Number of stored positions, per row."""
    num_new: int
    """Number of new tokens per row, including padding and without branches."""
    device: torch.device
    branches: tuple[tuple[int, ...], ...] = ()
    """Branches: additional tokens, the same number per row, that are not kept. Each is given by
    the index of the new token it follows; it attends to what that token attends to and to
    itself."""
    num_padding: tuple[int, ...] = ()
    """Number of leading new tokens that are padding, per row; empty if there is no padding."""
    width_multiple: int = 1
    """Of the positions that tokens attend to; see `RowCache`."""

    @property
    def is_even(self) -> bool:
        """Whether all rows have the same length, before and after the new tokens."""
        return len(set(self.ends)) == 1 and not self.num_padding

    @property
    def new_ends(self) -> tuple[int, ...]:
        """Number of stored positions per row after the new tokens."""
        if not self.num_padding:
            return tuple(end + self.num_new for end in self.ends)
        return tuple(e + self.num_new - n for e, n in zip(self.ends, self.num_padding, strict=True))

    @property
    def num_branches(self) -> int:
        """Number of branches per row."""
        return len(self.branches[0]) if self.branches else 0

    @property
    def width(self) -> int:
        """Positions the pass uses: those of the longest row, plus branches and padding."""
        return max(self.new_ends) + self.num_branches + bool(self.num_padding)

    @property
    def padded_width(self) -> int:
        """Positions that tokens attend to, and masked ones up to a multiple."""
        return -(-self.width // self.width_multiple) * self.width_multiple

    @cached_property
    def positions(self) -> Tensor:
        """[rows, num_new], int64; [1, num_new] if all rows have the same length.

        The positions of branches come last.
        """
        is_one = self.is_even and len(set(self.branches)) < 2
        num_rows = 1 if is_one else len(self.ends)
        padding = self.num_padding or (0,) * num_rows
        branches = self.branches or ((),) * num_rows
        steps = [[*range(self.num_new), *(i + 1 for i in branches[row])] for row in range(num_rows)]
        starts = [self.ends[row] - padding[row] for row in range(num_rows)]
        positions = torch.tensor(steps, device=self.device)
        # Padding gets the positions before a row's new tokens. No token attends to padding.
        return (positions + torch.tensor(starts, device=self.device)[:, None]).clamp(min=0)

    @cached_property
    def slots(self) -> Tensor:
        """[rows, num_new], int64; index at which each token's keys and values are stored.

        Branches and padding are stored after the end of the longest row.
        """
        slots = self.positions.expand(len(self.ends), -1).clone()
        longest = max(self.new_ends)
        if self.num_branches:
            slots[:, self.num_new :] = longest + torch.arange(self.num_branches, device=self.device)
        for row, number in enumerate(self.num_padding):
            slots[row, :number] = longest + self.num_branches
        return slots

    @cached_property
    def rows(self) -> Tensor:
        """[rows, 1], int64; row indices."""
        return torch.arange(len(self.ends), device=self.device)[:, None]

    @property
    def sees_all(self) -> bool:
        """Whether every new token attends to all positions, so that no mask is needed."""
        is_padded = self.padded_width > self.width
        return self.is_even and self.num_new == 1 and not self.branches and not is_padded

    def mask(self, window: int | None) -> Tensor:
        """Return the attention mask: [rows or 1, 1, num_new, padded_width], bool; True is visible.

        Args:
            window: size of a layer's attention window in tokens, including the newest; None for
                full attention.
        """
        keys = torch.arange(self.padded_width, device=self.device)
        newest = self.positions[..., None]  # [rows or 1, num_new, 1]
        visible = keys <= newest
        if window is not None:
            visible &= keys > newest - window
        if self.branches:
            places = torch.arange(self.num_branches, device=self.device) + max(self.new_ends)
            branched = visible[:, self.num_new :]
            # A branch has the position of the new token after the one it follows.
            branched &= keys < newest[:, self.num_new :]
            branched |= keys == places[:, None]
        return visible.unsqueeze(1)


class RowCache:
    """The keys and values of a batch of requests; capacity grows by a quarter at a time.

    Rows share only the capacity, so each can be rolled back independently. Layers with a sliding
    window keep all tokens, so that they can roll back.

    Args:
        windows: per layer, the size of its attention window in tokens; None for full attention.
        width_multiple: the number of keys and values returned is a multiple of it.
    """

    def __init__(self, windows: Sequence[int | None], width_multiple: int = 1) -> None:
        self.windows = tuple(windows)
        self.width_multiple = width_multiple
        self._keys: list[Tensor] = []  # per layer [rows, heads, capacity, head_dim]
        self._values: list[Tensor] = []
        self._ends = [0]
        self._num_virtual = [0]
        self._token_ids: list[list[int] | None] = [[]]  # per row; None if they are not known

    @property
    def lengths(self) -> tuple[int, ...]:
        """Number of tokens read per row, without virtual ones."""
        return tuple(e - v for e, v in zip(self._ends, self._num_virtual, strict=True))

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether the cache can roll back; always true."""
        return True

    @property
    def num_bytes(self) -> int:
        """Memory used, in bytes."""
        return sum(t.numel() * t.element_size() for t in (*self._keys, *self._values))

    def make_virtual(self) -> None:
        """Mark all tokens so far as a soft prefix: not counted, and never rolled back."""
        self._num_virtual = list(self._ends)
        self._token_ids = [None] * len(self._ends)

    def plan(self, num_new: int, device: torch.device, wanted: Wanted | None = None) -> ReadPlan:
        """Reserve room for `num_new` tokens per row and any branches; return their places."""
        branches, padding = (wanted.branches, wanted.num_padding) if wanted else ((), ())
        plan = ReadPlan(tuple(self._ends), num_new, device, branches, padding, self.width_multiple)
        if self._keys and plan.padded_width > self._keys[0].shape[2]:
            capacity = plan.padded_width + max(_LEAST_CAPACITY, plan.width // 4)
            for layer in range(len(self._keys)):  # one at a time, to free the old memory at once
                self._keys[layer] = _widened(self._keys[layer], capacity)
                self._values[layer] = _widened(self._values[layer], capacity)
        return plan

    def write(
        self, plan: ReadPlan, layer: int, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Store a layer's new keys and values, and return all of its keys and values.

        Args:
            plan: where to store them.
            layer: index of the layer; layers must be written in order, from 0.
            keys: [rows, heads, num_new, head_dim], branches last.
            values: [rows, heads, num_new, head_dim], branches last.

        Returns:
            Keys and values, each [rows, heads, padded_width, head_dim]; undefined past a row's end.
        """
        if layer == len(self._keys):
            capacity = plan.padded_width + _LEAST_CAPACITY
            self._keys.append(_room_for(keys, capacity))
            self._values.append(_room_for(values, capacity))
        for stored, new in ((self._keys[layer], keys), (self._values[layer], values)):
            if plan.is_even:
                stored[:, :, plan.ends[0] : plan.width] = new
            else:
                stored[plan.rows, :, plan.slots] = new.transpose(1, 2)
        width = plan.padded_width
        return self._keys[layer][:, :, :width], self._values[layer][:, :, :width]

    def commit(self, plan: ReadPlan, input_ids: Sequence[Sequence[int]] = ()) -> None:
        """Count the tokens of a plan as read, after every layer has written them.

        Args:
            plan: their places.
            input_ids: the tokens, padding first, branches last; empty if they are not known.
        """
        self._ends = list(plan.new_ends)
        if not input_ids:
            self._token_ids = [None] * len(self._ends)
            return
        padding = plan.num_padding or (0,) * len(self._ends)
        for read, new, start in zip(self._token_ids, input_ids, padding, strict=True):
            if read is not None:
                read.extend(new[start : plan.num_new])

    def sources(
        self, plan: ReadPlan, input_ids: Sequence[Sequence[int]], num_rows: int
    ) -> list[int] | None:
        """Return for each row which of the first `num_rows` has read, and reads, the same tokens.

        Args:
            plan: places of the new tokens.
            input_ids: the new tokens, padding first, branches last.
            num_rows: how many of the rows are candidates.

        Returns:
            Indices below `num_rows`, one per row; None if a row has no such candidate.
        """
        padding = plan.num_padding or (0,) * len(self._ends)
        branches = plan.branches or ((),) * len(self._ends)
        rows = list(zip(input_ids, padding, branches, self._token_ids, strict=True))
        if any(read is None for *_, read in rows):
            return None
        try:
            found = [rows.index(row, 0, num_rows) for row in rows[num_rows:]]
        except ValueError:
            return None
        return [*range(num_rows), *found]

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Remove the last `num_tokens[row]` tokens of each row.

        Raises:
            DecodingError: a row has fewer tokens.
        """
        for length, number in zip(self.lengths, num_tokens, strict=True):
            if not 0 <= number <= length:
                raise DecodingError(f"cannot roll back {number} of {length} tokens")
        self._ends = [end - n for end, n in zip(self._ends, num_tokens, strict=True)]
        for read, number in zip(self._token_ids, num_tokens, strict=True):
            if read is not None and number > 0:
                del read[-number:]

    def fork(self, num_tokens: int | None = None) -> Self:
        """Return an independent copy of each row's first `num_tokens` tokens; None copies all."""
        copy = self._like(range(len(self._ends)))
        if num_tokens is not None:
            copy._ends = [v + num_tokens for v in self._num_virtual]
            copy._token_ids = [None if ids is None else ids[:num_tokens] for ids in copy._token_ids]
        width = max(copy._ends)
        for kept, new in ((self._keys, copy._keys), (self._values, copy._values)):
            for stored in kept:
                room = _room_for(stored, width + _LEAST_CAPACITY)
                room[:, :, :width] = stored[:, :, :width]
                new.append(room)
        return copy

    def spread(self, num_rows: int, num_new: int = 0) -> Self:
        """Return `num_rows` independent copies of a single row, with room for `num_new` tokens."""
        copy = self._like([0] * num_rows)
        (end,) = self._ends
        for kept, new in ((self._keys, copy._keys), (self._values, copy._values)):
            for stored in kept:
                _, heads, _, size = stored.shape
                room = stored.new_empty(num_rows, heads, end + num_new, size)
                room[:, :, :end] = stored[:, :, :end]
                room[:, :, end:] = 0.0  # as in `_room_for`
                new.append(room)
        return copy

    def select(self, rows: Sequence[int]) -> Self:
        """Return a cache of the given rows, in that order."""
        chosen = self._like(rows)
        if self._keys:
            index = torch.tensor(rows, device=self._keys[0].device)
            chosen._keys = [keys.index_select(0, index) for keys in self._keys]
            chosen._values = [values.index_select(0, index) for values in self._values]
        return chosen

    @classmethod
    def join(cls, caches: Sequence["RowCache"]) -> "RowCache":
        """Return one cache with the rows of all `caches`, in order; `caches` are emptied."""
        first = caches[0]
        if len(caches) == 1:
            return first
        joined = cls(first.windows, first.width_multiple)
        joined._ends = [end for cache in caches for end in cache._ends]
        joined._num_virtual = [number for cache in caches for number in cache._num_virtual]
        joined._token_ids = [ids for cache in caches for ids in cache._token_ids]
        width = max(joined._ends) + _LEAST_CAPACITY
        filled = next((cache for cache in caches if cache._keys), first)
        for layer in range(len(filled._keys)):
            parts = [cache._layer(layer, filled) for cache in caches]
            joined._keys.append(_stacked([keys for keys, _ in parts], width))
            joined._values.append(_stacked([values for _, values in parts], width))
            for cache in caches:
                if cache._keys:
                    cache._keys[layer] = cache._keys[layer][:, :, :0].clone()
                    cache._values[layer] = cache._values[layer][:, :, :0].clone()
        for cache in caches:
            cache._ends = [0] * len(cache._ends)
            cache._token_ids = [None] * len(cache._ends)
        return joined

    def _layer(self, layer: int, like: "RowCache") -> tuple[Tensor, Tensor]:
        """Return a layer's keys and values; if nothing was read, empty ones shaped as in `like`."""
        if self._keys:
            return self._keys[layer], self._values[layer]
        num_rows = len(self._ends)
        keys, values = like._keys[layer], like._values[layer]
        return (
            keys.new_zeros(num_rows, keys.shape[1], 0, keys.shape[3]),
            values.new_zeros(num_rows, values.shape[1], 0, values.shape[3]),
        )

    def _like(self, rows: Sequence[int]) -> Self:
        """Return a cache whose rows have read what the given rows have, without their states."""
        other = type(self)(self.windows, self.width_multiple)
        other._ends = [self._ends[row] for row in rows]
        other._num_virtual = [self._num_virtual[row] for row in rows]
        known = [self._token_ids[row] for row in rows]
        other._token_ids = [None if ids is None else list(ids) for ids in known]
        return other


def _room_for(states: Tensor, capacity: int) -> Tensor:
    # Zeros, because positions past a row's end are masked, and zero times NaN would be NaN.
    rows, heads, _, size = states.shape
    return states.new_zeros(rows, heads, capacity, size)


def _widened(states: Tensor, capacity: int) -> Tensor:
    room = _room_for(states, capacity)
    room[:, :, : states.shape[2]] = states
    return room


def _stacked(parts: Sequence[Tensor], width: int) -> Tensor:
    _, heads, _, size = parts[0].shape
    stacked = parts[0].new_zeros(sum(len(part) for part in parts), heads, width, size)
    start = 0
    for part in parts:
        kept = min(width, part.shape[2])
        stacked[start : start + len(part), :, :kept] = part[:, :, :kept]
        start += len(part)
    return stacked
