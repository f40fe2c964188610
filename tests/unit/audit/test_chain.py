import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from _fakes import read_all
from _logs import lines_of, put_lines, rebuild, verdict
from ngsd_guard import AuditError, AuditLog, ConfigurationError
from ngsd_guard.audit import GapRecord, read_records, verify, write_key_pair

KEY = b"0123456789abcdef"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    private, public = tmp_path / "key.pem", tmp_path / "key.pub"
    write_key_pair(private, public)
    return private, public


def kinds(path: Path) -> list[str]:
    return [record.kind for record in read_records(path)]


def test_a_closed_log_starts_and_stops_and_each_record_names_the_previous_one(path: Path) -> None:
    with AuditLog(path) as log:
        log.write(verdict("a"))
        log.write(verdict("b"))
    records = read_all(path)
    assert [r["kind"] for r in records] == ["start", "verdict", "verdict", "stop", "checkpoint"]
    assert [r["sequence"] for r in records] == [0, 1, 2, 3, 4]
    assert records[0]["prev_hash"] == "0" * 64
    for before, after in pairwise(records):
        assert after["prev_hash"] == before["hash"]
    for line, record in zip(lines_of(path), records, strict=True):
        member = b'"hash":"%s",' % record["hash"].encode()
        assert hashlib.sha256(line.replace(member, b"")).hexdigest() == record["hash"]
    report = verify(path)
    assert (report.is_intact, report.num_records) == (True, 5)
    assert (report.chains[0].is_closed, report.chains[0].signatures) == (True, "none")


def test_the_chain_continues_when_the_log_is_reopened(path: Path) -> None:
    for _ in range(3):
        with AuditLog(path) as log:
            log.write(verdict())
    records = read_all(path)
    assert len({record["chain_id"] for record in records}) == 1
    assert [record["sequence"] for record in records] == list(range(12))
    starts = [record for record in records if record["kind"] == "start"]
    assert [start["previous_end"] for start in starts] == [None, "closed", "closed"]
    assert verify(path).is_intact


def test_logs_of_one_process_share_the_chain_of_a_path(path: Path) -> None:
    first, second = AuditLog(path), AuditLog(path, content="hmac", key=KEY)
    first.write(verdict("a"), prompt="text")
    second.write(verdict("b"), prompt="text")
    first.close()
    with pytest.raises(AuditError, match="is closed"):
        first.write(verdict())
    second.write(verdict("c"))
    second.close()
    assert kinds(path) == ["start", "verdict", "verdict", "verdict", "stop", "checkpoint"]
    assert [p.name for p in path.parent.glob("*.jsonl")] == ["audit.jsonl"]
    assert ["prompt_hmac" in record for record in read_all(path)[1:4]] == [False, True, False]


def test_logs_of_one_path_need_the_same_options(path: Path) -> None:
    log = AuditLog(path)
    with pytest.raises(ConfigurationError, match="other options"):
        AuditLog(path, fsync="never")
    log.close()
    AuditLog(path, fsync="never").close()


_OTHER_PROCESS = """
import sys
sys.path[:0] = sys.argv[2:]
from _logs import verdict
from ngsd_guard import AuditLog
with AuditLog(sys.argv[1], fsync="never") as log:
    print("open", flush=True)
    sys.stdin.readline()
    for number in range(20):
        log.write(verdict(f"other-{number}"))
"""


def test_every_process_has_its_own_chain_and_names_the_others(path: Path) -> None:
    folders = [str(Path(__file__).parents[2])]
    program = [sys.executable, "-c", _OTHER_PROCESS, str(path), *folders]
    log = AuditLog(path, fsync="never")
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "open\n"
        for number in range(20):
            log.write(verdict(f"here-{number}"))
        other.communicate("go\n", timeout=60)
    log.close()
    second = path.with_name("audit-2.jsonl")
    assert len(lines_of(second)) == len(lines_of(path)) == 23
    report = verify(path)
    assert report.is_intact
    assert [Path(chain.log).name for chain in report.chains] == ["audit.jsonl", "audit-2.jsonl"]
    for name in ("audit-2.jsonl", "audit-2.jsonl.head"):
        path.with_name(name).unlink()
    (problem,) = verify(path).problems
    assert "is missing" in problem.reason


def test_a_forked_process_writes_its_own_chain(path: Path) -> None:
    log = AuditLog(path, fsync="never")
    log.write(verdict("before"))
    child = os.fork()
    if child == 0:
        try:
            log.write(verdict("child"))
            log.close()
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    log.write(verdict("after"))
    log.close()
    events = [[r.get("event_id") for r in read_all(p) if r["kind"] == "verdict"]
              for p in (path, path.with_name("audit-2.jsonl"))]  # fmt: skip
    assert events == [["before", "after"], ["child"]]
    assert verify(path).is_intact


