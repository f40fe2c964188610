"""Rows of different lengths give the same logits together and alone, on every architecture."""

from pathlib import Path

import pytest
import torch

from ngsd_guard import load_engine
from ngsd_guard.models import HFCausalLM

OLD = [0, 40, 7]
NEW = [5, 30, 11]


@pytest.mark.parametrize("with_branches", [False, True])
def test_rows_of_different_lengths_equal_single_rows(
    pair_folders: tuple[Path, Path], with_branches: bool
) -> None:
    model = load_engine(*pair_folders).base
    assert isinstance(model, HFCausalLM)
    old = [list(range(3, 3 + number)) for number in OLD]
    new = [list(range(40 + row, 40 + row + number)) for row, number in enumerate(NEW)]
    follows = [(1, 4), (29, 0), (10, 10)] if with_branches else [()] * 3
    ids = [[*row, *(60, 61)[: len(own)]] for row, own in zip(new, follows, strict=True)]
    num_logits = 4 + 2 * with_branches
    caches = []
    for tokens in old:
        caches.append(model.new_cache())
        if tokens:
            model.read([tokens], caches[-1])
    alone = [cache.fork() for cache in caches[1:]]
    alone.insert(0, model.new_cache())
    joined = type(caches[0]).join(caches)
    logits = model.read(ids, joined, num_logits=num_logits, branches=follows)
    assert joined.lengths == tuple(a + b for a, b in zip(OLD, NEW, strict=True))
    for row, cache in enumerate(alone):
        expected = model.read([ids[row]], cache, num_logits=num_logits, branches=follows[row])
        torch.testing.assert_close(logits[row], expected[0], atol=2e-4, rtol=0)
    # Later tokens attend neither to padding nor to branches.
    following = model.read([[9]] * 3, joined)
    for row, cache in enumerate(alone):
        torch.testing.assert_close(following[row], model.read([[9]], cache)[0], atol=2e-4, rtol=0)
