"""What the backend over llama.cpp asks of the library, on a stand-in for it."""

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fake_llamacpp import FakeLibrary, as_package, predict
from ngsd_guard.errors import ContextOverflowError, DecodingError
from tiny_models import make_tokenizer

VOCAB_SIZE = 400
_ROOM = "ngsd_guard.models.llamacpp"


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeLibrary]:
    """The stand-in, and a backend imported over it; the real one is put back afterwards."""
    fake = FakeLibrary(VOCAB_SIZE)
    before = {name: module for name, module in sys.modules.items() if name.startswith(_ROOM)}
    for name in before:
        del sys.modules[name]
    monkeypatch.setitem(sys.modules, "llama_cpp", as_package(fake))
    yield fake
    for name in [name for name in sys.modules if name.startswith(_ROOM)]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def model(library: FakeLibrary) -> Any:
    """A model of 512 cells."""
    from ngsd_guard.models.llamacpp import Context, LlamaCppModel

    weights: Any = SimpleNamespace(
        pointer=1, label="fake", vocab_size=VOCAB_SIZE, context_length=2048, bytes_per_token=1,
        num_parameters=1, eos_token_id=-1, quantization="Q4_1",
    )  # fmt: skip
    context = Context(weights, num_tokens=512, num_threads=1)
    library.batches.clear()
    return LlamaCppModel(context, make_tokenizer(), name="fake", file_digest="00")


def follows(*token_ids: int) -> Any:
    return predict(token_ids, VOCAB_SIZE)


def test_rows_are_read_in_one_batch_each_in_its_own_sequence(
    model: Any, library: FakeLibrary
) -> None:
    from ngsd_guard.models.llamacpp import SequenceCache

    cache = SequenceCache.join([model.new_cache(), model.new_cache()])
    logits = model.read([[1, 2, 3], [4, 5]], cache, num_logits=2).numpy()
    assert library.batches == [5]
    expected = [[follows(1, 2), follows(1, 2, 3)], [follows(4), follows(4, 5)]]
    np.testing.assert_array_equal(logits, expected)
    assert cache.lengths == (3, 2)


def test_rollback_fork_and_selection_leave_no_token_behind(model: Any) -> None:
    cache = model.new_cache()
    model.read([[1, 2, 3, 4]], cache)
    short = cache.fork(2)
    cache.roll_back([1])
    second = cache.spread(2).select([1])
    np.testing.assert_array_equal(model.read([[9]], short)[0, 0], follows(1, 2, 9))
    np.testing.assert_array_equal(model.read([[9]], cache)[0, 0], follows(1, 2, 3, 9))
    np.testing.assert_array_equal(model.read([[8]], second)[0, 0], follows(1, 2, 3, 8))
    with pytest.raises(DecodingError, match=r"5 of 4 tokens"):
        second.roll_back([5])


def test_branches_are_read_together_and_forgotten(model: Any, library: FakeLibrary) -> None:
    cache = model.new_cache()
    logits = model.read([[1, 2, 7, 8]], cache, num_logits=4, branches=[0, 1])[0]
    expected = [follows(1), follows(1, 2), follows(1, 7), follows(1, 2, 8)]
    np.testing.assert_array_equal(logits, expected)
    assert library.batches == [2, 2]
    np.testing.assert_array_equal(model.read([[3]], cache)[0, 0], follows(1, 2, 3))


def test_long_prompts_are_cut_into_batches(model: Any, library: FakeLibrary) -> None:
    ids = [n % 300 for n in range(400)]
    found = model.read([ids], model.new_cache(), num_logits=200)[0]
    assert sum(library.batches) == 400
    assert max(library.batches) <= 256
    np.testing.assert_array_equal(found[0], follows(*ids[:201]))
    np.testing.assert_array_equal(found[-1], follows(*ids))


def test_failed_read_leaves_the_sequences_as_they_were(model: Any, library: FakeLibrary) -> None:
    cache = model.new_cache()
    model.read([[1, 2]], cache)
    library.failures = [-3]
    with pytest.raises(DecodingError, match=r"returned -3.*backend='transformers'"):
        model.read([[3, 4]], cache)
    assert cache.lengths == (2,)
    np.testing.assert_array_equal(model.read([[9]], cache)[0, 0], follows(1, 2, 9))


def test_full_memory_asks_for_kept_sequences_then_refuses(model: Any) -> None:
    kept = [model.new_cache()]
    model.read([[5] * 300], kept[0])

    class Keeper:
        def give_up(self) -> None:
            kept.clear()

    keeper = Keeper()
    model.when_full(keeper.give_up)
    live, other = model.new_cache(), model.new_cache()
    np.testing.assert_array_equal(model.read([[6] * 300], live)[0, 0], follows(*[6] * 300))
    assert kept == []
    with pytest.raises(ContextOverflowError, match=r"all requests at once"):
        model.read([[7] * 300], other)
    assert (live.lengths, other.lengths) == ((300,), (0,))


def test_wrong_reads_do_not_reach_the_library(model: Any, library: FakeLibrary) -> None:
    cache = model.new_cache()
    for ids in ([[VOCAB_SIZE]], [[-1]], [[1], [2]]):
        with pytest.raises(DecodingError):
            model.read(ids, cache)
    with pytest.raises(ContextOverflowError, match=r"600 tokens"):
        model.read([[1] * 600], cache)
    assert library.batches == []


def test_dropped_sequences_are_emptied_and_used_again(model: Any, library: FakeLibrary) -> None:
    for _ in range(300):
        model.read([[1, 2]], model.new_cache())
    np.testing.assert_array_equal(model.read([[9]], model.new_cache())[0, 0], follows(9))
    assert sum(map(len, library.sequences.values())) < 10


def test_digest_names_the_backend_and_the_quantisation(model: Any) -> None:
    assert model.weights_digest == "llama.cpp-Q4_1-00"


def test_amx_is_read_from_what_the_library_says_of_itself(library: FakeLibrary) -> None:
    from ngsd_guard.models.llamacpp._library import has_amx

    assert not has_amx()
    library.system_info = b"CPU : AVX2 = 1 | AMX_INT8 = 1 | REPACK = 1 | "
    assert has_amx()
