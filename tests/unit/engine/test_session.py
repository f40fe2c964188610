import gc
import os
import threading
from typing import Any

import pytest
from torch import Tensor

from _fakes import SILENT, USER, FunctionModel, random_logits, read_records
from ngsd_guard import (
    AuditLog,
    DecodingError,
    Engine,
    NGSDConfig,
    TokenStream,
)
from ngsd_guard.audit import verify
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedCache, ScriptedModel

SURE, SORRY = "Sure, here is how.", "I'm sorry."


def endless(log: AuditLog | None = None) -> Engine:
    models = [FunctionModel(random_logits(seed)) for seed in (1, 2)]
    return Engine(Pair(*models, SILENT), audit=log)


def assert_cancelled(stream: TokenStream, log: AuditLog, num_tokens: int) -> None:
    answer = stream.generation
    assert answer.finish_reason == "cancelled"
    assert len(answer.token_ids) == num_tokens
    (record,) = read_records(log.path)
    assert record["event_id"] == stream.id == answer.id
    assert (record["status"], record["finish_reason"]) == ("cancelled", "cancelled")
    assert record["num_tokens_released"] == num_tokens
    assert list(stream) == []  # it has ended


def test_finished_stream_has_its_answer_and_one_record(log: AuditLog) -> None:
    stream = endless(log).stream(USER, max_new_tokens=6)
    assert len(list(stream)) == 6
    assert stream.generation.finish_reason == "length"
    (record,) = read_records(log.path)
    assert record["event_id"] == stream.id
    assert (record["status"], record["finish_reason"]) == ("completed", "length")
    stream.close()  # too late to cancel
    assert stream.generation.finish_reason == "length"
    assert len(read_records(log.path)) == 1


def test_answer_is_not_there_before_the_end() -> None:
    stream = endless().stream(USER, max_new_tokens=6)
    next(stream)
    with pytest.raises(DecodingError, match="read it to its end"):
        _ = stream.generation
    assert stream.finish().usage.output_tokens == 6  # the step read before is part of the answer


def test_nothing_is_computed_before_the_stream_is_read() -> None:
    engine = endless()
    engine.stream(USER)
    assert engine.base.lengths == []  # type: ignore[attr-defined]


def test_cancel_ends_the_answer_before_the_next_step(log: AuditLog) -> None:
    stream = endless(log).stream(USER, max_new_tokens=50)
    next(stream)
    next(stream)
    stream.cancel()
    assert stream.finish().finish_reason == "cancelled"
    assert_cancelled(stream, log, 2)


def test_cancel_before_reading_ends_the_answer_at_once(log: AuditLog) -> None:
    stream = endless(log).stream(USER, max_new_tokens=50)
    stream.cancel()
    assert list(stream) == []
    assert_cancelled(stream, log, 0)


def test_cancel_from_another_thread_ends_the_answer(log: AuditLog) -> None:
    entered, resume = threading.Event(), threading.Event()

    class SlowModel(FunctionModel):
        def forward(self, input_ids: Any, cache: ScriptedCache) -> Tensor:
            if len(input_ids) == 1:  # the second answer token is under way
                entered.set()
                resume.wait(timeout=30)
            return super().forward(input_ids, cache)

    models = SlowModel(random_logits(1)), FunctionModel(random_logits(2))
    stream = Engine(Pair(*models, SILENT), audit=log).stream(USER, max_new_tokens=50, guarded=False)
    reader = threading.Thread(target=stream.finish)
    reader.start()
    assert entered.wait(timeout=30)
    stream.cancel()
    resume.set()
    reader.join(timeout=30)
    assert_cancelled(stream, log, 2)  # the step under way was finished, no other was started


