"""Many requests at once: batches decode side by side, and the line before an engine is bounded."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.prompts import ChatPromptTemplate

from langchain_ngsd import ChatNGSD
from ngsd_guard import DecodingTimeoutError, Engine, EngineBusyError, InvalidRequestError
from ngsd_guard.testing import ScriptedModel, scripted_engine

ANSWER = "I'm sorry, but I can't help with that."


class Counting(Engine):
    """Counts the sizes of the batches it is given."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.sizes: list[int] = []

    def generate_batch(self, conversations: Any, **options: Any) -> list[Any]:
        self.sizes.append(len(conversations))
        return super().generate_batch(conversations, **options)


class Slow(ScriptedModel):
    """Takes its time over every token."""

    def forward(self, input_ids: Any, cache: Any) -> Any:
        time.sleep(0.005)
        return super().forward(input_ids, cache)


def counting(reply: str = "yes", kind: type[ScriptedModel] = ScriptedModel) -> Counting:
    return Counting(kind(reply), ScriptedModel(reply))


def prompts(count: int) -> list[str]:
    return [f"Question {number}?" for number in range(count)]


@pytest.mark.parametrize("is_async", [False, True])
async def test_batch_is_answered_side_by_side(is_async: bool) -> None:
    engine = counting()
    model = ChatNGSD.from_engine(engine)
    asked: list[Any] = prompts(20)
    answers = await model.abatch(asked) if is_async else model.batch(asked)
    assert [answer.text for answer in answers] == ["yes"] * 20
    assert engine.sizes == [20]


@pytest.mark.parametrize("is_async", [False, True])
async def test_max_concurrency_is_the_width_of_a_batch(is_async: bool) -> None:
    engine = counting()
    model = ChatNGSD.from_engine(engine)
    asked: list[Any] = prompts(10)
    config: Any = {"max_concurrency": 4}
    answers = await model.abatch(asked, config) if is_async else model.batch(asked, config)
    assert len(answers) == 10
    assert sum(engine.sizes) == 10
    assert max(engine.sizes) <= 4
    assert engine.sizes[0] == 4


async def test_chain_batches_reach_the_engine_as_batches() -> None:
    engine = counting()
    chain = ChatPromptTemplate.from_messages([("human", "{q}")]) | ChatNGSD.from_engine(engine)
    chain.batch([{"q": prompt} for prompt in prompts(5)])
    await chain.abatch([{"q": prompt} for prompt in prompts(6)])
    assert engine.sizes == [5, 6]


@pytest.mark.parametrize("is_async", [False, True])
async def test_failures_stay_with_their_member(is_async: bool) -> None:
    engine = counting()
    model = ChatNGSD.from_engine(engine)
    asked: list[Any] = ["One?", "   ", "Three?"]
    if is_async:
        answers = await model.abatch(asked, return_exceptions=True)
    else:
        answers = model.batch(asked, return_exceptions=True)
    assert [type(answer).__name__ for answer in answers] == [
        "AIMessage", "InvalidRequestError", "AIMessage"]  # fmt: skip
    with pytest.raises(InvalidRequestError):
        model.batch(asked)


def test_cached_members_are_not_waited_for() -> None:
    engine = counting()
    model = ChatNGSD.from_engine(engine, cache=InMemoryCache())
    asked: list[Any] = prompts(6)
    model.batch(asked[:3])
    answers = model.batch(asked)
    assert [answer.text for answer in answers] == ["yes"] * 6
    assert engine.sizes == [3, 3]


def test_every_member_has_callbacks_of_its_own() -> None:
    class Tap(BaseCallbackHandler):
        def __init__(self) -> None:
            self.ends = 0

        def on_llm_end(self, *_: Any, **__: Any) -> None:
            self.ends += 1

    taps = [Tap(), Tap(), Tap()]
    ChatNGSD.from_engine(counting()).batch(list(prompts(3)), [{"callbacks": [tap]} for tap in taps])
    assert [tap.ends for tap in taps] == [1, 1, 1]


@pytest.mark.parametrize("is_async", [False, True])
async def test_batch_over_its_time_is_a_timeout(is_async: bool) -> None:
    model = ChatNGSD.from_engine(counting("a" * 400, Slow), timeout=0.2)
    with pytest.raises(DecodingTimeoutError, match=r"0\.2 s"):
        await model.abatch(list(prompts(2))) if is_async else model.batch(list(prompts(2)))


async def test_cancelled_batch_frees_the_engine() -> None:
    engine = counting("a" * 400, Slow)
    model = ChatNGSD.from_engine(engine)
    task = asyncio.create_task(model.abatch(list(prompts(3))))
    await asyncio.sleep(0.2)
    assert engine.sizes == [3]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.shared is not None
    admission = model.shared.admission
    deadline = time.monotonic() + 1  # the 400 tokens would take much longer
    while admission.num_active and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    assert admission.num_active == 0


def test_one_request_too_many_is_refused_and_the_others_are_answered() -> None:
    model = ChatNGSD.from_engine(counting("a" * 40, Slow), max_concurrency=1, max_queue=2)
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
    model = ChatNGSD.from_engine(counting("abc", Slow), max_concurrency=2, max_queue=100)
    before = threading.active_count()
    tasks = [asyncio.create_task(model.ainvoke("Question?")) for _ in range(40)]
    answers = await asyncio.gather(*tasks)
    assert [answer.text for answer in answers] == ["abc"] * 40
    assert threading.active_count() - before < 30  # of 40; the pool asyncio keeps has a few


def test_guarded_batch_equals_guarded_answers(tmp_path: Path) -> None:
    model = ChatNGSD.from_engine(scripted_engine(audit=None))
    answers = model.batch(list(prompts(4)))
    own = [answer.response_metadata["ngsd"] | {"record_id": ""} for answer in answers]
    alone = model.invoke(prompts(1)[0])
    assert all(answer.text == alone.text for answer in answers)
    assert own == [alone.response_metadata["ngsd"] | {"record_id": ""}] * 4
