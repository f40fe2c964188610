import threading

import pytest
import torch

from _fakes import USER, CountingModel
from ngsd_guard import Engine
from ngsd_guard.models import RowCache
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import PrefixCache
from ngsd_guard.testing import ScriptedModel

BYTES_PER_TOKEN = 2 * 4 * 2  # keys and values of one head of two float32 numbers


class Model(CountingModel):
    """A model whose keys are its tokens, so that copies can be checked."""

    def new_cache(self) -> RowCache:  # type: ignore[override]
        return RowCache([None])


def filled(token_ids: list[int]) -> RowCache:
    cache = RowCache([None])
    plan = cache.plan(len(token_ids), torch.device("cpu"))
    states = torch.tensor(token_ids, dtype=torch.float32).view(1, 1, -1, 1).expand(1, 1, -1, 2)
    cache.write(plan, 0, states, -states)
    cache.commit(plan)
    return cache


def held(cache: RowCache) -> list[int]:
    return cache._keys[0][0, 0, : cache.lengths[0], 0].int().tolist() if cache._keys else []


def prefixes(max_bytes: int = 2**20) -> PrefixCache:
    return PrefixCache(Model(), max_bytes)


LONG = list(range(100, 140))


def test_prompt_reuses_the_longest_shared_prefix() -> None:
    kept = prefixes()
    kept.keep(LONG[:20], filled(LONG[:20]))
    kept.keep([*LONG[:15], 7, 8, 9], filled([*LONG[:15], 7, 8, 9]))
    cache, unread = kept.start(LONG)
    assert (held(cache), unread) == (LONG[:20], LONG[20:])
    cache, unread = kept.start([*LONG[:15], 7, 8, 1, 2])
    assert (held(cache), unread) == ([*LONG[:15], 7, 8], [1, 2])


def test_edited_turn_is_read_again() -> None:
    kept = prefixes()
    kept.keep(LONG, filled(LONG))
    edited = [*LONG[:10], 1, *LONG[11:]]
    cache, unread = kept.start(edited)
    assert (held(cache), unread) == (LONG[:10], edited[10:])


def test_last_token_always_remains_to_be_read() -> None:
    kept = prefixes()
    kept.keep(LONG, filled(LONG))
    for prompt in (LONG, LONG[:30]):
        cache, unread = kept.start(prompt)
        assert (held(cache), unread) == (prompt[:-1], prompt[-1:])


def test_short_shared_prefix_is_not_copied() -> None:
    kept = prefixes()
    kept.keep(LONG, filled(LONG))
    cache, unread = kept.start([*LONG[:7], 1, 2])
    assert (cache.lengths, unread) == ((0,), [*LONG[:7], 1, 2])


def test_entries_are_copied_and_never_written_to() -> None:
    kept = prefixes()
    kept.keep(LONG, filled(LONG))
    cache, _ = kept.start([*LONG, 1])
    assert isinstance(cache, RowCache)
    plan = cache.plan(1, torch.device("cpu"))
    cache.write(plan, 0, torch.full((1, 1, 1, 2), 5.0), torch.full((1, 1, 1, 2), 5.0))
    cache.commit(plan)
    cache._keys[0].zero_()
    again, _ = kept.start([*LONG, 1])
    assert held(again) == LONG  # type: ignore[arg-type]


def test_longer_entry_replaces_its_prefix() -> None:
    kept = prefixes()
    kept.keep(LONG[:20], filled(LONG[:20]))
    kept.keep(LONG, filled(LONG))
    assert len(kept) == 1
    assert kept.num_bytes == filled(LONG).num_bytes


def test_least_recently_used_entries_are_dropped_first() -> None:
    one, two, three = ([number] * 40 for number in (1, 2, 3))
    kept = prefixes(2 * filled(one).num_bytes)
    kept.keep(one, filled(one))
    kept.keep(two, filled(two))
    kept.start([*one, 9])  # used again, so that two is dropped
    kept.keep(three, filled(three))
    assert [len(kept.start([*ids, 9])[1]) for ids in (one, two, three)] == [1, 41, 1]
    assert kept.num_bytes == 2 * filled(one).num_bytes


def test_nothing_is_kept_without_memory() -> None:
    for kept in (prefixes(0), prefixes(filled(LONG).num_bytes - 1)):
        kept.keep(LONG, filled(LONG))
        assert (len(kept), kept.num_bytes) == (0, 0)


def test_clear_removes_all_entries() -> None:
    kept = prefixes()
    kept.keep(LONG, filled(LONG))
    kept.clear()
    assert (len(kept), kept.num_bytes) == (0, 0)


def test_concurrent_use_keeps_the_byte_count_correct() -> None:
    kept = prefixes(20 * filled(LONG).num_bytes)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for index in range(60):
                ids = [number, index % 7, *LONG]
                cache, unread = kept.start([*ids, 1])
                assert held(cache) == [*ids, 1][: len(ids) + 1 - len(unread)]  # type: ignore[arg-type]
                kept.keep(ids, filled(ids))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert kept.num_bytes == sum(cache.num_bytes for cache in kept._entries.values())


@pytest.mark.parametrize("is_guarded", [True, False])
def test_caches_of_unknown_size_are_not_kept(is_guarded: bool) -> None:
    engine = Engine(Pair(ScriptedModel("Sure."), ScriptedModel("Sure.")))
    engine.generate(USER, guarded=is_guarded)
    assert len(engine.pair.base_prefixes) == 0
