"""Readings of several texts, done together where they are of one model and of like length."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.prefill._reading import Read
from ngsd_guard.protocols import KVCache, LanguageModel

_MAX_TOKENS: Final = 4_096
"""Maximum number of tokens of a batch, cached or new, which bounds its memory."""
MAX_LOGITS: Final = 2**24
"""Maximum number of logits held at once; 64 MiB in float32."""
_SHORT: Final = 192
"""Length up to which rows are read together however much they differ, in tokens."""
_PADDING: Final = 12
"""Maximum padding of a longer row, in tokens, unless a sixth of the longest row is more."""


def read_all(reads: Sequence[Read]) -> list[Tensor | Exception]:
    """Return the [num_logits, vocab] logits of each reading, or what went wrong with it."""
    found: dict[int, Tensor | Exception] = {}
    for group in _groups(reads):
        answers = _read_group([reads[index] for index in group])
        found.update(zip(group, answers, strict=True))
    return [found[index] for index in range(len(reads))]


def _groups(reads: Sequence[Read]) -> Iterator[list[int]]:
    """Group reads of like models and lengths within the memory limits; yield indices.

    A model and an adapter on it are alike: they read in one pass.
    """
    owners = _owners(reads)
    kinds: dict[tuple[int, bool], list[int]] = {}
    for index, read in enumerate(reads):
        owner = owners[id(read.model)]
        kinds.setdefault((id(owner), len(read.branches) > 0), []).append(index)
    for indices in kinds.values():
        group: list[int] = []
        for index in sorted(indices, key=lambda i: -len(reads[i].input_ids)):
            if group and not _fits([reads[i] for i in group], reads[index]):
                yield group
                group = []
            group.append(index)
        yield group


def _owners(reads: Sequence[Read]) -> dict[int, LanguageModel]:
    """Return the model that reads for each model: the adapter of a base, or the model itself."""
    models = {id(read.model): read.model for read in reads}
    owners = dict(models)
    for base, adapter in permutations(models.values(), 2):
        if owners[id(base)] is base and adapter.adapts(base):
            owners[id(base)] = adapter
    return owners


def _fits(group: Sequence[Read], read: Read) -> bool:
    """Return whether a read can join a group of longer ones."""
    rows = [*group, read]
    if not all(row.can_roll_back(row.num_own) for row in rows):
        return False
    longest, shortest = len(group[0].input_ids), len(read.input_ids)
    num_logits = max(row.num_logits for row in rows)
    width = max(row.num_read + len(row.input_ids) for row in rows)
    return (
        (longest <= _SHORT or longest - shortest <= max(_PADDING, longest // 6))
        and num_logits <= min(row.num_own for row in rows)
        and width * len(rows) <= _MAX_TOKENS
        and num_logits * len(rows) * read.model.vocab_size <= MAX_LOGITS
    )


def _read_group(group: Sequence[Read]) -> list[Tensor | Exception]:
    """Return the logits of each read, or the exception it raised."""
    owner = _owners(group)[id(group[0].model)]
    order = sorted(range(len(group)), key=lambda index: group[index].model is owner)
    in_order = [group[index] for index in order]  # rows of the base come first
    together = _read_together(in_order, owner) if len(group) > 1 else None
    if together is None:
        return [_read_alone(read) for read in group]
    answers = dict(zip(order, together, strict=True))
    return [answers[index] for index in range(len(group))]


def _read_together(group: Sequence[Read], owner: LanguageModel) -> list[Tensor | Exception] | None:
    """Return the logits of a group's reads; None if they must be retried one at a time."""
    lengths = [read.num_read for read in group]
    try:
        cache = _joined(group)
    except Exception:  # not enough memory for a joint copy
        return None
    error: Exception | None = None
    try:
        logits = _read_rows(group, owner, cache)
    except Exception as failure:  # reading the rows separately shows which of them fail
        error = failure
        cache.roll_back([n - old for n, old in zip(cache.lengths, lengths, strict=True)])
    for row, read in enumerate(group):
        read.share(cache, row)
    if error is not None:
        return None
    return [_checked(rows, read) for rows, read in zip(logits, group, strict=True)]


def _joined(group: Sequence[Read]) -> KVCache:
    """Return a cache with one row per read."""
    source = group[0].source
    is_common = source is not None and all(read.source is source for read in group)
    if source is not None and is_common and len(source.lengths) == 1:
        return source.spread(len(group), max(len(read.input_ids) for read in group) + 1)
    caches = [read.cache for read in group]
    joined: KVCache = type(caches[0]).join(caches)
    return joined


def _read_rows(group: Sequence[Read], owner: LanguageModel, cache: KVCache) -> list[Tensor]:
    num_branches = max(len(read.branches) for read in group)
    num_own = max(read.num_logits - len(read.branches) for read in group)
    ids, branches = [], []
    for read in group:
        # All rows need the same number of branches; repeat the last one where there are fewer.
        missing, own = num_branches - len(read.branches), list(read.branches)
        ids.append([*read.input_ids, *read.input_ids[-1:] * missing])
        branches.append([*own, *own[-1:] * missing])
    logits = owner.read(
        ids,
        cache,
        num_logits=num_own + num_branches,
        num_base_rows=sum(read.model is not owner for read in group),
        branches=branches if num_branches else (),
    )  # [rows, num_logits, vocab]
    found = []
    for read, row in zip(group, logits, strict=True):
        wanted = read.num_logits - len(read.branches)
        found.append(row[num_own - wanted : num_own + len(read.branches)])
    return found


def _read_alone(read: Read) -> Tensor | Exception:
    try:
        logits = read.model.read(
            [read.input_ids],
            read.cache,
            num_logits=read.num_logits,
            branches=read.branches,
        )[0]
    except Exception as error:
        return error
    return _checked(logits, read)


def _checked(logits: Tensor, read: Read) -> Tensor | Exception:
    if bool(logits.amax(dim=-1).isfinite().all()):
        return logits
    return NonFiniteLogitsError(read.model.name, read.cache.lengths[0])


@torch.inference_mode()
def at(logits: Tensor, positions: Sequence[int]) -> Tensor:
    """Return probabilities at the given positions: [positions, vocab], on the CPU."""
    return logits[list(positions)].softmax(dim=-1).cpu()
