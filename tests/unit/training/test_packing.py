from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ngsd_guard import ConfigurationError
from ngsd_guard.training import Batch, Example, pack


def examples(seed: int, longest: int) -> Iterator[Example]:
    rng, serial = Random(seed), 1
    while True:
        size = rng.randint(2, longest)
        yield Example([serial] * size, [0.0, *(1.0 for _ in range(size - 1))], serial % 2 == 0)
        serial += 1


def first(seed: int, longest: int = 40) -> Batch:
    packed = pack(examples(seed, longest), tokens_per_batch=128, row_lengths=(32, 64))
    return next(packed)


@given(seed=st.integers(0, 1000))
def test_a_batch_has_one_of_the_few_shapes(seed: int) -> None:
    for batch in islice(pack(examples(seed, 40), tokens_per_batch=128, row_lengths=(32, 64)), 8):
        assert tuple(batch.input_ids.shape) in {(4, 32), (2, 64)}
        assert batch.attention_mask.shape == (
            len(batch.input_ids),
            1,
            *[batch.input_ids.shape[1]] * 2,
        )


@given(seed=st.integers(0, 1000))
def test_attention_stays_within_a_document_and_before_itself(seed: int) -> None:
    batch = first(seed)
    for row in range(len(batch.input_ids)):
        ids = batch.input_ids[row]
        for query in range(len(ids)):
            seen = batch.attention_mask[row, 0, query].nonzero()[:, 0]
            assert (seen <= query).all()
            assert (ids[seen] == ids[query]).all()
            assert query in seen


@given(seed=st.integers(0, 1000))
def test_positions_start_again_and_nothing_predicts_the_next_document(seed: int) -> None:
    batch = first(seed)
    for ids, positions, weights in zip(
        batch.input_ids, batch.position_ids, batch.weights, strict=True
    ):
        starts = ids[1:] != ids[:-1]
        assert (positions[1:][starts & (ids[1:] != 0)] == 0).all()
        assert (weights[:-1][starts] == 0).all()
        assert weights[-1] == 0


def test_every_weight_lands_on_the_position_before_its_token() -> None:
    rows = [Example([7, 8, 9, 10], [9.0, 0.0, 2.0, 3.0])] * 2
    batch = next(pack(rows, tokens_per_batch=8, row_lengths=(4,)))
    assert batch.weights.tolist() == [[0.0, 2.0, 3.0, 0.0]] * 2
    assert batch.position_ids.tolist() == [[0, 1, 2, 3]] * 2
    assert not batch.distil.any()


def test_too_long_a_document_is_an_error_that_says_so() -> None:
    with pytest.raises(ConfigurationError, match="65 tokens"):
        next(pack([Example([1] * 65, [1.0] * 65)], tokens_per_batch=128, row_lengths=(32, 64)))


def test_too_long_documents_keep_their_end_and_are_counted() -> None:
    cut: list[int] = []
    long = Example(range(70), [1.0] * 70, teacher_hidden=torch.arange(70)[:, None])
    short = Example([1] * 64, [1.0] * 64)
    documents = [long, short, long, short]
    packed = pack(
        documents, tokens_per_batch=64, row_lengths=(32, 64), flush=True, on_cut=cut.append
    )
    batches = list(packed)
    assert cut == [1, 2]
    assert len(batches) == 4
    ends = [batch for batch in batches if batch.input_ids[0, -1] == 69]
    assert [batch.input_ids[0].tolist() for batch in ends] == [list(range(6, 70))] * 2
    kept = long.last(64)
    assert kept.weights == [0.0, *[1.0] * 63]
    assert kept.teacher_hidden is not None
    assert kept.teacher_hidden[:, 0].tolist() == list(range(7, 70))


def test_a_batch_must_hold_the_longest_row() -> None:
    with pytest.raises(ConfigurationError, match="tokens_per_batch=32"):
        next(pack([], tokens_per_batch=32, row_lengths=(64,)))


def test_an_example_needs_a_weight_for_each_token() -> None:
    with pytest.raises(ConfigurationError, match="2 tokens but 1 weights"):
        Example([1, 2], [1.0])


def test_padding_is_read_by_nobody_and_learnt_by_nobody() -> None:
    batch = next(pack([Example([5] * 9, [1.0] * 9)] * 2, tokens_per_batch=32, row_lengths=(16,)))
    padding = batch.input_ids == 0
    assert padding.any()
    assert (batch.weights[padding] == 0).all()
    assert not torch.any(batch.attention_mask[:, 0][~padding][:, padding[0]])
