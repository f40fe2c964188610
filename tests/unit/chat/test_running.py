"""Turns, deadlines and ends of answers, in threads and on event loops."""

import asyncio
import contextvars
import copy
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ngsd_guard import AuditLog, ConfigurationError, DecodingTimeoutError, EngineBusyError
from ngsd_guard.audit import audit_context, read_lines
from ngsd_guard.chat import (
    ChatEngine,
    ChatRequest,
    EngineChoice,
    Finished,
    shared_chat_engine,
)
from ngsd_guard.testing import ScriptedModel, scripted_engine

USER = [{"role": "user", "content": "Hi"}]
Says = Callable[..., ChatEngine]


class Slow(ScriptedModel):
    """Takes its time over every token."""

    def forward(self, input_ids: Any, cache: Any) -> Any:
        time.sleep(0.01)
        return super().forward(input_ids, cache)


def request(**options: Any) -> ChatRequest:
    return ChatRequest(messages=USER, **options)


def eventually(check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not check() and time.monotonic() < deadline:
        time.sleep(0.01)
    return check()


def test_closed_stream_gives_its_turn_back(says: Says) -> None:
    chat = says("a" * 300, kind=Slow, max_concurrency=1, max_queue=0)
    stream = chat.stream(request())
    next(stream)
    assert chat.admission.num_active == 1
    with pytest.raises(EngineBusyError):
        next(chat.stream(request()))
    stream.close()
    assert chat.admission.num_active == 0


@pytest.mark.parametrize("is_async", [False, True])
async def test_time_is_counted_from_the_request_and_named_as_given(
    says: Says, is_async: bool
) -> None:
    chat = says("a" * 300, kind=Slow, max_concurrency=1)
    for holds in (False, True):  # while decoding, and in line
        if holds:
            holder = chat.stream(request())
            next(holder)
        with pytest.raises(DecodingTimeoutError, match=r"within 0\.15 s") as caught:
            await chat.aanswer(request(timeout_s=0.15)) if is_async else chat.answer(
                request(timeout_s=0.15)
            )
        assert caught.value.timeout_s == 0.15
    holder.close()
    assert (chat.admission.num_active, chat.admission.num_waiting) == (0, 0)


@pytest.mark.parametrize("way", ["aanswer", "astream"])
async def test_cancelled_task_ends_the_answer(says: Says, way: str) -> None:
    chat = says("a" * 300, kind=Slow)

    async def work() -> None:
        if way == "aanswer":
            await chat.aanswer(request())
        async for _ in chat.astream(request()):
            pass

    task = asyncio.create_task(work())
    await asyncio.sleep(0.3)
    assert chat.admission.num_active == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(eventually, lambda: chat.admission.num_active == 0)


async def test_as_many_answers_share_forward_passes_as_are_admitted(says: Says) -> None:
    num_rows: list[int] = []

    class Counting(Slow):
        def read(self, input_ids: Any, cache: Any, **options: Any) -> Any:
            num_rows.append(len(input_ids))
            return super().read(input_ids, cache, **options)

    chat = says("abc" * 9, kind=Counting, max_concurrency=12)
    answers = await asyncio.gather(*(chat.aanswer(request()) for _ in range(20)))
    assert [answer.text for answer in answers] == ["abc" * 9] * 20
    assert 6 < max(num_rows) <= 12  # the pool that asyncio keeps has 6 threads on two cores


async def test_audit_records_have_the_ids_of_the_task(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    chat = ChatEngine(scripted_engine(audit=AuditLog(path)))
    with audit_context(session_id="talk"):
        await chat.aanswer(request())
        async for _ in chat.astream(request()):
            pass
    sessions = [line["session_id"] for line in read_lines(path) if line["kind"] == "request"]
    assert sessions == ["talk", "talk"]


def test_context_variables_of_the_reader_are_not_changed(says: Says) -> None:
    before = contextvars.copy_context()
    list(says("abc").stream(request()))
    after = contextvars.copy_context()
    assert {variable: after[variable] for variable in before} == dict(before.items())


def test_equal_choices_share_an_engine_and_others_the_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loads: list[Any] = []

    def load(base: str, *_: Any, **__: Any) -> Any:
        loads.append(base)
        return scripted_engine()

    monkeypatch.setattr("ngsd_guard.chat._registry.load_engine", load)
    first = shared_chat_engine(EngineChoice("a", audit=Path("x.jsonl")))
    assert shared_chat_engine(EngineChoice("a", audit="x.jsonl")) is first
    narrow = shared_chat_engine(EngineChoice("a", audit="x.jsonl", max_concurrency=1))
    assert narrow.engine is first.engine
    assert narrow.admission.max_active == 1
    other = shared_chat_engine(EngineChoice("a", "b"))
    assert other.engine is not first.engine
    assert loads == ["a", "a"]


def test_engine_is_loaded_again_once_nobody_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Any] = []

    def load(base: str, *_: Any, **__: Any) -> Any:
        loads.append(base)
        return scripted_engine()

    monkeypatch.setattr("ngsd_guard.chat._registry.load_engine", load)
    held = shared_chat_engine(EngineChoice("a"))
    assert shared_chat_engine(EngineChoice("a")) is held
    del held
    shared_chat_engine(EngineChoice("a"))
    assert loads == ["a", "a"]


def test_copies_are_the_engine_itself_and_pickles_find_it(says: Says) -> None:
    chat = says("yes")
    assert copy.copy(chat) is copy.deepcopy(chat) is chat
    written = pickle.dumps(chat)
    assert pickle.loads(written) is chat
    del chat
    with pytest.raises(ConfigurationError, match="another process"):
        pickle.loads(written)


async def test_events_end_in_the_same_way_on_both_streams(says: Says) -> None:
    chat = says("abc")
    last = [event async for event in chat.astream(request(max_new_tokens=2))][-1]
    assert isinstance(last, Finished)
    assert last.finish_reason == "length"
    assert list(chat.stream(request(max_new_tokens=2)))[-1].finish_reason == "length"  # type: ignore[union-attr]
