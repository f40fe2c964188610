"""Threads, event loops and batches: the same verdicts, without blocking."""

import asyncio
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from _fakes import read_records
from _guard_fakes import (
    BENIGN,
    HARMFUL,
    STAGES,
    FaultyModel,
    Gate,
    KeywordModel,
    keyword_guard,
    log_at,
    policy_with,
    question_at,
    wait_until,
)
from ngsd_guard import AuditLog, Verdict
from ngsd_guard.audit import Record
from ngsd_guard.guard import CheckRequest

REQUESTS: list[dict[str, Any]] = [
    {**question_at(stage, text), "source_id": f"{stage}-{index}"}
    for stage in STAGES
    for index, text in enumerate((BENIGN, HARMFUL, "", "Fine. ORDER it. HARM it."))
]


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return log_at(tmp_path / "audit.jsonl")


def told(verdict: Verdict) -> dict[str, Any]:
    return {**verdict.as_dict(), "latency_s": 0.0, "record_id": None}


@pytest.mark.parametrize("explain", [False, True])
async def test_sync_async_and_batches_give_the_same_verdicts(explain: bool) -> None:
    guard = keyword_guard()
    one_by_one = [told(guard.check(**request, explain=explain)) for request in REQUESTS]
    assert {verdict["flagged"] for verdict in one_by_one} == {True, False}
    assert [told(v) for v in guard.check_batch(REQUESTS, explain=explain)] == one_by_one
    batch = await guard.acheck_batch(REQUESTS, explain=explain)
    assert [told(v) for v in batch] == one_by_one
    each = [await guard.acheck(**request, explain=explain) for request in REQUESTS]
    assert [told(v) for v in each] == one_by_one
    typed = [CheckRequest(**request) for request in REQUESTS]
    assert [told(v) for v in guard.check_batch(typed, explain=explain)] == one_by_one


def test_an_empty_batch_has_no_verdicts() -> None:
    assert keyword_guard().check_batch([]) == []


async def test_every_verdict_of_a_batch_has_its_own_record(log: AuditLog) -> None:
    verdicts = await keyword_guard(audit=log).acheck_batch(REQUESTS)
    records = {record["event_id"]: record for record in read_records(log.path)}
    assert len(records) == len(REQUESTS)
    for verdict, request in zip(verdicts, REQUESTS, strict=True):
        assert records[verdict.record_id]["source_id"] == request["source_id"]
        assert records[verdict.record_id]["flagged"] == verdict.flagged


async def test_a_batch_larger_than_the_queue_is_judged_completely() -> None:
    requests = [{"messages": BENIGN}] * 12
    guard = keyword_guard(max_concurrency=2, max_queue=0)
    assert all(verdict.is_clean for verdict in guard.check_batch(requests))
    assert all(verdict.is_clean for verdict in await guard.acheck_batch(requests))


async def test_a_failure_does_not_affect_the_rest_of_its_batch() -> None:
    requests = [{"messages": m} for m in (BENIGN, [{"role": "wizard"}], HARMFUL)]
    guard = keyword_guard()
    for verdicts in (guard.check_batch(requests), await guard.acheck_batch(requests)):
        assert [v.evaluation for v in verdicts] == ["evaluated", "error", "evaluated"]
        assert [v.flagged for v in verdicts] == [False, True, True]


async def test_the_event_loop_keeps_running_while_a_model_reads() -> None:
    gate = Gate()
    guard = keyword_guard(base=FaultyModel(gate))
    checking = asyncio.create_task(guard.acheck(BENIGN))
    for _ in range(20):  # only reached if the loop is not blocked
        await asyncio.sleep(0.005)
    assert gate.num_waiting > 0
    assert not checking.done()
    gate.opened.set()
    assert (await checking).is_clean