def test_full_and_old_files_are_rotated_and_the_chain_continues(path: Path) -> None:
    with AuditLog(path, max_bytes=4096, fsync="never") as log:
        for number in range(40):
            log.write(verdict(str(number)))
    files = sorted(path.parent.glob("*.jsonl"))
    assert len(files) > 4
    assert all(file.stat().st_size < 6000 for file in files)
    report = verify(path)
    assert report.is_intact
    events = [r.event_id for r in read_records(path) if r.kind == "verdict"]
    assert events == [str(number) for number in range(40)]
    with AuditLog(path, max_age_s=1e-9, fsync="never") as log:
        log.write(verdict())
    assert len(sorted(path.parent.glob("*.jsonl"))) == len(files) + 1
    assert verify(path).is_intact
    files[1].unlink()
    (problem,) = verify(path).problems
    assert "are missing" in problem.reason


def test_an_incomplete_line_is_removed_and_recorded(path: Path) -> None:
    with AuditLog(path) as log:
        log.write(verdict())
    with path.open("ab") as file:
        file.write(b'{"half')
    report = verify(path)
    assert report.is_intact
    assert "incomplete record" in report.chains[0].notes[0]
    with AuditLog(path):
        pass
    gaps = [record for record in read_records(path) if isinstance(record, GapRecord)]
    assert [(gap.reason, gap.num_bytes) for gap in gaps] == [("torn_tail", 6)]
    assert verify(path).is_intact
    assert "a crash left 6 bytes of a record" in verify(path).chains[0].notes[0]


def test_records_missing_when_the_log_is_opened_are_a_gap_that_does_not_verify(
    path: Path,
) -> None:
    with AuditLog(path) as log:
        log.write(verdict())
    put_lines(path, lines_of(path)[:-2])
    with AuditLog(path):
        pass
    gaps = [record for record in read_records(path) if isinstance(record, GapRecord)]
    assert [(gap.reason, gap.num_records) for gap in gaps] == [("records_lost", 2)]
    (problem,) = verify(path).problems
    assert "records 2 to 3 are missing" in problem.reason


def test_a_file_of_another_kind_is_set_aside_not_overwritten(path: Path) -> None:
    old = b'{"kind":"request","schema_version":1,"sequence":0}\n'
    path.write_bytes(old)
    with AuditLog(path):
        pass
    aside = path.with_name(read_all(path)[0]["set_aside"])
    assert aside.read_bytes() == old
    assert verify(path).is_intact


def test_a_log_whose_file_was_moved_refuses_records(path: Path) -> None:
    log = AuditLog(path)
    path.rename(path.with_suffix(".moved"))
    with pytest.raises(AuditError, match="moved or deleted"):
        log.write(verdict())
    path.with_suffix(".moved").rename(path)
    log.write(verdict())
    log.close()
    assert verify(path).is_intact


def test_a_log_that_another_program_wrote_to_refuses_records(path: Path) -> None:
    log = AuditLog(path)
    with path.open("ab") as file:
        file.write(b"{}\n")
    with pytest.raises(AuditError, match="another program wrote"):
        log.write(verdict())


