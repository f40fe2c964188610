"""What is shown across the chains of a log: its index, its one key, and what no check can show."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from _logs import lines_of, put_head, put_lines, reseal, verdict
from _tampering import kill, open_writer, reopen, write
from ngsd_guard import AuditError, AuditLog, ConfigurationError
from ngsd_guard.audit import read_lines, verify, write_key_pair
from ngsd_guard.audit._chain import Chain
from ngsd_guard.audit._head import read_head
from ngsd_guard.audit._index import locked_index
from ngsd_guard.audit._signing import SigningKey


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "log").mkdir()
    return tmp_path / "log" / "audit.jsonl"


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    write_key_pair(tmp_path / "key.pem", tmp_path / "key.pub")
    return tmp_path / "key.pem", tmp_path / "key.pub"


def blank(head: Path, start: int) -> None:
    data = bytearray(head.read_bytes())
    data[start : start + 384] = b" " * 384
    head.write_bytes(data)


@pytest.mark.parametrize("start", [0, 384])
@pytest.mark.parametrize("is_signed", [True, False])
def test_a_killed_writers_last_record_is_missed_although_half_of_its_head_is_blank(
    path: Path, keys: tuple[Path, Path], start: int, is_signed: bool
) -> None:
    writer = open_writer(path, SigningKey(keys[0]) if is_signed else None)
    write(writer, "a", 4)
    kill(writer)
    public = keys[1] if is_signed else None
    assert verify(path, public).is_intact
    put_lines(path, lines_of(path)[:-1])
    blank(path.with_name("audit.jsonl.head"), start)
    (problem,) = verify(path, public).problems
    assert "a position in the head is missing" in problem.reason
    AuditLog(path, signing_key=keys[0] if is_signed else None).close()
    assert "were missing when the log was opened" in verify(path, public).problems[0].reason or (
        "are missing" in verify(path, public).problems[0].reason
    )


def test_a_writer_does_not_believe_a_position_that_is_not_signed(
    path: Path, keys: tuple[Path, Path]
) -> None:
    writer = open_writer(path, SigningKey(keys[0]))
    write(writer, "a", 4)
    kill(writer)
    put_lines(path, lines_of(path)[:-1])
    head = path.with_name("audit.jsonl.head")
    pending = head.read_bytes()[:384]
    put_head(path, lines_of(path)[-1], signature=json.loads(pending)["signature"])
    head.write_bytes(pending + head.read_bytes()[384:])
    reopen(path, keys[0])
    assert "are missing" in verify(path, keys[1]).problems[0].reason


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_chain_that_no_other_chain_names_is_missed(
    path: Path, keys: tuple[Path, Path], is_signed: bool
) -> None:
    key, public = (SigningKey(keys[0]), keys[1]) if is_signed else (None, None)
    first = open_writer(path, key)
    second = open_writer(path, key)
    kill(first)
    write(second, "b", 3)
    second.release()
    assert verify(path, public).is_intact
    for file in path.parent.glob("audit-2.*"):
        file.unlink()
    (problem,) = verify(path, public).problems
    assert (problem.file, problem.line) == ("audit.jsonl.index", None)
    assert "is missing" in problem.reason


@pytest.mark.parametrize("content", [None, b"", b"{}\n", b"[" * 100_000])
def test_a_log_without_its_index_is_not_intact_and_a_signed_one_is_not_continued(
    path: Path, keys: tuple[Path, Path], content: bytes | None
) -> None:
    AuditLog(path, signing_key=keys[0]).close()
    index = path.with_name("audit.jsonl.index")
    index.unlink() if content is None else index.write_bytes(content)
    (problem,) = verify(path, keys[1]).problems
    assert problem.file == "audit.jsonl.index"
    with pytest.raises(AuditError, match=r"index .*audit\.jsonl\.index"):
        reopen(path, keys[0])
    assert not verify(path, keys[1]).is_intact


def test_an_unsigned_log_that_lost_its_index_gets_another_and_says_so(path: Path) -> None:
    AuditLog(path).close()
    path.with_name("audit.jsonl.index").unlink()
    assert not verify(path).is_intact
    AuditLog(path).close()
    report = verify(path)
    assert report.is_intact
    assert "the index was missing; other chains may have been removed" in report.chains[0].notes[0]


def test_the_index_has_a_valid_signature_over_what_it_says(
    path: Path, keys: tuple[Path, Path]
) -> None:
    AuditLog(path, signing_key=keys[0]).close()
    index = path.with_name("audit.jsonl.index")
    fields = json.loads(index.read_bytes())
    last = json.loads(lines_of(path)[-1])
    (chain,) = fields["chains"]
    assert chain == {
        "slot": 1, "chain_id": last["chain_id"], "sequence": last["sequence"],
        "head_hash": last["hash"],
    }  # fmt: skip
    index.write_bytes(index.read_bytes().replace(b'"revision":2', b'"revision":3'))
    (problem,) = verify(path, keys[1]).problems
    assert problem.reason == "the signature of the index is not valid"
    with pytest.raises(AuditError, match="its signature is not valid"):
        reopen(path, keys[0])


def test_a_chain_put_back_to_an_older_state_and_continued_from_there_is_found(
    path: Path, keys: tuple[Path, Path]
) -> None:
    first, second = open_writer(path, SigningKey(keys[0])), open_writer(path, SigningKey(keys[0]))
    write(second, "b", 2)
    older = {file: file.read_bytes() for file in path.parent.glob("audit-2.*")}
    write(second, "b", 3)
    write(first, "a", 5)  # has a checkpoint, which names the second chain
    kill(second)
    for file, content in older.items():
        file.write_bytes(content)
    again = open_writer(path, SigningKey(keys[0]))  # continues the second chain
    write(again, "c", 9)
    again.release()
    first.release()
    (problem,) = verify(path, keys[1]).problems
    assert "has another record" in problem.reason


_OPENS = """
import sys
from ngsd_guard import AuditError, AuditLog
print("ready", flush=True)
sys.stdin.readline()
try:
    log = AuditLog(sys.argv[1], signing_key=sys.argv[2] or None, fsync="never")
