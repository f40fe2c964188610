import errno
import hashlib
import hmac
import json
import os
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from _fakes import SILENT, FunctionModel, random_logits

from ngsd_guard import (
    AuditError,
    AuditLog,
    ConfigurationError,
    ContextOverflowError,
    Engine,
    InvalidRequestError,
    NGSDConfig,
    __version__,
)
from ngsd_guard.audit import RequestRecord
from ngsd_guard.testing import ScriptedModel, scripted_engine

PROMPT, ANSWER = "Kanarienvogel pr\u00fcfen\u2028jetzt", "Gelbe Federn.\nViele."
MESSAGES = [{"role": "user", "content": PROMPT}]
KEY = b"0123456789abcdef"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "audit.jsonl"


def read(path: Path) -> list[dict[str, Any]]:
    data = path.read_bytes()
    assert data == b"" or data.endswith(b"\n")
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def engine(log: AuditLog | None, config: NGSDConfig | None = SILENT, **options: Any) -> Engine:
    return scripted_engine(ANSWER, config=config, audit=log, **options)


def test_every_request_is_one_line(path: Path) -> None:
    log = AuditLog(path)
    for _ in range(3):
        engine(log).generate(MESSAGES)
    assert len(path.read_text().splitlines()) == 3
    assert [record["sequence"] for record in read(path)] == [0, 1, 2]
    assert len({record["event_id"] for record in read(path)}) == 3


def test_record_says_what_the_gate_decided(path: Path) -> None:
    config = NGSDConfig.preset("reference")
    answer = scripted_engine("Sure.", "No!", config=config, audit=AuditLog(path)).generate(
        MESSAGES, max_new_tokens=20, trace=True
    )
    assert answer.steps is not None
    (record,) = read(path)
    expected = {
        "schema_version": 1,
        "kind": "request",
        "event_id": answer.id,
        "package_version": __version__,
        "base": "scripted-base",
        "expert": "scripted-expert",
        "preset": "reference",
        "config_digest": config.digest,
        "num_messages": 1,
        "status": "completed",
        "evaluation": "evaluated",
        "finish_reason": "stop",
        "error_type": None,
        "error_message": None,
        "max_new_tokens": 20,
        "temperature": 0.0,
        "top_k": None,
        "top_p": 1.0,
        "seed": None,
        "v_threshold": 1.0,
        "peak_potential": answer.peak_potential,
        "num_tokens_released": 4,
        "spike_indices": [step.index for step in answer.steps if step.spiked],
        "override_indices": [step.index for step in answer.steps if step.overridden],
        "usage": {"input_tokens": answer.usage.input_tokens, "output_tokens": 4},
        "process_id": os.getpid(),
        "sequence": 0,
    }
    assert {name: record[name] for name in expected} == expected
    assert record["spike_indices"] == [0, 1, 2, 3]
    assert answer.reflection is not None
    assert record["reflection"]["alpha"] == answer.alpha
    assert record["reflection"]["severity"] == answer.reflection.severity
    assert record["timing"]["total_s"] == answer.timing.total_s
    written = datetime.fromisoformat(record["time_utc"])
    assert written.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=5)
    fields = set(RequestRecord.model_fields)
    added = {"host", "process_id", "sequence", "time_utc", "time_monotonic_s"}
    assert set(record) == fields | added


def test_record_can_be_read_back_as_what_was_written(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES, temperature=0.5, top_p=0.9, top_k=7, seed=3)
    (line,) = read(path)
    fields = {name: line[name] for name in RequestRecord.model_fields}
    record = RequestRecord.model_validate_json(json.dumps(fields))
    assert (record.temperature, record.top_p, record.top_k, record.seed) == (0.5, 0.9, 7, 3)
    assert json.loads(record.model_dump_json()) == fields


def test_seed_that_was_drawn_is_in_the_record(path: Path) -> None:
    answer = engine(AuditLog(path)).generate(MESSAGES, temperature=0.5)
    assert read(path)[0]["seed"] == answer.seed


def test_unguarded_request_is_recorded_as_skipped(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES, guarded=False)
    (record,) = read(path)
    assert (record["status"], record["evaluation"]) == ("completed", "skipped")
    assert record["reflection"] is None


@pytest.mark.parametrize("options", [{}, {"content": "hmac", "key": KEY}])
def test_neither_prompt_nor_answer_is_in_the_file(path: Path, options: dict[str, Any]) -> None:
    log = AuditLog(path, **options)
    system = {"role": "system", "content": "Geheimnis"}
    engine(log).generate([system, *MESSAGES], stop="Viele")
    with pytest.raises(InvalidRequestError):
        engine(log).generate([{"role": "user", "content": f"{PROMPT}\x1e"}])
    with pytest.raises(ContextOverflowError):
        engine(log).generate(MESSAGES, max_new_tokens=10**6)
    assert len(read(path)) == 3
    for canary in ("Kanarienvogel", "Geheimnis", "Federn", "Viele"):
        assert canary.encode() not in path.read_bytes()


def test_fingerprints_are_keyed_and_can_be_recomputed(path: Path) -> None:
    engine(AuditLog(path, content="hmac", key=KEY)).generate(MESSAGES)
    (record,) = read(path)
    for name, text in (("prompt_hmac", PROMPT), ("output_hmac", ANSWER)):
        assert record[name] == hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def test_without_a_key_there_are_no_fingerprints(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES)
    assert not [name for name in read(path)[0] if "hmac" in name]


