"""Many requests at once: batches, and the bounded line before an engine."""

import asyncio
import threading
import time
from typing import Any

import pytest
from langchain_core import exceptions
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.prompts import ChatPromptTemplate

from langchain_ngsd import ChatNGSD
from ngsd_guard import DecodingTimeoutError, Engine, EngineBusyError, InvalidRequestError
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine


class Watching(Engine):
    """Counts the requests, and how many are open at once."""

    def __init__(self, pair: Pair) -> None:
        super().__init__(pair)
        self.num_requests = 0

    def stream(self, *args: Any, **options: Any) -> Any:
        self.num_requests += 1
        return super().stream(*args, **options)


class Slow(ScriptedModel):
    """Takes its time over every token."""

    def forward(self, input_ids: Any, cache: Any) -> Any:
        time.sleep(0.005)
        return super().forward(input_ids, cache)


def watching(reply: str = "yes", kind: type[ScriptedModel] = ScriptedModel) -> Watching:
    return Watching(Pair(kind(reply), ScriptedModel(reply)))


def prompts(count: int) -> list[Any]:
    return [f"Question {number}?" for number in range(count)]


class Peak:
    """The most requests that were at work at once."""

    def __init__(self, model: ChatNGSD) -> None:
        admission = model.chat.admission
        self.value, enter = 0, admission._enter

        def watched() -> Any:
            ticket = enter()
            self.value = max(self.value, admission.num_active)
            return ticket

        admission._enter = watched  # type: ignore[method-assign]


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(("options", "config", "width"), [
    ({}, None, 20), ({}, {"max_concurrency": 4}, 4), ({"max_concurrency": 3}, None, 3),
    ({"max_concurrency": 3}, {"max_concurrency": 9}, 3),
])  # fmt: skip
async def test_batch_asks_as_many_at_once_as_the_engine_and_the_caller_allow(
    is_async: bool, options: dict[str, Any], config: Any, width: int
) -> None:
    engine = watching("yes", Slow)
    model = ChatNGSD.from_engine(engine, max_queue=0, **options)
    peak = Peak(model)
    asked = prompts(20)
    answers = await model.abatch(asked, config) if is_async else model.batch(asked, config)
    assert [answer.text for answer in answers] == ["yes"] * 20
    assert engine.num_requests == 20
    assert peak.value == width


async def test_chain_batches_are_not_refused_for_their_size() -> None:
    engine = watching()
    model = ChatNGSD.from_engine(engine, max_concurrency=1, max_queue=0)
    chain = ChatPromptTemplate.from_messages([("human", "{q}")]) | model
    chain.batch([{"q": prompt} for prompt in prompts(5)])
    await chain.abatch([{"q": prompt} for prompt in prompts(6)])
    assert engine.num_requests == 11


@pytest.mark.parametrize("is_async", [False, True])
async def test_failures_stay_with_their_member(is_async: bool) -> None:
    model = ChatNGSD.from_engine(watching())
    asked: list[Any] = ["One?", "   ", "Three?"]
    if is_async:
        answers = await model.abatch(asked, return_exceptions=True)
    else:
        answers = model.batch(asked, return_exceptions=True)
    assert [type(answer).__name__ for answer in answers] == [
        "AIMessage", "InvalidRequestError", "AIMessage"]  # fmt: skip
    with pytest.raises(InvalidRequestError):
        model.batch(asked)


@pytest.mark.parametrize("is_async", [False, True])
async def test_member_over_the_context_has_the_error_langchain_knows(is_async: bool) -> None:
    model = ChatNGSD.from_engine(watching())
    asked: list[Any] = ["One?", "x" * 20_000]
    if is_async:
        _, failed = await model.abatch(asked, return_exceptions=True)
    else:
        _, failed = model.batch(asked, return_exceptions=True)
    assert isinstance(failed, exceptions.ContextOverflowError)


def test_cached_members_are_not_asked_again() -> None:
    engine = watching()
    model = ChatNGSD.from_engine(engine, cache=InMemoryCache())
    asked = prompts(6)
    model.batch(asked[:3])
    answers = model.batch(asked)
    assert [answer.text for answer in answers] == ["yes"] * 6
    assert engine.num_requests == 6


def test_every_member_has_callbacks_of_its_own() -> None:
    class Tap(BaseCallbackHandler):
        def __init__(self) -> None:
            self.ends = 0

        def on_llm_end(self, *_: Any, **__: Any) -> None:
            self.ends += 1

    taps = [Tap(), Tap(), Tap()]
    ChatNGSD.from_engine(watching()).batch(prompts(3), [{"callbacks": [tap]} for tap in taps])
    assert [tap.ends for tap in taps] == [1, 1, 1]


@pytest.mark.parametrize("is_async", [False, True])
async def test_batch_over_its_time_is_a_timeout(is_async: bool) -> None:
    model = ChatNGSD.from_engine(watching("a" * 400, Slow), timeout=0.2)
    with pytest.raises(DecodingTimeoutError, match=r"0\.2 s"):
        await model.abatch(prompts(2)) if is_async else model.batch(prompts(2))


def test_time_spent_in_line_counts() -> None:
    model = ChatNGSD.from_engine(watching("a" * 400, Slow), timeout=0.2, max_concurrency=1)
    with model.chat.admission.slot(), pytest.raises(DecodingTimeoutError, match=r"0\.2 s"):
        model.invoke("Question?")


async def test_cancelled_batch_frees_the_engine() -> None:
    model = ChatNGSD.from_engine(watching("a" * 400, Slow))
    admission = model.chat.admission
    task = asyncio.create_task(model.abatch(prompts(3)))
    await asyncio.sleep(0.2)
    assert admission.num_active == 3
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadline = time.monotonic() + 1  # the 400 tokens would take much longer
    while admission.num_active and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert admission.num_active == 0


def test_one_request_too_many_is_refused_and_the_others_are_answered() -> None:
    model = ChatNGSD.from_engine(watching("a" * 40, Slow), max_concurrency=1, max_queue=2)
    outcomes: list[Any] = []

    def ask() -> None:
        try:
            outcomes.append(model.invoke("Question?").text)
        except EngineBusyError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [outcome for outcome in outcomes if isinstance(outcome, EngineBusyError)]
    assert len(refused) == 3
    assert all("max_queue" in str(error) for error in refused)
    assert [outcome for outcome in outcomes if isinstance(outcome, str)] == ["a" * 40] * 3


async def test_many_tasks_wait_in_line_without_threads() -> None:
    model = ChatNGSD.from_engine(watching("abc", Slow), max_concurrency=2, max_queue=100)
    before = threading.active_count()
    tasks = [asyncio.create_task(model.ainvoke("Question?")) for _ in range(40)]
    answers = await asyncio.gather(*tasks)
    assert [answer.text for answer in answers] == ["abc"] * 40
    assert threading.active_count() - before < 30  # of 40; the pool asyncio keeps has a few


def test_guarded_batch_equals_guarded_answers() -> None:
    model = ChatNGSD.from_engine(scripted_engine(audit=None))
    answers = model.batch(prompts(4))
    own = [answer.response_metadata["ngsd"] | {"record_id": ""} for answer in answers]
    alone = model.invoke(prompts(1)[0])
    assert all(answer.text == alone.text for answer in answers)
    assert own == [alone.response_metadata["ngsd"] | {"record_id": ""}] * 4
