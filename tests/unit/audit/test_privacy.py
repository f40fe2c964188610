import json
import logging
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from _fakes import SILENT, read_all, read_records
from _logs import verdict
from canaries import leaks_in
from ngsd_guard import AuditError, AuditLog, ConfigurationError
from ngsd_guard.audit import audit_context, load_record, verify
from ngsd_guard.audit._content import ContentStore
from ngsd_guard.testing import scripted_engine

PROMPT, ANSWER = "Kanarienvogel prüfen", "Gelbe Federn."
MESSAGES = [{"role": "user", "content": PROMPT}]
KEY = b"0123456789abcdef"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_full_content_is_encrypted_separately_and_can_be_read_with_the_key(path: Path) -> None:
    with AuditLog(path, content="full", key=KEY) as log:
        answer = scripted_engine(ANSWER, config=SILENT, audit=log).generate(MESSAGES)
    (record,) = read_records(path)
    assert record["content_ref"] == datetime.now(UTC).date().isoformat()
    for word in ("Kanarienvogel", "Federn"):
        assert word.encode() not in everything_in(path.parent)
    store = ContentStore(path, KEY)
    assert store.get(answer.id) == {"prompt": PROMPT, "output": ANSWER}
    assert store.get("another") is None
    assert verify(path).is_intact


def test_content_cannot_be_decrypted_with_another_key(path: Path) -> None:
    with AuditLog(path, content="full", key=KEY) as log:
        log.write(verdict("a"), prompt=PROMPT)
    with pytest.raises(AuditError, match="another master key"):
        ContentStore(path, b"f" * 16).get("a")
    with (
        pytest.raises(AuditError, match="another master key"),
        AuditLog(path, content="full", key=b"f" * 16) as log,
    ):
        log.write(verdict("b"), prompt=PROMPT)


def test_content_moved_to_another_record_cannot_be_decrypted(path: Path) -> None:
    with AuditLog(path, content="full", key=KEY) as log:
        log.write(verdict("a"), prompt=PROMPT)
    store = ContentStore(path, KEY)
    (file,) = store.folder.glob("*.jsonl")
    entry = json.loads(file.read_text())
    file.write_text(json.dumps({**entry, "event_id": "b"}) + "\n")
    with pytest.raises(AuditError, match="cannot decrypt") as caught:
        store.get("b")
    assert "Kanarienvogel" not in str(caught.value)


def test_content_without_its_day_key_is_gone_and_the_log_still_verifies(path: Path) -> None:
    with AuditLog(path, content="full", key=KEY) as log:
        log.write(verdict("a"), prompt=PROMPT)
    store = ContentStore(path, KEY)
    assert store.delete(before=date(2020, 1, 1)) == []
    today = datetime.now(UTC).date()
    assert store.delete(before=today + timedelta(days=1)) == [today.isoformat()]
    assert list(store.folder.iterdir()) == []
    assert ContentStore(path, KEY).get("a") is None
    assert verify(path).is_intact


@pytest.mark.parametrize("options", [{"content": "full"}, {"content": "hmac", "key": b"short"}])
def test_stored_content_needs_a_long_key(path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="needs a key; pass key=, at least 16"):
        AuditLog(path, **options)
    assert not path.exists()


def test_context_is_in_every_record_with_the_actor_as_a_fingerprint(path: Path) -> None:
    with AuditLog(path, content="hmac", key=KEY) as log:
        with audit_context(session_id="s1", actor="anna@example.com"):
            log.write(verdict("a"))
            with audit_context(trace_id="t1"):
                log.write(verdict("b"))
        log.write(verdict("c"))
    found = [[r.get(n) for n in ("session_id", "trace_id")] for r in read_records(path)]
    assert found == [["s1", None], ["s1", "t1"], [None, None]]
    actors = [record.get("actor_hmac") for record in read_records(path)]
    assert actors[0] == actors[1]
    assert len(actors[0] or "") == 64
    assert actors[2] is None
    assert b"anna" not in everything_in(path.parent)


@pytest.mark.parametrize("value", ["", "x" * 257])
def test_context_ids_are_short(value: str) -> None:
    with pytest.raises(ConfigurationError, match="1 to 256"), audit_context(session_id=value):
        pass


def test_a_users_logger_receives_every_record(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    logger = structlog.wrap_logger(
        logging.getLogger("theirs"),
        processors=[structlog.stdlib.filter_by_level, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    with caplog.at_level(logging.INFO, "theirs"), AuditLog(path, logger=logger) as log:
        log.write(verdict("a"))
    (message,) = [record.getMessage() for record in caplog.records]
    event = json.loads(message)
    assert event.pop("event") == "verdict"
    (record,) = read_records(path)
    assert {"kind": "verdict", **event} == record


def test_a_failing_observer_is_recorded_and_not_raised(path: Path) -> None:
    def fail(_: object) -> None:
        raise RuntimeError(PROMPT)

    seen: list[Any] = []
    with AuditLog(path, observers=[fail, seen.append]) as log:
        log.write(verdict("a"))
    kinds = [record["kind"] for record in read_all(path)]
    assert kinds == ["start", "verdict", "error", "stop", "checkpoint"]
    assert read_all(path)[2]["error_type"] == "RuntimeError"
    assert [record["kind"] for record in seen] == ["error", "verdict"]
    assert b"Kanarienvogel" not in everything_in(path.parent)


def test_a_line_that_is_not_a_record_is_refused_without_quoting_it() -> None:
    for line in ('{"kind":"verdict","stage":"Kanarienvogel"}', "Kanarienvogel", "[1]", "{}"):
        with pytest.raises(AuditError, match="not an audit record") as caught:
            load_record(line)
        assert "Kanarienvogel" not in str(caught.value)


def test_traces_are_recorded_for_their_share_of_requests(path: Path) -> None:
    log = AuditLog(path, trace_rate=0.5, fsync="never")
    engine = scripted_engine("Sure.", "No!", audit=log)
    answers = {a.id: a for a in (
        engine.generate(MESSAGES, max_new_tokens=4, trace=True) for _ in range(40)
    )}  # fmt: skip
    log.close()
    traces = [record for record in read_all(path) if record["kind"] == "trace"]
    assert 5 < len(traces) < 35
    for trace in traces:
        steps = answers[trace["event_id"]].steps or ()
        assert trace["currents"] == pytest.approx([s.current for s in steps], abs=1e-4)
        assert trace["potentials"] == pytest.approx([s.charged_potential for s in steps], abs=1e-4)
        assert trace["spike_indices"] == [step.index for step in steps if step.spiked]


def test_canaries_are_found_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "clean.jsonl").write_text('{"kind":"start"}')
    (tmp_path / "input.txt").write_text(PROMPT)
    assert list(leaks_in(tmp_path)) == []
    (tmp_path / "sub" / "bad.jsonl").write_text(json.dumps({"prompt": PROMPT}))
    (leak,) = leaks_in(tmp_path)
    assert leak.endswith("bad.jsonl: Kanarienvogel")
    (tmp_path / "sub" / "bad.jsonl").unlink()  # the whole run is searched at the end
