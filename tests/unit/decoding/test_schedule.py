"""Requests that join a running batch and leave it: what they share, and what they do not."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from _fakes import EAGER, USER, FailingModel, FunctionModel, random_logits
from ngsd_guard import DecodingError, DecodingTimeoutError, Engine, NGSDConfig, RiskScores
from ngsd_guard.config import DecodingConfig, SamplingParams
from ngsd_guard.decoding import Ended, Rated, Request, Schedule
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedCache, ScriptedModel
from ngsd_guard.types import DecodeStep

STEPWISE = EAGER.replace(decoding=DecodingConfig(speculative=False))


class RowCountingModel(FunctionModel):
    """Remembers of every reading how many rows and new tokens it had."""

    def __init__(self, seed: int, **options: Any) -> None:
        super().__init__(random_logits(seed), **options)
        self.readings: list[tuple[int, int]] = []

    def read(self, input_ids: Any, cache: Any, **options: Any) -> Tensor:
        self.readings.append((len(input_ids), max(len(row) for row in input_ids)))
        return super().read(input_ids, cache, **options)


def pair_of_two(config: NGSDConfig = STEPWISE) -> Pair:
    return Pair(RowCountingModel(1), RowCountingModel(2), config)


def user(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def request(text: str, num_tokens: int = 8, **options: Any) -> Request:
    ids = tuple(text.encode())
    rating = RiskScores(0.0, 0.0, 0.0, 0.0, risk=0.0, alpha=0.5, confidence=1.0)
    return Request(
        base_prompt_ids=ids,
        expert_prompt_ids=ids,
        sampling=SamplingParams(max_new_tokens=num_tokens),
        rating=rating,
        speculative=False,
        **options,
    )


def rest(schedule: Schedule, ticket: Any) -> list[Any]:
    events = [schedule.next_event(ticket)]
    while not isinstance(events[-1], Ended):
        events.append(schedule.next_event(ticket))
    return events


def tokens(events: Sequence[Any]) -> list[int]:
    return [event.token_id for event in events if isinstance(event, DecodeStep)]


def test_events_come_in_order() -> None:
    schedule = Schedule(pair_of_two())
    rated, *steps, ended = rest(schedule, schedule.add(request("one", 5)))
    assert isinstance(rated, Rated)
    assert [step.index for step in steps] == [0, 1, 2, 3, 4]
    assert ended.finish_reason == "length"


def test_nothing_is_read_before_somebody_waits() -> None:
    pair = pair_of_two()
    Schedule(pair).add(request("one"))
    assert pair.base.readings == []  # type: ignore[attr-defined]


def test_a_newcomer_joins_the_batch_under_way_and_both_get_their_own_tokens() -> None:
    alone = [rest(s := Schedule(pair_of_two()), s.add(request(t, 12))) for t in ("one", "two")]
    pair = pair_of_two()
    schedule = Schedule(pair)
    first = schedule.add(request("one", 12))
    early = [schedule.next_event(first) for _ in range(4)]
    second = schedule.add(request("two", 12))
    late = rest(schedule, second)
    together = [[*early, *rest(schedule, first)], late]
    assert [tokens(events) for events in together] == [tokens(events) for events in alone]
    assert max(rows for rows, _ in pair.base.readings) == 2  # type: ignore[attr-defined]


def test_streams_of_several_threads_share_forward_passes() -> None:
    pair = pair_of_two()
    engine = Engine(pair)
    expected = [
        Engine(pair_of_two()).generate(user(f"Question {n}?"), max_new_tokens=30).token_ids
        for n in range(8)
    ]
    ready = threading.Barrier(8)
    found: dict[int, tuple[int, ...]] = {}

    def read(number: int) -> None:
        ready.wait()
        stream = engine.stream(user(f"Question {number}?"), max_new_tokens=30)
        found[number] = tuple(step.token_id for step in stream)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [found[number] for number in range(8)] == expected
    steps = [rows for rows, new in pair.base.readings if new == 1]  # type: ignore[attr-defined]
    assert len(steps) < 8 * 29  # as many as one after another would take
    assert max(steps) > 1


def test_a_long_prompt_is_read_in_pieces_while_others_go_on() -> None:
    pair = pair_of_two()
    schedule = Schedule(pair)
    first = schedule.add(request("one", 40))
    for _ in range(3):
        schedule.next_event(first)
    second = schedule.add(request("x" * 2_000, 2))
    pair.base.readings.clear()  # type: ignore[attr-defined]
    rest(schedule, second)
    newcomer = [n for _, n in pair.base.readings if n > 1]  # type: ignore[attr-defined]
    assert sum(newcomer) == 2_000
    assert max(newcomer) <= 256
    # The one under way took a step between each two pieces.
    assert len(first.events) >= len(newcomer) - 1


def test_requests_that_arrive_together_are_rated_together() -> None:
    base, expert = RowCountingModel(1), RowCountingModel(2)
    engine = Engine(Pair(base, expert, STEPWISE))
    engine.generate_batch([user("First one?"), user("Other one")], max_new_tokens=1)
    ratings = [rows for rows, new in base.readings if new > 40]
    assert 2 in ratings


def test_more_requests_than_fit_wait_in_line_and_are_answered_in_order() -> None:
    small = STEPWISE.replace(decoding=DecodingConfig(speculative=False, max_batch_size=2))
    pair = pair_of_two(small)
    schedule = Schedule(pair)
    tickets = [schedule.add(request(f"{n} one", 5)) for n in range(5)]
    assert [len(tokens(rest(schedule, ticket))) for ticket in tickets] == [5] * 5
    assert max(rows for rows, _ in pair.base.readings) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("fail_at", [3, 4])
def test_a_model_that_fails_for_one_row_leaves_the_others_their_answers(fail_at: int) -> None:
    class Fragile(FunctionModel):
        """Raises, whoever shares the reading, once a row that holds a hash is long enough."""

        def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
            logits = super().forward(input_ids, cache)
            is_fragile = b"#" in bytes(i for i in cache.token_ids[:4] if i < 256)
            if is_fragile and cache.length > 3 + fail_at:
                raise RuntimeError("out of memory")
            return logits

    for speculative in (False, True):
        pair = Pair(Fragile(random_logits(1)), FunctionModel(random_logits(2)), EAGER)
        alone = tokens(rest(s := Schedule(pair), s.add(request("one", 12))))
        schedule = Schedule(pair)
        tickets = [
            schedule.add(replace(request(text, 12), speculative=speculative))
            for text in ("one", "#ab", "one")
        ]
        first, failed, third = (rest(schedule, ticket) for ticket in tickets)
        assert tokens(first) == tokens(third) == alone
        assert isinstance(failed[-1].error, DecodingError)
        assert isinstance(failed[-1].error.__cause__, RuntimeError)


def test_an_interrupted_driver_leaves_nobody_waiting() -> None:
    class Interrupting(FailingModel):
        def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
            if cache.length > 5:
                raise KeyboardInterrupt
            return ScriptedModel.forward(self, input_ids, cache)

    base = Interrupting("Sure.", fail_at=99, fault=torch.zeros(1, 257))
    schedule = Schedule(Pair(base, ScriptedModel("Sure."), STEPWISE))
    first, second = schedule.add(request("one", 20)), schedule.add(request("two", 20))
    with pytest.raises(KeyboardInterrupt):
        rest(schedule, first)
    assert isinstance(rest(schedule, second)[-1].error, DecodingError)
    base.reply = ""
    assert isinstance(rest(schedule, schedule.add(request("a", 1)))[-1], Ended)


def test_time_that_is_up_ends_the_answer_between_two_forward_passes() -> None:
    class Slow(FunctionModel):
        def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
            time.sleep(0.01)
            return super().forward(input_ids, cache)

    engine = Engine(Pair(Slow(random_logits(1)), FunctionModel(random_logits(2)), STEPWISE))
    stream = engine.stream(USER, max_new_tokens=1_000, timeout_s=0.3)
    with pytest.raises(DecodingTimeoutError):
        stream.finish()
    answer = engine.generate(USER, max_new_tokens=2)  # nothing of it is left behind
    assert len(answer.token_ids) == 2


def test_a_stream_that_is_closed_frees_its_place_at_once() -> None:
    engine = Engine(pair_of_two())
    stream = engine.stream(USER, max_new_tokens=50)
    next(stream)
    stream.close()
    assert not engine._schedule._tickets


def test_a_stream_that_is_forgotten_frees_its_place_with_the_next_work() -> None:
    engine = Engine(pair_of_two())
    stream = engine.stream(USER, max_new_tokens=50)
    next(stream)
    del stream
    engine.generate(USER, max_new_tokens=1)
    assert not engine._schedule._tickets