def test_close_from_another_thread_waits_for_the_step_under_way(log: AuditLog) -> None:
    entered, resume = threading.Event(), threading.Event()

    class SlowModel(FunctionModel):
        def forward(self, input_ids: Any, cache: ScriptedCache) -> Tensor:
            if len(input_ids) == 1:
                entered.set()
                resume.wait(timeout=30)
            return super().forward(input_ids, cache)

    models = SlowModel(random_logits(1)), FunctionModel(random_logits(2))
    stream = Engine(Pair(*models, SILENT), audit=log).stream(USER, max_new_tokens=50, guarded=False)
    reader = threading.Thread(target=lambda: list(stream))
    reader.start()
    assert entered.wait(timeout=30)
    closer = threading.Thread(target=stream.close)
    closer.start()
    closer.join(timeout=0.05)
    assert closer.is_alive()
    resume.set()
    closer.join(timeout=30)
    reader.join(timeout=30)
    assert_cancelled(stream, log, 2)


def test_closing_a_stream_half_way_cancels_it(log: AuditLog) -> None:
    stream = endless(log).stream(USER, max_new_tokens=50)
    next(stream)
    stream.close()
    stream.close()
    assert_cancelled(stream, log, 1)


def test_leaving_the_with_block_early_cancels_the_answer(log: AuditLog) -> None:
    with endless(log).stream(USER, max_new_tokens=50) as stream:
        for step in stream:
            if step.index == 2:
                break
    assert_cancelled(stream, log, 3)


def test_exception_in_the_with_block_cancels_the_answer_and_passes_on(log: AuditLog) -> None:
    stream = endless(log).stream(USER, max_new_tokens=50)

    def read_and_fail() -> None:
        with stream:
            next(stream)
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        read_and_fail()
    assert_cancelled(stream, log, 1)


def test_closing_an_unread_stream_records_it_as_cancelled(log: AuditLog) -> None:
    engine = endless(log)
    stream = engine.stream(USER, max_new_tokens=50)
    stream.close()
    assert_cancelled(stream, log, 0)
    assert engine.base.lengths == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("num_read", [0, 2])
def test_forgotten_stream_is_recorded_as_cancelled(log: AuditLog, num_read: int) -> None:
    stream = endless(log).stream(USER, max_new_tokens=50)
    for _ in range(num_read):
        next(stream)
    del stream
    gc.collect()
    (record,) = read_records(log.path)
    assert (record["status"], record["num_tokens_released"]) == ("cancelled", num_read)


def test_stream_that_is_collected_while_a_record_is_written_does_not_block_the_log(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The collector runs where it likes, so also inside `AuditLog.write`, which holds a lock.
    engine = endless(log)
    gc.collect()
    gc.disable()
    try:
        stream = engine.stream(USER, max_new_tokens=50)
        next(stream)
        del stream
        write = os.write
        monkeypatch.setattr(os, "write", lambda fd, data: (gc.collect(), write(fd, data))[1])
        worker = threading.Thread(
            target=engine.generate, args=(USER,), kwargs={"max_new_tokens": 1}, daemon=True
        )
        worker.start()
        worker.join(timeout=10)
        assert not worker.is_alive()
    finally:
        gc.enable()
    written = read_records(log.path)
    assert sorted(record["status"] for record in written) == ["cancelled", "completed"]
    assert verify(log.path).is_intact


def test_cancelled_answer_keeps_what_was_released(log: AuditLog) -> None:
    engine = Engine(Pair(ScriptedModel(SURE), ScriptedModel(SORRY), SILENT), audit=log)
    stream = engine.stream(USER)
    for _ in range(4):
        next(stream)
    stream.close()
    assert stream.generation.text == "Sure"
    assert stream.generation.usage.output_tokens == 4


def test_two_streams_of_one_engine_do_not_disturb_each_other() -> None:
    engine = Engine(
        Pair(
            FunctionModel(random_logits(1)),
            FunctionModel(random_logits(2)),
            NGSDConfig.preset("paper"),
        )
    )
    prompts = [[{"role": "user", "content": text}] for text in ("One?", "Two?")]
    alone = [engine.generate(p, max_new_tokens=20, trace=True).steps for p in prompts]
    streams = [engine.stream(p, max_new_tokens=20) for p in prompts]
    together = [[], []]
    for _ in range(20):
        for steps, stream in zip(together, streams, strict=True):
            steps.append(next(stream))
    assert [tuple(steps) for steps in together] == alone