def test_signed_logs_verify_with_their_public_key_only(
    path: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    private, public = keys
    with AuditLog(path, signing_key=private, checkpoint_every=4) as log:
        for _ in range(10):
            log.write(verdict())
    assert verify(path, public).is_intact
    assert verify(path, public).chains[0].signatures == "valid"
    assert verify(path).chains[0].signatures == "unchecked"
    write_key_pair(tmp_path / "other.pem", tmp_path / "other.pub")
    (problem,) = verify(path, tmp_path / "other.pub").problems
    assert (problem.line, problem.sequence) == (1, 0)
    assert "is signed with key" in problem.reason


def test_an_unsigned_log_does_not_verify_with_any_key(path: Path, keys: tuple[Path, Path]) -> None:
    AuditLog(path).close()
    (problem,) = verify(path, keys[1]).problems
    assert problem.reason == "the record is not signed"


def test_a_signed_log_can_only_be_opened_with_its_key(
    path: Path, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    AuditLog(path, signing_key=keys[0]).close()
    with pytest.raises(AuditError, match="open it with its signing_key"):
        AuditLog(path)
    write_key_pair(tmp_path / "other.pem", tmp_path / "other.pub")
    with pytest.raises(AuditError, match="is not signed with this key"):
        AuditLog(path, signing_key=tmp_path / "other.pem")
    AuditLog(path, signing_key=keys[0]).close()


def test_a_writer_does_not_continue_a_rebuilt_chain(path: Path, keys: tuple[Path, Path]) -> None:
    with AuditLog(path, signing_key=keys[0]) as log:
        log.write(verdict())
    put_lines(path, rebuild(lines_of(path)))
    path.with_name("audit.jsonl.head").unlink()
    with pytest.raises(AuditError, match="is not signed with this key"):
        AuditLog(path, signing_key=keys[0])


@pytest.mark.parametrize("source", [b"no key", "missing.pem"])
def test_an_invalid_key_is_refused(path: Path, source: Any) -> None:
    with pytest.raises(ConfigurationError, match="key"):
        AuditLog(path, signing_key=source)
    assert not path.exists()


def test_checkpoints_are_passed_to_the_anchor(path: Path) -> None:
    kept: list[Mapping[str, Any]] = []

    def fail(_: Mapping[str, Any]) -> None:
        raise OSError("the other place is not there")

    with AuditLog(path, anchor=kept.append, checkpoint_every=3) as log, AuditLog(path, anchor=fail,
         checkpoint_every=3):  # fmt: skip
        for _ in range(5):
            log.write(verdict())
    written = [record for record in read_all(path) if record["kind"] == "checkpoint"]
    assert kept == written
    assert [record["cause"] for record in written][-1] == "close"
    errors = [record["source"] for record in read_all(path) if record["kind"] == "error"]
    assert errors == ["anchor"] * (len(written) - 1) != []
    assert verify(path).chains[0].is_closed


def test_a_change_that_could_not_be_recorded_is_recorded_the_next_time(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditLog(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda *_: 0)
        with pytest.raises(AuditError):
            log.declare("policy", "1", "a" * 64)
    for digest in ("a", "a", "b"):
        log.declare("policy", "1", digest * 64)
    log.close()
    changes = [record for record in read_all(path) if record["kind"] == "change"]
    assert [(c["digest"][0], c["previous_digest"]) for c in changes] == [
        ("a", None), ("b", "a" * 64)
    ]  # fmt: skip


def test_a_disk_that_fails_between_records_fails_the_next_record(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fail(_: int) -> None:
        failed.set()
        raise OSError(5, "Input/output error")

    def write_on() -> None:
        for _ in range(1_000):  # until the flusher thread has failed
            log.write(verdict())
            time.sleep(0.01)

    log = AuditLog(path, fsync="interval", fsync_interval_s=0.01)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(AuditError, match="Input/output error"):
            write_on()
        assert failed.is_set()
    log.close()


def test_write_failures_can_be_ignored_and_are_recorded(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AuditLog(path, on_failure="continue")
    write: Callable[..., int] = os.write

    def fail(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    log.write(verdict("lost-1"))
    log.write(verdict("lost-2"))
    monkeypatch.setattr(os, "write", write)
    log.write(verdict("kept"))
    log.close()
    records = list(read_records(path))
    assert [r.num_records for r in records if isinstance(r, GapRecord)] == [2]
    assert [r.event_id for r in records if r.kind == "verdict"] == ["kept"]
    report = verify(path)
    assert report.is_intact
    assert "2 records could not be written" in report.chains[0].notes[0]


def test_records_reach_the_disk_in_the_interval(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = threading.Event()
    log = AuditLog(path, fsync="interval", fsync_interval_s=0.01)
    monkeypatch.setattr(os, "fsync", lambda _: synced.set())
    log.write(verdict())
    assert synced.wait(timeout=10)
    log.close()


def test_numbers_outside_json_are_strings_and_round_trip(path: Path) -> None:
    with AuditLog(path) as log:
        log.write(verdict(risk=float("nan"), peak_potential=float("inf"), injection=1e-7))
    line = read_all(path)[1]
    assert (line["risk"], line["peak_potential"], line["injection"]) == ("NaN", "Infinity", 1e-7)
    (record,) = [r for r in read_records(path) if r.kind == "verdict"]
    assert json.dumps([record.risk, record.peak_potential]) == "[NaN, Infinity]"
    assert verify(path).is_intact


def test_a_missing_or_empty_log_is_reported(path: Path) -> None:
    with pytest.raises(AuditError, match="there is no audit log"):
        verify(path)
    path.write_bytes(b"")
    assert verify(path).problems[0].reason == "the log is empty"
