"""Documents packed into rows of few fixed lengths; attention never crosses a document's border."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from ngsd_guard.errors import ConfigurationError

_OPEN_ROWS = 24


@dataclass(frozen=True, slots=True)
class Example:
    """One document, and what is to be learnt of it."""

    input_ids: Sequence[int]
    """Tokens, [length]."""
    weights: Sequence[float]
    """Loss weight of predicting each token from those before it, [length]; the first is unused."""
    distil: bool = False
    """Whether to learn the teacher's distribution here, where there is a teacher."""
    teacher_hidden: Tensor | None = None
    """The teacher's last hidden state before each of the last tokens, [answer, hidden]."""

    def __post_init__(self) -> None:
        if len(self.input_ids) != len(self.weights):
            raise ConfigurationError(
                f"an example has {len(self.input_ids)} tokens but {len(self.weights)} weights"
            )

    def last(self, length: int) -> "Example":
        """Return the last tokens; the first of them can no longer be predicted."""
        hidden = self.teacher_hidden
        return replace(
            self,
            input_ids=self.input_ids[-length:],
            weights=[0.0, *self.weights[-length:][1:]],
            teacher_hidden=None if hidden is None else hidden[-(length - 1) :],
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows ready for a model; the last position of a row predicts nothing."""

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
    teacher_hidden: Tensor | None = None
    """[rows, length, hidden]; None where no example has any."""


@dataclass(slots=True)
class _Row:
    capacity: int
    examples: list[Example] = field(default_factory=list)
    length: int = 0

    @property
    def room(self) -> int:
        return self.capacity - self.length

    def add(self, example: Example) -> None:
        self.examples.append(example)
        self.length += len(example.input_ids)


def pack(
    examples: Iterable[Example],
    *,
    tokens_per_batch: int = 4096,
    row_lengths: Sequence[int] = (256, 1024),
    pad_id: int = 0,
    flush: bool = False,
    on_cut: Callable[[int], None] | None = None,
) -> Iterator[Batch]:
    """Yield batches of `tokens_per_batch // length` rows, for each of the few row lengths.

    A document goes into an open row with room for it, or opens one of the shortest length that
    holds it. Few shapes are what makes compiled training fast. What is still open when the
    examples end is dropped, unless `flush` is set.

    Args:
        examples: documents, in any order; may be endless.
        tokens_per_batch: size of every batch, padding included.
        row_lengths: lengths of rows; the longest bounds a document.
        pad_id: the token that fills rows up.
        flush: yield what is left at the end, in batches of fewer rows.
        on_cut: called with the number of documents cut so far, at each. A document that is longer
            than every row then keeps its end, where the answer is; without `on_cut` it is an error.

    Raises:
        ConfigurationError: no batch can hold a row, or a document is longer than every row.
    """
    lengths = sorted(row_lengths)
    if not lengths or tokens_per_batch < lengths[-1]:
        raise ConfigurationError(
            f"tokens_per_batch={tokens_per_batch} holds no row of row_lengths={lengths}; raise it"
        )
    rows: list[_Row] = []
    full: dict[int, list[_Row]] = {length: [] for length in lengths}
    num_cut = 0
    for example in examples:
        if on_cut is not None and len(example.input_ids) > lengths[-1]:
            num_cut += 1
            on_cut(num_cut)
            example = example.last(lengths[-1])
        row = _find_row(rows, len(example.input_ids), lengths)
        row.add(example)
        if len(rows) > _OPEN_ROWS or row.room < 8:
            fullest = max(rows, key=lambda row: row.length / row.capacity)
            rows.remove(fullest)
            waiting = full[fullest.capacity]
            waiting.append(fullest)
            if len(waiting) == tokens_per_batch // fullest.capacity:
                yield _collate(waiting, pad_id)
                waiting.clear()
    if flush:
        for row in rows:
            full[row.capacity].append(row)
        for capacity, waiting in full.items():
            size = tokens_per_batch // capacity
            for start in range(0, len(waiting), size):
                yield _collate(waiting[start : start + size], pad_id)


def _find_row(rows: list[_Row], size: int, lengths: Sequence[int]) -> _Row:
    fitting = [row for row in rows if row.room >= size]
    if fitting:
        return min(fitting, key=lambda row: row.room)
    capacity = next((length for length in lengths if length >= size), None)
    if capacity is None:
        raise ConfigurationError(
            f"a document of {size} tokens is longer than every row of {list(lengths)}; "
            "give a longer row, or on_cut= to keep its end"
        )
    rows.append(_Row(capacity))
    return rows[-1]


def _collate(rows: Sequence[_Row], pad_id: int) -> Batch:
    capacity = rows[0].capacity
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
    return Batch(input_ids, position_ids, mask, weights, distil, _teacher_states(rows, shape))


def _teacher_states(rows: Sequence[_Row], shape: tuple[int, int]) -> Tensor | None:
    known = [e.teacher_hidden for row in rows for e in row.examples if e.teacher_hidden is not None]
    if not known:
        return None
    states = known[0].new_zeros((*shape, known[0].shape[-1]))
    for index, row in enumerate(rows):
        end = 0
        for example in row.examples:
            end += len(example.input_ids)
            if example.teacher_hidden is not None:
                states[index, end - 1 - len(example.teacher_hidden) : end - 1] = (
                    example.teacher_hidden
                )
    return states
