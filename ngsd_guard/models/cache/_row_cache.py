"""Keys and values of several requests side by side, each of a length of its own."""

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
    """What is asked of a forward pass."""

    num_logits: int
    """At how many of the last positions to predict, branches included."""
    vocab_size: int
    """Width of the logits."""
    adapted_from: int = 0
    """The first row that the model's adapter applies to."""
    branches: tuple[tuple[int, ...], ...] = ()
    """See `ReadPlan`; their tokens come last."""
    num_padding: tuple[int, ...] = ()
    """See `ReadPlan`; their tokens come first."""

    @property
    def num_branches(self) -> int:
        """Of each row."""
        return len(self.branches[0]) if self.branches else 0


@dataclass(frozen=True)
class ReadPlan:
    """Where the next tokens of every row go, and what they may see."""

    ends: tuple[int, ...]
    """Keys and values each row holds already."""
    num_new: int
    """Tokens each row is about to read."""
    device: torch.device
    branches: tuple[tuple[int, ...], ...] = ()
    """Further tokens of each row, equally many, that nothing goes on from: each follows the new
    token of that index, sees what that one sees and itself, and is not kept."""
    num_padding: tuple[int, ...] = ()
    """Of each row, how many of the first new tokens are none of its own; empty where none are."""

    @property
    def is_even(self) -> bool:
        """Whether all rows are of one length, before and after."""
        return len(set(self.ends)) == 1 and not self.num_padding

    @property
    def new_ends(self) -> tuple[int, ...]:
        """Keys and values each row holds once its new ones are there."""
        if not self.num_padding:
            return tuple(end + self.num_new for end in self.ends)
        return tuple(e + self.num_new - n for e, n in zip(self.ends, self.num_padding, strict=True))

    @property
    def num_branches(self) -> int:
        """Of each row."""
        return len(self.branches[0]) if self.branches else 0

    @property
    def width(self) -> int:
        """Keys and values of the longest row once the new ones are there, and what is not kept."""
        return max(self.new_ends) + self.num_branches + bool(self.num_padding)

    @cached_property
    def positions(self) -> Tensor:
        """[rows, num_new], int64; [1, num_new] where all rows are of one length.

        Those of branches come last.
        """
        is_one = self.is_even and len(set(self.branches)) < 2
        num_rows = 1 if is_one else len(self.ends)
        padding = self.num_padding or (0,) * num_rows
        branches = self.branches or ((),) * num_rows
        steps = [[*range(self.num_new), *(i + 1 for i in branches[row])] for row in range(num_rows)]
        starts = [self.ends[row] - padding[row] for row in range(num_rows)]
        positions = torch.tensor(steps, device=self.device)
        # Padding counts back from a row's start: it sees what stands there, and nothing sees it.
        return (positions + torch.tensor(starts, device=self.device)[:, None]).clamp(min=0)

    @cached_property
    def slots(self) -> Tensor:
        """[rows, num_new], int64: where keys and values are stored.

        What is not kept stands behind the longest row.
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
        """[rows, 1], int64."""
        return torch.arange(len(self.ends), device=self.device)[:, None]

    @property
    def sees_all(self) -> bool:
        """Whether the new tokens may see whatever there is, so that no mask is needed."""
        return self.is_even and self.num_new == 1 and not self.branches

    def mask(self, window: int | None) -> Tensor:
        """Return what each new token may see: [rows or 1, 1, num_new, width], bool.

        Args:
            window: how many tokens a sliding layer sees, the newest included; None for all.
        """
        keys = torch.arange(self.width, device=self.device)  # [width]
        newest = self.positions[..., None]  # [rows or 1, num_new, 1]
        visible = keys <= newest
        if window is not None:
            visible &= keys > newest - window
        if self.branches:
            places = torch.arange(self.num_branches, device=self.device) + max(self.new_ends)
            branched = visible[:, self.num_new :]
            # A branch's position is the place of the new token behind its own.
            branched &= keys < newest[:, self.num_new :]
            branched |= keys == places[:, None]
        return visible.unsqueeze(1)


class RowCache:
    """Keys and values of the tokens some requests have read, in memory that grows by a quarter.

    Rows share the memory's width and nothing else, so each can forget its last tokens by itself.
    Layers with a sliding window keep every token, which is what lets them roll back.

    Args:
        windows: of each layer, how many tokens it sees; None for all.
    """

    def __init__(self, windows: Sequence[int | None]) -> None:
        self.windows = tuple(windows)
        self._keys: list[Tensor] = []  # of each layer [rows, heads, capacity, head_dim]
        self._values: list[Tensor] = []
        self._ends = [0]
        self._num_virtual = [0]

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens each row has read, virtual ones left out."""
        return tuple(e - v for e, v in zip(self._ends, self._num_virtual, strict=True))

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether tokens can be forgotten after `num_new` more are read: always."""
        return True

    @property
    def num_bytes(self) -> int:
        """Memory taken."""
        return sum(t.numel() * t.element_size() for t in (*self._keys, *self._values))

    def make_virtual(self) -> None:
        """Count what was read so far as no tokens: a soft prefix, which cannot be forgotten."""
        self._num_virtual = list(self._ends)

    def plan(self, num_new: int, device: torch.device, wanted: Wanted | None = None) -> ReadPlan:
        """Make room for `num_new` tokens a row, and for branches, and return where they go."""
        branches, padding = (wanted.branches, wanted.num_padding) if wanted else ((), ())
        plan = ReadPlan(tuple(self._ends), num_new, device, branches, padding)
        if self._keys and plan.width > self._keys[0].shape[2]:
            capacity = plan.width + max(_LEAST_CAPACITY, plan.width // 4)
            for layer in range(len(self._keys)):  # one by one: the old memory is free at once
                self._keys[layer] = _widened(self._keys[layer], capacity)
                self._values[layer] = _widened(self._values[layer], capacity)
        return plan

    def write(
        self, plan: ReadPlan, layer: int, keys: Tensor, values: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Store a layer's new keys and values and return all that the rows hold.

        Args:
            plan: where they go.
            layer: layers come in their order, from 0.
            keys: [rows, heads, num_new, head_dim], those of branches last.
            values: likewise.

        Returns:
            Keys and values, [rows, heads, width, head_dim]; beyond a row's end they mean nothing.
        """
        if layer == len(self._keys):
            capacity = plan.width + _LEAST_CAPACITY
            self._keys.append(_room_for(keys, capacity))
            self._values.append(_room_for(values, capacity))
        for stored, new in ((self._keys[layer], keys), (self._values[layer], values)):
            if plan.is_even:
                stored[:, :, plan.ends[0] : plan.width] = new
            else:
                stored[plan.rows, :, plan.slots] = new.transpose(1, 2)
        width = plan.width
        return self._keys[layer][:, :, :width], self._values[layer][:, :, :width]

    def commit(self, plan: ReadPlan) -> None:
        """Count the tokens of a plan as read, once every layer has written."""
        self._ends = list(plan.new_ends)

    def roll_back(self, num_tokens: Sequence[int]) -> None:
        """Forget the last tokens of each row.

        Raises:
            DecodingError: a row has not read so many.
        """
        for length, number in zip(self.lengths, num_tokens, strict=True):
            if not 0 <= number <= length:
                raise DecodingError(f"cannot forget {number} of {length} tokens")
        self._ends = [end - n for end, n in zip(self._ends, num_tokens, strict=True)]

    def fork(self, num_tokens: int | None = None) -> Self:
        """Return an independent copy, of each row's first `num_tokens` tokens or of all."""
        copy = self._like(self._ends, self._num_virtual)
        if num_tokens is not None:
            copy._ends = [v + num_tokens for v in self._num_virtual]
        width = max(copy._ends)
        for kept, new in ((self._keys, copy._keys), (self._values, copy._values)):
            for stored in kept:
                room = _room_for(stored, width + _LEAST_CAPACITY)
                room[:, :, :width] = stored[:, :, :width]
                new.append(room)
        return copy

    def spread(self, num_rows: int, num_new: int = 0) -> Self:
        """Return independent copies of a lone row side by side, with room for `num_new` tokens."""
        copy = self._like(self._ends * num_rows, self._num_virtual * num_rows)
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
        """Return a cache of some of the rows, in the order given."""
        chosen = self._like([self._ends[r] for r in rows], [self._num_virtual[r] for r in rows])
        if self._keys:
            index = torch.tensor(rows, device=self._keys[0].device)
            chosen._keys = [keys.index_select(0, index) for keys in self._keys]
            chosen._values = [values.index_select(0, index) for values in self._values]
        return chosen

    @classmethod
    def join(cls, caches: Sequence["RowCache"]) -> "RowCache":
        """Return one cache with the rows of several, in their order; they are given up."""
        first = caches[0]
        if len(caches) == 1:
            return first
        joined = cls(first.windows)
        joined._ends = [end for cache in caches for end in cache._ends]
        joined._num_virtual = [number for cache in caches for number in cache._num_virtual]
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
        return joined

    def _layer(self, layer: int, like: "RowCache") -> tuple[Tensor, Tensor]:
        """Return a layer's keys and values; none, of another's shape, if nothing was read."""
        if self._keys:
            return self._keys[layer], self._values[layer]
        num_rows = len(self._ends)
        keys, values = like._keys[layer], like._values[layer]
        return (
            keys.new_zeros(num_rows, keys.shape[1], 0, keys.shape[3]),
            values.new_zeros(num_rows, values.shape[1], 0, values.shape[3]),
        )

    def _like(self, ends: Sequence[int], num_virtual: Sequence[int]) -> Self:
        other = type(self)(self.windows)
        other._ends, other._num_virtual = list(ends), list(num_virtual)
        return other


def _room_for(states: Tensor, capacity: int) -> Tensor:
    # Zeros: what lies beyond a row's end is masked, but zero times NaN would still be NaN.
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
