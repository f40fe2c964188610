import errno
import gc
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from _fakes import SILENT, FunctionModel, random_logits, read_all, read_records
from ngsd_guard import (
    AuditError,
    AuditLog,
    Engine,
    NGSDConfig,
)
from ngsd_guard.audit import verify
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine

PROMPT, ANSWER = "Kanarienvogel pr\u00fcfen\u2028jetzt", "Gelbe Federn.\nViele."
MESSAGES = [{"role": "user", "content": PROMPT}]


def engine(log: AuditLog | None, config: NGSDConfig | None = SILENT, **options: Any) -> Engine:
    return scripted_engine(ANSWER, config=config, audit=log, **options)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "audit.jsonl"


def test_folders_are_created_and_the_file_is_private(path: Path) -> None:
    AuditLog(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_existing_lines_are_kept(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES)
    engine(AuditLog(path)).generate(MESSAGES)
    assert len(read_records(path)) == 2


def test_path_that_cannot_be_opened_is_an_audit_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "audit.jsonl"
    with pytest.raises(AuditError, match="cannot open the audit log") as caught:
        AuditLog(path)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)


def test_folder_gets_a_log_of_the_usual_name(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    engine(log).generate(MESSAGES)
    assert log.path == tmp_path / "audit.jsonl"
    assert len(read_records(log.path)) == 1


def test_closed_log_refuses_a_record_and_the_request_fails(path: Path) -> None:
    log = AuditLog(path)
    guarded = engine(log)
    log.close()
    log.close()
    with pytest.raises(AuditError, match="is closed"):
        guarded.generate(MESSAGES)
    assert read_records(path) == []


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int | OSError]]:
    """Make writes partial or fail, according to a list; later writes succeed."""
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
def test_failed_write_leaves_no_partial_line(
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
    log.close()
    assert len(read_records(path)) == 2
    gaps = [record for record in read_all(path) if record["kind"] == "gap"]
    assert [(gap["reason"], gap["num_records"]) for gap in gaps] == [("write_failed", 1)]
    assert verify(path).is_intact


def test_record_that_cannot_be_flushed_to_disk_is_an_audit_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    log = AuditLog(path)
    guarded = engine(log)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(AuditError, match="Input/output error"):
        guarded.generate(MESSAGES)


@pytest.mark.parametrize(("fsync", "num_calls"), [("always", 4), ("never", 0)])
def test_records_are_flushed_to_disk_only_when_requested(
    path: Path, monkeypatch: pytest.MonkeyPatch, fsync: Any, num_calls: int
) -> None:
    calls: list[int] = []
    log = AuditLog(path, fsync=fsync)
    guarded = engine(log)
    gc.collect()  # logs of other tests are flushed when they are closed
    monkeypatch.setattr(os, "fsync", calls.append)
    for _ in range(2):
        guarded.generate(MESSAGES)
    assert len(calls) == num_calls  # the file and its head


def test_threads_write_complete_lines_in_sequence(path: Path) -> None:
    log = AuditLog(path, fsync="never")
    shared = Engine(Pair(FunctionModel(random_logits(1)), ScriptedModel("x"), SILENT), audit=log)
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
    assert len(read_records(path)) == 40
    sequence = [record["sequence"] for record in read_all(path)]
    assert sequence == list(range(len(sequence)))
    assert verify(path).is_intact
