import hashlib
import hmac
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from _fakes import SILENT, read_records
from ngsd_guard import (
    AuditLog,
    ConfigurationError,
    ContextOverflowError,
    Engine,
    InvalidRequestError,
    NGSDConfig,
    __version__,
)
from ngsd_guard.audit import RequestRecord, load_record
from ngsd_guard.guard import Guard
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine

PROMPT, ANSWER = "Kanarienvogel pr\u00fcfen\u2028jetzt", "Gelbe Federn.\nViele."
MESSAGES = [{"role": "user", "content": PROMPT}]
KEY = b"0123456789abcdef"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "audit.jsonl"


def engine(log: AuditLog | None, config: NGSDConfig | None = SILENT, **options: Any) -> Engine:
    return scripted_engine(ANSWER, config=config, audit=log, **options)


def test_every_request_is_one_line(path: Path) -> None:
    log = AuditLog(path)
    for _ in range(3):
        engine(log).generate(MESSAGES)
    assert len(read_records(path)) == 3
    assert len({record["event_id"] for record in read_records(path)}) == 3


def test_record_contains_the_gates_decisions(path: Path) -> None:
    config = NGSDConfig.preset("reference")
    answer = scripted_engine("Sure.", "No!", config=config, audit=AuditLog(path)).generate(
        MESSAGES, max_new_tokens=20, trace=True
    )
    assert answer.steps is not None
    (record,) = read_records(path)
    expected = {
        "schema_version": 3,
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
        "usage": {
            "input_tokens": answer.usage.input_tokens,
            "output_tokens": 4,
            "cached_tokens": 0,
        },
        "process_id": os.getpid(),
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
    unused = {"session_id", "trace_id", "actor_hmac", "key_id"}
    unused |= {"prompt_hmac", "output_hmac", "content_ref"}
    assert set(record) == set(RequestRecord.model_fields) - unused


def test_weights_are_read_once_for_all_records_and_not_without_a_log(path: Path) -> None:
    class Counting(ScriptedModel):
        num_digests = 0

        @property
        def weights_digest(self) -> str:
            self.num_digests += 1
            return "f" * 64

    base = Counting(ANSWER)
    Guard(Engine(Pair(base, ScriptedModel("No."), SILENT))).check(PROMPT)
    assert base.num_digests == 0
    audited = Engine(Pair(base, ScriptedModel("No."), SILENT), audit=AuditLog(path))
    audited.generate(MESSAGES)
    Guard(audited).check(PROMPT)
    assert base.num_digests == 1
    assert [record["base_digest"] for record in read_records(path)] == ["f" * 64] * 2


def test_record_can_be_read_back(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES, temperature=0.5, top_p=0.9, top_k=7, seed=3)
    (line,) = read_records(path)
    record = load_record(json.dumps(line))
    assert isinstance(record, RequestRecord)
    assert (record.temperature, record.top_p, record.top_k, record.seed) == (0.5, 0.9, 7, 3)
    assert record.model_dump(mode="json", exclude_unset=True) == line


def test_drawn_seed_is_in_the_record(path: Path) -> None:
    answer = engine(AuditLog(path)).generate(MESSAGES, temperature=0.5)
    (line,) = read_records(path)
    record = load_record(json.dumps(line))  # a string if beyond 2^53
    assert isinstance(record, RequestRecord)
    assert record.seed == answer.seed


def test_unguarded_request_is_recorded_as_skipped(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES, guarded=False)
    (record,) = read_records(path)
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
    assert len(read_records(path)) == 3
    for canary in ("Kanarienvogel", "Geheimnis", "Federn", "Viele"):
        assert canary.encode() not in path.read_bytes()


def test_fingerprints_are_keyed_and_can_be_recomputed(path: Path) -> None:
    engine(AuditLog(path, content="hmac", key=KEY)).generate(MESSAGES)
    (record,) = read_records(path)
    for name, text in (("prompt_hmac", PROMPT), ("output_hmac", ANSWER)):
        assert record[name] == hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def test_without_a_key_there_are_no_fingerprints(path: Path) -> None:
    engine(AuditLog(path)).generate(MESSAGES)
    assert not [name for name in read_records(path)[0] if "hmac" in name]


@pytest.mark.parametrize("key", [None, b""])
def test_fingerprints_need_a_key(path: Path, key: bytes | None) -> None:
    with pytest.raises(ConfigurationError, match="content='hmac' needs a key; pass key="):
        AuditLog(path, content="hmac", key=key)
    assert not path.exists()


def test_key_without_fingerprints_is_refused(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="key is only used") as caught:
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
        (MESSAGES, {"top_p": 2.0}),
        (MESSAGES * 3, {"max_new_tokens": 10**6}),
    ]
    for messages, options in wrong:
        with pytest.raises((ConfigurationError, ContextOverflowError)):
            engine(log).generate(messages, **options)
    records = read_records(path)
    assert [record["num_messages"] for record in records] == [0, 0, 0, 1, 1, 3]
    for record in records:
        assert (record["status"], record["evaluation"]) == ("failed", "error")
        assert record["finish_reason"] is None
        assert record["num_tokens_released"] == 0
    types = [record["error_type"] for record in records]
    assert types[2:] == ["InvalidRequestError", *["ConfigurationError"] * 2, "ContextOverflowError"]
    assert "top_p" in records[4]["error_message"]


def test_users_structlog_is_neither_used_nor_changed(path: Path) -> None:
    def explode(*_: Any) -> None:
        raise RuntimeError("the user's own processor was called")

    structlog.configure(processors=[explode])
    structlog.contextvars.bind_contextvars(tenant="t1")
    try:
        before = structlog.get_config()
        engine(AuditLog(path)).generate(MESSAGES)
        assert structlog.get_config() == before
        assert "tenant" not in read_records(path)[0]
    finally:
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()


def test_log_does_not_configure_structlog(path: Path) -> None:
    structlog.reset_defaults()
    engine(AuditLog(path)).generate(MESSAGES)
    assert not structlog.is_configured()
