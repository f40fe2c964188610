"""No failure counts as clean, and every failure is recorded."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from _fakes import read_all, read_records
from _guard_fakes import (
    BENIGN,
    HARMFUL,
    POLICY,
    SECRET,
    STAGES,
    FaultyModel,
    Gate,
    KeywordModel,
    keyword_engine,
    keyword_guard,
    log_at,
    policy_with,
    question_at,
    wait_until,
)
from ngsd_guard import AuditError, AuditLog, ConfigurationError, Guard, NGSDConfig, Verdict
from ngsd_guard.guard import CheckRequest
from ngsd_guard.rows import SeparateRows

FAULTS: list[Any] = [
    RuntimeError(SECRET),
    MemoryError(),
    torch.OutOfMemoryError("no room"),
    OSError("device lost"),
    RecursionError(),
    torch.full((1, 257), float("nan")),
    torch.full((1, 257), float("inf")),
]
NAMES = [
    "RuntimeError",
    "MemoryError",
    "OutOfMemoryError",
    "OSError",
    "RecursionError",
    "NonFiniteLogitsError",
    "NonFiniteLogitsError",
]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    log = log_at(tmp_path / "audit.jsonl")
    yield log
    log.close()


def assert_not_judged(verdict: Verdict, evaluation: str = "error") -> None:
    assert verdict.evaluation == evaluation
    assert verdict.flagged
    assert verdict.action == "block"
    assert verdict.is_blocked
    assert not verdict.is_clean
    assert verdict.message == POLICY.failure_message
    assert (verdict.risk, verdict.categories, verdict.trace) == (None, (), ())
    assert verdict.redacted(BENIGN) == "[redacted]"


def only_record(log: AuditLog) -> dict[str, Any]:
    (record,) = read_records(log.path)
    return record


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("fault", "name"), list(zip(FAULTS, NAMES, strict=True)), ids=NAMES)
def test_a_failing_base_gives_no_clean_verdict(
    stage: Any, fault: Any, name: str, log: AuditLog
) -> None:
    guard = keyword_guard(base=FaultyModel(fault), audit=log)
    verdict = guard.check(**question_at(stage, BENIGN), source_id="doc-7")
    assert_not_judged(verdict)
    assert verdict.error_type == name
    record = only_record(log)
    assert record["event_id"] == verdict.record_id
    assert (record["evaluation"], record["flagged"], record["action"]) == ("error", True, "block")
    assert (record["error_type"], record["source_id"]) == (name, "doc-7")
    assert SECRET not in log.path.read_text()


@pytest.mark.parametrize("stage", ["input", "output"])
@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_a_failing_expert_gives_no_clean_verdict(stage: Any, fault: Any, log: AuditLog) -> None:
    guard = keyword_guard(expert=FaultyModel(fault), audit=log)
    assert_not_judged(guard.check(**question_at(stage, HARMFUL)))
    assert only_record(log)["evaluation"] == "error"


@pytest.mark.parametrize("stage", STAGES)
def test_running_out_of_memory_between_reads_gives_no_clean_verdict(
    stage: Any, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("no room")

    guard = keyword_guard(audit=log)
    monkeypatch.setattr(SeparateRows, "spread", full)  # where rows are joined
    questions = [question_at(stage, BENIGN), question_at(stage, HARMFUL)]
    for verdict in [guard.check(**questions[0]), *guard.check_batch(questions)]:
        assert_not_judged(verdict)
        assert verdict.error_type == "OutOfMemoryError"
    assert len(read_records(log.path)) == 3


@pytest.mark.parametrize("stage", STAGES)
def test_a_failure_of_any_read_gives_no_clean_verdict(stage: Any) -> None:
    text = "Fine. HARM it. ORDER it. Fine."
    whole = KeywordModel()
    assert keyword_guard(base=whole).check(**question_at(stage, text), explain=True).flagged
    step = max(whole.num_calls // 12, 1)
    for fail_at in range(0, whole.num_calls, step):
        model = FaultyModel(RuntimeError("broken"), fail_at=fail_at)
        verdict = keyword_guard(base=model).check(**question_at(stage, text), explain=True)
        assert_not_judged(verdict)
        assert verdict.error_type == "RuntimeError"


@pytest.mark.parametrize("action", ["allow", "flag", "escalate", "block"])
def test_the_policy_may_allow_failures_and_the_record_shows_them(
    action: Any, log: AuditLog
) -> None:
    guard = keyword_guard(
        policy_with(on_failure=action), base=FaultyModel(RuntimeError()), audit=log
    )
    verdict = guard.check(BENIGN)
    assert (verdict.evaluation, verdict.flagged, verdict.action) == ("error", True, action)
    assert verdict.is_blocked == (action in ("escalate", "block"))
    assert not verdict.is_clean
    assert (verdict.message is not None) == verdict.is_blocked
    record = only_record(log)
    assert (record["evaluation"], record["action"]) == ("error", action)
    is_open = action in ("allow", "flag")
    assert verdict.redacted("text") == ("text" if is_open else "[redacted]")


@pytest.mark.parametrize("opened", STAGES)
def test_allowing_failures_at_one_stage_does_not_affect_others(opened: Any) -> None:
    stages = POLICY.stages
    open_ = stages.of(opened).replace(on_failure="allow")
    policy = POLICY.replace(stages=stages.replace(**{opened: open_}))
    guard = keyword_guard(policy, base=FaultyModel(RuntimeError()))
    verdicts = guard.check_batch([question_at(stage, BENIGN) for stage in STAGES])
    assert [v.stage for v in verdicts if not v.is_blocked] == [opened]
    assert not any(verdict.is_clean for verdict in verdicts)


def test_shadow_mode_does_not_enforce_failures(log: AuditLog) -> None:
    policy = POLICY.replace(shadow=True)
    verdict = keyword_guard(policy, base=FaultyModel(RuntimeError()), audit=log).check(BENIGN)
    assert (verdict.evaluation, verdict.enforced, verdict.is_blocked) == ("error", False, False)
    record = only_record(log)
    assert (record["evaluation"], record["enforced"], record["shadow"]) == ("error", False, True)


class _Full:
    def info(self, line: str) -> None:
        raise AuditError("the disk is full")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("fault", ["full", "closed", "broken"])
def test_a_verdict_that_cannot_be_recorded_is_not_clean(
    stage: Any, fault: str, log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = keyword_guard(audit=log)
    if fault == "full":
        monkeypatch.setattr("os.write", lambda fd, data: 0)
    elif fault == "closed":
        log.close()
    else:
        monkeypatch.setattr(log, "write", lambda *a, **k: (_ for _ in ()).throw(ValueError("odd")))
    verdict = guard.check(**question_at(stage, BENIGN))
    assert_not_judged(verdict)
    assert verdict.error_type == ("ValueError" if fault == "broken" else "AuditError")
    assert verdict.record_id is None
    monkeypatch.undo()
    assert read_records(log.path) == []


def test_a_log_with_allowed_gaps_keeps_the_verdict_and_records_the_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditLog(tmp_path / "gaps.jsonl", fsync="never", on_failure="continue")
    guard = keyword_guard(audit=log)
    with monkeypatch.context() as disk:
        disk.setattr("os.write", lambda fd, data: 0)
        lost = [guard.check(BENIGN), guard.check(HARMFUL)]
    assert [verdict.is_clean for verdict in lost] == [True, False]
    assert lost[1].is_blocked
    guard.check(BENIGN)
    log.close()
    (gap,) = (record for record in read_all(log.path) if record["kind"] == "gap")
    assert gap["num_records"] == 2
    assert len(read_records(log.path)) == 1


def test_a_failure_that_cannot_be_recorded_keeps_its_error_type(log: AuditLog) -> None:
    guard = keyword_guard(base=FaultyModel(MemoryError()), audit=log)
    log.close()
    verdict = guard.check(BENIGN)
    assert_not_judged(verdict)
    assert (verdict.error_type, verdict.record_id) == ("MemoryError", None)


@pytest.mark.parametrize("stage", STAGES)
def test_a_check_that_takes_too_long_is_a_timeout(stage: Any, log: AuditLog) -> None:
    gate = Gate()
    guard = keyword_guard(policy_with(timeout_s=0.1), base=FaultyModel(gate), audit=log)
    started = time.perf_counter()
    verdict = guard.check(**question_at(stage, BENIGN))
    assert time.perf_counter() - started < 10  # the work still hangs
    assert_not_judged(verdict, "timeout")
    assert verdict.error_type == "DecodingTimeoutError"
    gate.opened.set()
    wait_until(lambda: guard._pool._num_taken == 0)
    record = only_record(log)  # only one, although the work ended later
    assert (record["evaluation"], record["event_id"]) == ("timeout", verdict.record_id)


def test_abandoned_work_is_stopped() -> None:
    gate = Gate()
    model = FaultyModel(gate)
    guard = keyword_guard(policy_with(timeout_s=0.1), base=model)
    guard.check(BENIGN)
    num_calls = model.num_calls
    gate.opened.set()
    wait_until(lambda: guard._pool._num_taken == 0)
    whole = KeywordModel()
    keyword_guard(base=whole).check(BENIGN)
    # The read that was started (the rating) is completed, but no other.
    assert model.num_calls - num_calls < whole.num_calls
    assert guard.check(BENIGN).evaluation == "evaluated"


def test_a_full_queue_gives_no_clean_verdict(log: AuditLog) -> None:
    gate = Gate()
    guard = keyword_guard(base=FaultyModel(gate), audit=log, max_concurrency=1, max_queue=1)
    waiting = [threading.Thread(target=guard.check, args=(BENIGN,)) for _ in range(2)]
    for thread in waiting:
        thread.start()
    wait_until(lambda: guard._pool._num_taken == 2)
    verdict = guard.check(BENIGN)
    assert_not_judged(verdict)
    assert verdict.error_type == "EngineBusyError"
    assert only_record(log)["error_type"] == "EngineBusyError"
    gate.opened.set()
    for thread in waiting:
        thread.join()
    assert guard.check(BENIGN).is_clean


def test_a_hanging_check_keeps_its_place() -> None:
    gate = Gate()
    guard = keyword_guard(
        policy_with(timeout_s=0.05), base=FaultyModel(gate), max_concurrency=1, max_queue=0
    )
    assert guard.check(BENIGN).evaluation == "timeout"
    assert guard.check(BENIGN).error_type == "EngineBusyError"
    gate.opened.set()
    wait_until(lambda: guard._pool._num_taken == 0)
    policy = policy_with(timeout_s=None)
    assert keyword_guard(policy, max_concurrency=1, max_queue=0).check(BENIGN).is_clean


def test_time_in_the_queue_counts() -> None:
    gate = Gate()
    model = FaultyModel(gate)
    guard = keyword_guard(policy_with(timeout_s=0.3), base=model, max_concurrency=1, max_queue=5)
    assert guard.check(BENIGN).evaluation == "timeout"
    num_calls = model.num_calls
    assert guard.check(BENIGN).evaluation == "timeout"
    assert model.num_calls == num_calls  # it was not started
    gate.opened.set()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3), GeneratorExit()])
def test_exceptions_that_end_the_program_are_recorded_and_passed_on(
    error: BaseException, log: AuditLog
) -> None:
    guard = keyword_guard(base=FaultyModel(error), audit=log)
    with pytest.raises(type(error)):
        guard.check(BENIGN)
    record = only_record(log)
    assert (record["evaluation"], record["flagged"]) == ("error", True)
    assert record["error_type"] == type(error).__name__


def test_an_interrupt_while_waiting_is_recorded(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    guard = keyword_guard(base=FaultyModel(gate), audit=log)

    def interrupted(self: Any, timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("concurrent.futures.Future.result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        guard.check(BENIGN)
    monkeypatch.undo()
    gate.opened.set()
    wait_until(lambda: guard._pool._num_taken == 0)
    assert only_record(log)["error_type"] == "KeyboardInterrupt"


MALFORMED: list[Any] = [
    None,
    7,
    b"bytes",
    {"role": "user", "content": "x"},
    [None],
    ["text"],
    [{"content": "x"}],
    [{"role": "wizard", "content": "x"}],
    [{"role": "user", "content": 7}],
    [{"role": "user", "content": {"type": "image_url", "image_url": {"url": "http://x"}}}],
    [{"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "audio"}]}],
    [{"role": "user", "content": {"type": []}}],
    # An image is refused even if there is text next to it, at any depth.
    [{"role": "user", "content": [{"type": "image_url", "text": "x", "image_url": {"url": "x"}}]}],
    [{"role": "user", "content": [{"text": "x", "image": {"format": "png"}}]}],
    [{"role": "user", "content": [{"type": "text-plain", "text": "x", "url": "http://x"}]}],
    [{"role": "user", "content": [{"type": "tool_result", "content": [{"type": "image"}]}]}],
    [{"role": "user", "content": [{"type": "text", "image_url": {"url": "http://x"}}]}],
    [{"role": "user", "content": "x", "function_call": {"name": "HARM"}}],
    [{"role": "user", "content": "x", "tool_calls": [{"name": "f"}]}, {"role": "user"}, 3],
    [{"role": "assistant", "content": "x", "tool_calls": "HARM"}],
    [{"role": "assistant", "content": "x", "tool_calls": [{"name": "f", "args": {(1, 2): 3}}]}],
]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("messages", MALFORMED, ids=repr)
def test_an_invalid_conversation_gives_no_clean_verdict(
    stage: Any, messages: Any, log: AuditLog
) -> None:
    verdict = keyword_guard(audit=log).check(messages, stage=stage)
    assert_not_judged(verdict)
    assert verdict.error_type == "InvalidRequestError"
    assert only_record(log)["evaluation"] == "error"


@pytest.mark.parametrize("stage", ["tool_args", "output", "retrieval"])
def test_a_request_without_the_text_of_its_stage_is_an_error(stage: Any) -> None:
    assert_not_judged(keyword_guard().check([], stage=stage))
    if stage != "retrieval":
        assert_not_judged(keyword_guard().check([{"role": "user", "content": "x"}], stage=stage))


@pytest.mark.parametrize("stage", STAGES)
def test_a_text_that_is_too_long_is_not_clean(stage: Any, log: AuditLog) -> None:
    model = KeywordModel(context_length=2_048)
    policy = POLICY.replace(max_windows=2)
    guard = keyword_guard(policy, base=model, audit=log)
    verdict = guard.check(**question_at(stage, "a" * 2_500))
    assert_not_judged(verdict)
    assert verdict.error_type == "ContextOverflowError"
    assert model.num_calls == 0
    assert only_record(log)["error_type"] == "ContextOverflowError"


def test_a_context_too_short_for_the_rubric_is_an_error() -> None:
    assert_not_judged(keyword_guard(base=KeywordModel(context_length=300)).check(BENIGN))


@pytest.mark.parametrize(
    "wrong",
    [{"stage": "inptu"}, {"stage": None}, {"source_id": 7}, {"source_id": "\ud800"}],
    ids=repr,
)
def test_a_wrong_argument_raises(wrong: Any) -> None:
    guard = keyword_guard()
    with pytest.raises(ConfigurationError):
        guard.check(BENIGN, **wrong)
    with pytest.raises(ConfigurationError):
        guard.check_batch([{"messages": BENIGN}, {"messages": BENIGN, **wrong}])


@pytest.mark.parametrize(
    "request_", [{"message": BENIGN}, {"messages": BENIGN, "stag": "input"}, BENIGN, 7]
)
def test_a_wrong_request_of_a_batch_is_refused_before_any_is_judged(request_: Any) -> None:
    model = KeywordModel()
    with pytest.raises(ConfigurationError) as caught:
        keyword_guard(base=model).check_batch([{"messages": BENIGN}, request_])
    assert model.num_calls == 0
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("policy", [{"version": "1", "categories": []}, 7], ids=type)
def test_an_invalid_policy_is_an_error(policy: Any) -> None:
    with pytest.raises(ConfigurationError, match="policy"):
        Guard(keyword_engine(), policy)


@pytest.mark.parametrize("option", [{"max_concurrency": 0}, {"max_queue": -1}])
def test_an_invalid_queue_size_is_an_error(option: Any) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(option))):
        keyword_guard(**option)


def test_the_engines_log_is_used_unless_another_is_given(tmp_path: Path) -> None:
    first, second = log_at(tmp_path / "1.jsonl"), log_at(tmp_path / "2.jsonl")
    engine = keyword_engine(audit=first)
    Guard(engine).check(BENIGN)
    Guard(engine, audit=second).check(BENIGN)
    assert (len(read_records(first.path)), len(read_records(second.path))) == (1, 1)


def test_a_record_agrees_with_the_verdict_and_contains_no_text(log: AuditLog) -> None:
    guard = keyword_guard(audit=log)
    answer = f"The {SECRET}. ORDER {SECRET}. HARM {SECRET}"
    for stage in STAGES:
        verdict = guard.check(**question_at(stage, answer), source_id="doc-1", explain=True)
        record = read_records(log.path)[-1]
        assert record["kind"] == "verdict"
        assert record["event_id"] == verdict.record_id
        for name in ("stage", "evaluation", "flagged", "action", "enforced", "risk", "injection"):
            assert record[name] == getattr(verdict, name)
        assert record["peak_potential"] == verdict.peak_potential
        assert record["policy_digest"] == verdict.policy_digest == POLICY.digest
        assert record["policy_version"] == POLICY.version
        assert record["config_digest"] == NGSDConfig().digest
        assert (record["base"], record["expert"]) == ("scripted-base", "scripted-expert")
        assert record["num_spans"] == len(verdict.spans)
        assert [c["name"] for c in record["categories"]] == [c.name for c in verdict.categories]
        spiked = [token.index for token in verdict.trace if token.spiked]
        assert record["spike_indices"] == spiked
        assert bool(spiked) == (stage in ("input", "output"))
        assert SECRET not in repr(verdict)
    assert SECRET not in log.path.read_text()
    assert SECRET not in repr(CheckRequest(HARMFUL, response=HARMFUL))


def test_a_log_with_fingerprints_has_one_of_the_judged_text(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "a.jsonl", content="hmac", key=b"k" * 16, fsync="never")
    guard = keyword_guard(audit=log)
    for text in (BENIGN, BENIGN, HARMFUL):
        guard.check(text)
    first, again, other = (record["prompt_hmac"] for record in read_records(log.path))
    assert first == again != other


def test_a_failure_can_be_reported_from_outside(log: AuditLog) -> None:
    verdict = keyword_guard(audit=log).fail(
        CheckRequest("unread", stage="retrieval"), OSError(SECRET)
    )
    assert_not_judged(verdict)
    assert (only_record(log)["error_type"], only_record(log)["stage"]) == ("OSError", "retrieval")