async def test_the_event_loop_keeps_running_while_a_record_is_written(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set[int]()
    write = log.write

    def remembered(record: Record, **options: Any) -> None:
        if record.kind == "verdict":
            threads.add(threading.get_ident())
        write(record, **options)

    monkeypatch.setattr(log, "write", remembered)
    gate = Gate()
    guard = keyword_guard(
        policy_with(timeout_s=0.1),
        base=FaultyModel(gate),
        audit=log,
        max_concurrency=1,
        max_queue=0,
    )
    timeout = await guard.acheck(BENIGN)
    busy = await guard.acheck(BENIGN)
    gate.opened.set()
    await asyncio.to_thread(wait_until, lambda: guard._pool._num_taken == 0)
    await keyword_guard(audit=log).acheck(BENIGN)
    assert (timeout.evaluation, busy.error_type) == ("timeout", "EngineBusyError")
    assert len(read_records(log.path)) == 3
    assert threading.get_ident() not in threads


async def test_a_timeout_is_a_verdict_and_a_record(log: AuditLog) -> None:
    gate = Gate()
    guard = keyword_guard(policy_with(timeout_s=0.1), base=FaultyModel(gate), audit=log)
    verdict = await guard.acheck(BENIGN)
    assert (verdict.evaluation, verdict.action, verdict.is_blocked) == ("timeout", "block", True)
    gate.opened.set()
    await asyncio.to_thread(wait_until, lambda: guard._pool._num_taken == 0)
    (record,) = read_records(log.path)
    assert (record["evaluation"], record["error_type"]) == ("timeout", "DecodingTimeoutError")


async def test_a_cancelled_check_is_recorded_and_the_cancellation_passed_on(log: AuditLog) -> None:
    gate = Gate()
    guard = keyword_guard(base=FaultyModel(gate), audit=log)
    checking = asyncio.create_task(guard.acheck(BENIGN, source_id="mine"))
    await asyncio.to_thread(wait_until, lambda: gate.num_waiting > 0)
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    gate.opened.set()
    await asyncio.to_thread(wait_until, lambda: guard._pool._num_taken == 0)
    (record,) = read_records(log.path)
    assert (record["evaluation"], record["flagged"]) == ("error", True)
    assert (record["error_type"], record["source_id"]) == ("CancelledError", "mine")


async def test_a_callers_own_timeout_is_a_cancellation(log: AuditLog) -> None:
    gate = Gate()
    guard = keyword_guard(base=FaultyModel(gate), audit=log)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(guard.acheck(BENIGN), 0.1)
    gate.opened.set()
    (record,) = read_records(log.path)
    assert record["error_type"] == "CancelledError"


async def test_a_check_cancelled_in_the_queue_is_not_started() -> None:
    gate = Gate()
    model = FaultyModel(gate)
    guard = keyword_guard(base=model, max_concurrency=1)
    first = asyncio.create_task(guard.acheck(BENIGN))
    await asyncio.to_thread(wait_until, lambda: gate.num_waiting > 0)
    second = asyncio.create_task(guard.acheck(BENIGN))
    await asyncio.sleep(0.05)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.opened.set()
    assert (await first).is_clean
    await asyncio.to_thread(wait_until, lambda: guard._pool._num_taken == 0)
    whole = KeywordModel()
    keyword_guard(base=whole).check(BENIGN)
    assert model.num_calls == whole.num_calls


async def test_an_overloaded_guard_fails_at_once() -> None:
    gate = Gate()
    guard = keyword_guard(base=FaultyModel(gate), max_concurrency=1, max_queue=1)
    waiting = [asyncio.create_task(guard.acheck(BENIGN)) for _ in range(2)]
    await asyncio.to_thread(wait_until, lambda: guard._pool._num_taken == 2)
    verdict = await guard.acheck(BENIGN)
    assert (verdict.evaluation, verdict.error_type) == ("error", "EngineBusyError")
    assert verdict.is_blocked
    gate.opened.set()
    assert all(verdict.is_clean for verdict in await asyncio.gather(*waiting))


def test_threads_share_a_guard() -> None:
    guard = keyword_guard(max_concurrency=3)
    expected = [told(guard.check(**request)) for request in REQUESTS]
    found: list[list[dict[str, Any]]] = []

    def work() -> None:
        found.append([told(guard.check(**request)) for request in REQUESTS])

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 6


def test_two_event_loops_share_a_guard() -> None:
    guard = keyword_guard()
    for _ in range(2):
        assert asyncio.run(guard.acheck(HARMFUL)).flagged


def test_a_loop_can_be_closed_before_abandoned_work_ends() -> None:
    gate = Gate()
    guard = keyword_guard(policy_with(timeout_s=0.05), base=FaultyModel(gate))
    assert asyncio.run(guard.acheck(BENIGN)).evaluation == "timeout"
    gate.opened.set()
    wait_until(lambda: guard._pool._num_taken == 0)


def test_as_many_checks_run_as_there_are_threads() -> None:
    gate = Gate()
    model = FaultyModel(gate, fail_at=10**9)
    guard = keyword_guard(base=model, max_concurrency=3)
    guard.check(BENIGN)  # reads the rubric once, for which other threads would wait
    model.fail_at = 0
    workers = [threading.Thread(target=guard.check, args=(BENIGN,)) for _ in range(9)]
    for worker in workers:
        worker.start()
    wait_until(lambda: gate.num_waiting == 3)
    time.sleep(0.05)
    assert gate.num_waiting == 3
    gate.opened.set()
    for worker in workers:
        worker.join()