except AuditError as error:
    print("refused:", error, flush=True)
else:
    print("opened", flush=True)
    sys.stdin.readline()
    log.close()
"""


@pytest.mark.parametrize("second_key", ["other.pem", ""])
def test_of_two_writers_with_two_keys_that_start_at_once_one_is_refused(
    tmp_path: Path, path: Path, keys: tuple[Path, Path], second_key: str
) -> None:
    write_key_pair(tmp_path / "other.pem", tmp_path / "other.pub")
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", _OPENS, str(path), str(tmp_path / name) if name else ""],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ,
        )
        for name in ("key.pem", second_key)
    ]  # fmt: skip
    outcomes = []
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        assert program.stdout is not None
        outcomes.append(program.stdout.readline())
    for program in programs:
        program.communicate("close\n", timeout=60)
    assert sorted(outcome.split(":")[0].strip() for outcome in outcomes) == ["opened", "refused"]
    winner = outcomes.index("opened\n")
    public = [keys[1], tmp_path / "other.pub" if second_key else None][winner]
    assert verify(path, public).is_intact
    assert len(verify(path, public).chains) == 1


def test_a_checkpoint_kept_elsewhere_shows_that_everything_was_put_back(
    tmp_path: Path, path: Path, keys: tuple[Path, Path]
) -> None:
    kept: list[dict[str, object]] = []
    AuditLog(path, signing_key=keys[0]).close()
    older = {file: file.read_bytes() for file in path.parent.iterdir()}
    with AuditLog(path, signing_key=keys[0], anchor=lambda record: kept.append(dict(record))):
        pass
    report = verify(path, keys[1], anchors=kept)
    assert report.is_intact
    assert "except up to the checkpoints kept elsewhere" in report.limits
    for file, content in older.items():
        file.write_bytes(content)
    assert verify(path, keys[1]).is_intact
    assert "a checkpoint kept elsewhere (an anchor) would" in verify(path, keys[1]).limits
    anchors = tmp_path / "anchors.jsonl"
    anchors.write_text("".join(json.dumps(record) + "\n" for record in kept))
    (problem,) = verify(path, keys[1], anchors=anchors).problems
    assert str(problem).startswith("checkpoint kept elsewhere: the chain")
    assert "ends earlier than it did" in problem.reason
    anchors.write_text('{"kind": "verdict"}\n')
    with pytest.raises(ConfigurationError, match="anchored checkpoint 1 is not a checkpoint"):
        verify(path, keys[1], anchors=anchors)


def test_an_unsigned_log_cut_back_to_its_first_close_is_not_intact(path: Path) -> None:
    for _ in range(3):
        with AuditLog(path) as log:
            for number in range(4):
                log.write(verdict(str(number)))
    ends = [n for n, line in enumerate(lines_of(path)) if json.loads(line).get("cause") == "close"]
    put_lines(path, lines_of(path)[: ends[0] + 1])
    path.with_name("audit.jsonl.head").unlink()
    (problem,) = verify(path).problems
    assert "the head is missing" in problem.reason
    AuditLog(path).close()  # the index knows how far the chain was
    assert "are missing" in verify(path).problems[0].reason
    assert "The log is not signed" in verify(path).limits


@pytest.mark.parametrize("has_index", [True, False])
@pytest.mark.parametrize("garbage", [b"garbage\n", b"[" * 100_000 + b"\n"])
def test_a_damaged_chain_without_a_head_does_not_become_a_new_chain(
    path: Path, garbage: bytes, has_index: bool
) -> None:
    with AuditLog(path) as log:
        log.write(verdict())
    with path.open("ab") as file:
        file.write(garbage)
    path.with_name("audit.jsonl.head").unlink()
    if has_index:
        AuditLog(path).close()
        assert len({fields["chain_id"] for fields in read_lines(path)}) == 1
        assert not verify(path).is_intact
    else:
        path.with_name("audit.jsonl.index").unlink()
        with pytest.raises(AuditError, match="is damaged"):
            AuditLog(path)
    assert list(path.parent.glob("*.unchained-*")) == []


def test_a_file_that_was_set_aside_is_noted(path: Path) -> None:
    path.write_bytes(b"something else\n")
    AuditLog(path).close()
    (note,) = verify(path).chains[0].notes
    assert "was set aside as audit.jsonl.unchained-" in note


@pytest.mark.parametrize("name", ["audit.jsonl.head", "audit.jsonl.index", "audit-2.jsonl"])
def test_symbolic_links_are_refused_and_their_targets_are_untouched(
    tmp_path: Path, path: Path, name: str
) -> None:
    writer = open_writer(path, None) if name == "audit-2.jsonl" else None
    precious = tmp_path / "precious"
    precious.write_text("precious")
    path.with_name(name).unlink(missing_ok=True)
    path.with_name(name).symlink_to(precious)
    with pytest.raises(AuditError, match="symbolic link"):
        open_writer(path, None)
    assert precious.read_text() == "precious"
    assert not verify(path).is_intact if writer else True
    if writer:
        kill(writer)


def test_a_pipe_in_the_logs_folder_blocks_no_reader(path: Path) -> None:
    AuditLog(path).close()
    os.mkfifo(path.with_name("audit-2.jsonl"))
    assert "is not a regular file" in verify(path).problems[0].reason
    with pytest.raises(AuditError, match="is not a regular file"):
        list(read_lines(path))


def test_a_chain_has_both_positions_before_its_first_record(path: Path) -> None:
    chain = Chain(path, None)
    head = read_head(path)
    chain.close()
    assert head is not None
    assert head.pending == head.committed == chain.position
    assert chain.position.sequence == -1


def test_a_head_that_does_not_fit_the_chain_is_named(path: Path) -> None:
    AuditLog(path).close()
    put_head(path, reseal(lines_of(path)[-1], chain_id="0" * 16))
    (problem,) = verify(path).problems
    assert problem.reason == "the head belongs to another chain"


def test_a_writer_waits_while_another_changes_the_index(path: Path) -> None:
    opened = threading.Event()

    def open_log() -> None:
        log = AuditLog(path)
        opened.set()
        log.close()

    with locked_index(path):
        thread = threading.Thread(target=open_log)
        thread.start()
        assert not opened.wait(0.3)
    thread.join(20)
    assert opened.is_set()
    assert verify(path).is_intact