@pytest.mark.parametrize("key", [None, b""])
def test_fingerprints_need_a_key(path: Path, key: bytes | None) -> None:
    with pytest.raises(ConfigurationError, match="content='hmac' needs key="):
        AuditLog(path, content="hmac", key=key)
    assert not path.exists()


def test_key_without_fingerprints_is_refused(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="key= is only used") as caught:
        AuditLog(path, key=b"geheimgeheimgehe")
    assert "geheim" not in str(caught.value)


def test_unknown_option_is_refused(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="content"):
        AuditLog(path, content="all")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="fsync"):
        AuditLog(path, fsync="sometimes")  # type: ignore[arg-type]


def test_request_that_fails_before_any_work_is_recorded(path: Path) -> None:
    log = AuditLog(path)
    wrong: list[tuple[Any, dict[str, Any]]] = [
        ([], {}),
        ("text", {}),
        (None, {}),
        (MESSAGES, {"temperature": -1.0}),
        (MESSAGES, {"speculative": True}),
        (MESSAGES * 3, {"max_new_tokens": 10**6}),
    ]
    for messages, options in wrong:
        with pytest.raises((ConfigurationError, ContextOverflowError)):
            engine(log).generate(messages, **options)
    records = read(path)
    assert [record["num_messages"] for record in records] == [0, 0, 0, 1, 1, 3]
    for record in records:
        assert (record["status"], record["evaluation"]) == ("failed", "error")
        assert record["finish_reason"] is None
        assert record["num_tokens_released"] == 0
    types = [record["error_type"] for record in records]
    assert types[2:] == ["InvalidRequestError", *["ConfigurationError"] * 2, "ContextOverflowError"]
    assert "speculative" in records[4]["error_message"]


def test_folders_are_made_and_the_file_is_the_owners_alone(path: Path) -> None:
    AuditLog(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_existing_lines_are_kept(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES)
    engine(AuditLog(path)).generate(MESSAGES)
    assert len(read(path)) == 2


def test_path_that_cannot_be_opened_is_an_audit_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "audit.jsonl"):
        with pytest.raises(AuditError, match="cannot open the audit log") as caught:
            AuditLog(path)
        assert str(path) in str(caught.value)
        assert isinstance(caught.value.__cause__, OSError)


def test_closed_log_refuses_a_record_and_the_request_fails(path: Path) -> None:
    log = AuditLog(path)
    guarded = engine(log)
    log.close()
    log.close()
    with pytest.raises(AuditError, match="is closed"):
        guarded.generate(MESSAGES)
    assert read(path) == []


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int | OSError]]:
    """Let writes take part of the data, or fail, as the list says; then all of it."""
    plan: list[int | OSError] = []
    write = os.write

    def short_write(fd: int, data: bytes) -> int:
        if not plan or not data.startswith(b"{"):
            return write(fd, data)
        outcome = plan.pop(0)
        if isinstance(outcome, OSError):
            raise outcome
        return write(fd, data[:outcome])

    monkeypatch.setattr(os, "write", short_write)
    yield plan
    assert not plan


@pytest.mark.parametrize("outcome", [1, 100, OSError(errno.ENOSPC, "No space left on device")])
def test_write_that_fails_leaves_no_half_line(
    path: Path, full_disk: list[int | OSError], outcome: int | OSError
) -> None:
    log = AuditLog(path)
    engine(log).generate(MESSAGES)
    whole = path.read_bytes()
    full_disk.append(outcome)
    with pytest.raises(AuditError, match="cannot write to the audit log"):
        engine(log).generate(MESSAGES)
    assert path.read_bytes() == whole
    engine(log).generate(MESSAGES)
    assert [record["sequence"] for record in read(path)] == [0, 1]


def test_record_that_cannot_be_forced_to_the_disk_is_an_audit_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    log = AuditLog(path)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(AuditError, match="Input/output error"):
        engine(log).generate(MESSAGES)


@pytest.mark.parametrize(("fsync", "num_calls"), [("always", 2), ("never", 0)])
def test_disk_is_waited_for_only_when_asked(
    path: Path, monkeypatch: pytest.MonkeyPatch, fsync: Any, num_calls: int
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(os, "fsync", calls.append)
    log = AuditLog(path, fsync=fsync)
    for _ in range(2):
        engine(log).generate(MESSAGES)
    assert len(calls) == num_calls


def test_users_structlog_is_neither_used_nor_changed(path: Path) -> None:
    def explode(*_: Any) -> None:
        raise RuntimeError("the user's own processor was called")

    structlog.configure(processors=[explode])
    structlog.contextvars.bind_contextvars(tenant="t1")
    try:
        before = structlog.get_config()
        engine(AuditLog(path)).generate(MESSAGES)
        assert structlog.get_config() == before
        assert "tenant" not in read(path)[0]
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()


def test_log_does_not_configure_structlog(path: Path) -> None:
    structlog.reset_defaults()
    engine(AuditLog(path)).generate(MESSAGES)
    assert not structlog.is_configured()


def test_threads_write_whole_lines_in_sequence(path: Path) -> None:
    log = AuditLog(path, fsync="never")
    shared = Engine(FunctionModel(random_logits(1)), ScriptedModel("x"), SILENT, audit=log)
    barrier = threading.Barrier(8)

    def work() -> None:
        barrier.wait()
        for _ in range(5):
            shared.generate(MESSAGES, max_new_tokens=2)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [record["sequence"] for record in read(path)] == list(range(40))
