import threading

from _fakes import EAGER, SILENT, USER, FunctionModel, random_logits
from ngsd_guard import Engine
from ngsd_guard.decoding._lookup import Continuations, OwnText
from ngsd_guard.pairs import Pair


def test_earlier_answer_is_gone_on_with() -> None:
    kept = Continuations()
    kept.learn([1, 2, 3, 10, 11, 12, 13], start=3)
    assert kept.find([9, 1, 2, 3], 8) == (10, 11, 12, 13)
    assert kept.find([2, 3, 10], 2) == (11, 12)
    assert kept.find([1, 2], 8) == ()
    assert kept.find([3, 2, 1], 8) == ()


def test_prompts_are_not_kept() -> None:
    kept = Continuations()
    kept.learn([1, 2, 3, 4, 5, 6], start=5)
    assert kept.find([1, 2, 3], 8) == ()
    assert kept.find([3, 4, 5], 8) == (6,)


def test_newest_continuation_counts_and_oldest_goes() -> None:
    kept = Continuations(capacity=2)
    kept.learn([1, 2, 3, 4], start=3)
    kept.learn([5, 6, 7, 8], start=3)
    kept.learn([1, 2, 3, 9], start=3)
    assert kept.find([1, 2, 3], 8) == (9,)
    kept.learn([10, 11, 12, 13], start=3)
    assert len(kept) == 2
    assert kept.find([5, 6, 7], 8) == ()
    assert kept.find([1, 2, 3], 8) == (9,)


def test_own_text_is_quoted_from_its_latest_place() -> None:
    text = OwnText([1, 2, 3, 4, 5, 1, 2, 3])
    assert text.find(2) == (4, 5)
    text.extend([7, 8, 1, 2, 3])
    assert text.find(8) == (7, 8, 1, 2, 3)
    assert OwnText([1, 2, 3]).find(8) == ()


def test_lookups_survive_threads_that_learn() -> None:
    kept = Continuations(capacity=50)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for index in range(200):
                kept.learn([number, index, 3, 4, 5], start=3)
                kept.find([number, index, 3], 4)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(kept) <= 50


def test_second_time_takes_fewer_rounds_and_gives_the_same() -> None:
    for config in (EAGER, SILENT):
        engine = Engine(
            Pair(FunctionModel(random_logits(1)), FunctionModel(random_logits(2)), config)
        )
        first, second = (engine.generate(USER, max_new_tokens=40, trace=True) for _ in range(2))
        assert second.steps is not None
        assert first.steps is not None
        assert second.token_ids == first.token_ids
        assert [s.current for s in second.steps] == [s.current for s in first.steps]
        assert second.speculation.num_rounds < first.speculation.num_rounds
        other = engine.generate(USER, max_new_tokens=40, temperature=1.0, seed=3)
        fresh = Engine(Pair(engine.base, engine.expert, config))
        expected = fresh.generate(USER, max_new_tokens=40, temperature=1.0, seed=3)
        assert other.token_ids == expected.token_ids
