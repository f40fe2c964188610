"""Packs examples into rows of fixed length; attention never crosses a document's border."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

from corpus import Example

SHORT: Final = 512
LONG: Final = 1024
_OPEN_ROWS: Final = 24


@dataclass(slots=True)
class _Row:
    capacity: int
    examples: list[Example] = field(default_factory=list)
    length: int = 0

    def add(self, example: Example) -> None:
        self.examples.append(example)
        self.length += len(example.input_ids)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows ready for the model; the last position of a row predicts nothing."""

    input_ids: Tensor
    """[rows, length], int64."""
    position_ids: Tensor
    """[rows, length], int64; starts again at 0 in every document."""
    attention_mask: Tensor
    """[rows, 1, length, length], bool; causal, and within one document."""
    weights: Tensor
    """[rows, length], float32; weight of predicting the token *after* each position."""
    distil: Tensor
    """[rows, length], bool."""


def pack(examples: Iterable[Example], tokens_per_batch: int, pad_id: int) -> Iterator[Batch]:
    """Yield batches of short rows and, when long documents have come together, of long ones."""
    rows: list[_Row] = [_Row(SHORT)]
    full: dict[int, list[_Row]] = {SHORT: [], LONG: []}
    for example in examples:
        size = len(example.input_ids)
        fitting = [row for row in rows if row.capacity - row.length >= size]
        if fitting:
            row = min(fitting, key=lambda row: row.capacity - row.length)
        else:
            row = _Row(SHORT if size <= SHORT else LONG)
            rows.append(row)
        row.add(example)
        if len(rows) > _OPEN_ROWS or row.capacity - row.length < 8:
            fullest = max(rows, key=lambda row: row.length / row.capacity)
            rows.remove(fullest)
            full[fullest.capacity].append(fullest)
        for capacity, waiting in full.items():
            if len(waiting) == tokens_per_batch // capacity:
                yield _collate(waiting, capacity, pad_id)
                waiting.clear()


def _collate(rows: list[_Row], capacity: int, pad_id: int) -> Batch:
    shape = (len(rows), capacity)
    input_ids = torch.full(shape, pad_id)
    position_ids = torch.zeros(shape, dtype=torch.long)
    documents = torch.full(shape, -1)
    weights = torch.zeros(shape)
    distil = torch.zeros(shape, dtype=torch.bool)
    for index, row in enumerate(rows):
        start = 0
        for number, example in enumerate(row.examples):
            end = start + len(example.input_ids)
            input_ids[index, start:end] = torch.tensor(example.input_ids)
            position_ids[index, start:end] = torch.arange(end - start)
            documents[index, start:end] = number
            weights[index, start : end - 1] = torch.tensor(example.weights[1:])
            distil[index, start:end] = example.distil
            start = end
    same = documents[:, :, None] == documents[:, None, :]
    mask = (same & torch.ones(capacity, capacity, dtype=torch.bool).tril()).unsqueeze(1)
    return Batch(input_ids, position_ids, mask, weights, distil)
