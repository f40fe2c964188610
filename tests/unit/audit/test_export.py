"""Logs as OTLP, OCSF, CSV and Parquet, checked against the formats' own definitions."""

import csv
import gc
import hashlib
import json
import sys
import tracemalloc
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from google.protobuf import json_format
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, LogsData
from pyarrow import parquet

from ngsd_guard import AuditError, AuditLog, ConfigurationError, Guard, MissingDependencyError
from ngsd_guard.audit import (
    AnyRecord,
    ErrorRecord,
    ExportFormat,
    Record,
    RequestRecord,
    TraceRecord,
    VerdictRecord,
    audit_context,
    export,
    read_records,
)
from ngsd_guard.audit._canonical import sealed
from ngsd_guard.audit.read.exports._export import columns
from ngsd_guard.testing import scripted_engine

CANARY = "Kanarienvogel"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
FORMATS = get_args(ExportFormat)
MESSAGES = [{"role": "user", "content": CANARY}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a log with records of nearly all kinds."""
    path = tmp_path / "audit.jsonl"
    with AuditLog(path, fsync="never", trace_rate=1.0, checkpoint_every=8) as log:
        engine = scripted_engine(audit=log)
        with audit_context(session_id="s1", trace_id=TRACE_ID, actor="erika"):
            answer = engine.generate(MESSAGES, temperature=0.5, top_p=0.9, top_k=7, seed=2**63 - 1)
        engine.generate(MESSAGES, guarded=False)
        with pytest.raises(ConfigurationError):
            engine.generate(MESSAGES, top_p=2.0)
        Guard(engine).check(CANARY, explain=True)
        Guard(scripted_engine(scores=(0, 0, 0, 0), audit=log)).check("Hello")
        log.override(answer.id, "allow", reviewer="r7", reason_code="fp")
        log.write(ErrorRecord(source="anchor", error_type="OSError"))
    with path.open("ab") as file:
        file.write(b"torn")
    AuditLog(path, fsync="never").close()
    return path


def exported(path: Path, format: ExportFormat) -> Path:
    out = path.with_name(f"out.{format}")
    export(path, out, format)
    return out


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def log_records(path: Path) -> list[LogRecord]:
    messages = [
        json_format.Parse(line, LogsData(), ignore_unknown_fields=False)
        for line in exported(path, "otlp-json").read_text().splitlines()
    ]
    return [
        record
        for message in messages
        for told in message.resource_logs
        for logs in told.scope_logs
        for record in logs.log_records
    ]


def told(record: LogRecord) -> dict[str, Any]:
    """Return the attributes of a log record as plain values."""

    def plain(value: Any) -> Any:
        kind = value.WhichOneof("value")
        if kind == "array_value":
            return [plain(item) for item in value.array_value.values]
        return getattr(value, kind)

    found = {item.key: plain(item.value) for item in record.attributes}
    assert len(found) == len(record.attributes)
    return found


def test_otlp_has_every_record_as_the_protocol_defines_it(path: Path) -> None:
    records, logs = list(read_records(path)), log_records(path)
    assert [log.event_name for log in logs] == [f"ngsd.{record.kind}" for record in records]
    for record, log in zip(records, logs, strict=True):
        assert record.time_utc is not None
        seconds = datetime.fromisoformat(record.time_utc).timestamp()
        assert log.time_unix_nano / 1e9 == pytest.approx(seconds, abs=1e-6)
        assert told(log)["ngsd.hash"] == record.hash
        assert told(log)["ngsd.sequence"] == record.sequence


def test_otlp_names_what_the_conventions_name(path: Path) -> None:
    log = next(log for log in log_records(path) if log.event_name == "ngsd.request")
    record = next(record for record in read_records(path) if record.kind == "request")
    assert record.usage is not None
    assert record.timing is not None
    expected = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "scripted-base",
        "gen_ai.request.max_tokens": 256,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.top_k": 7,
        "gen_ai.request.top_p": 0.9,
        "gen_ai.request.seed": 2**63 - 1,
        "gen_ai.response.id": record.event_id,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": record.usage.input_tokens,
        "gen_ai.usage.output_tokens": record.usage.output_tokens,
        "gen_ai.conversation.id": "s1",
        "ngsd.event_id": record.event_id,
        "ngsd.reflection.risk": 9.0,
        "ngsd.timing.total_s": record.timing.total_s,
        "ngsd.v_threshold": record.v_threshold,
        "ngsd.spike_indices": list(record.spike_indices),
        "ngsd.actor_hmac": record.actor_hmac,
    }
    found = told(log)
    assert {name: found[name] for name in expected} == expected
    assert all(name.startswith(("ngsd.", "gen_ai.", "error.type")) for name in found)
    assert f'"traceId":"{TRACE_ID}"' in path.with_name("out.otlp-json").read_text()


def test_otlp_severity_follows_what_happened(path: Path) -> None:
    found = [(log.event_name, log.severity_text) for log in log_records(path)]
    assert [text for name, text in found if name == "ngsd.request"] == ["WARN", "INFO", "ERROR"]
    assert [text for name, text in found if name == "ngsd.verdict"] == ["WARN", "INFO"]
    assert ("ngsd.error", "ERROR") in found
    assert ("ngsd.gap", "ERROR") in found
    assert ("ngsd.trace", "DEBUG") in found


def test_otlp_lines_hold_few_records_of_one_process(path: Path) -> None:
    with AuditLog(path, fsync="never") as log:
        for _ in range(600):
            log.write(ErrorRecord(source="anchor", error_type="OSError"))
    lines = json_lines(exported(path, "otlp-json"))
    sizes = [len(line["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) for line in lines]
    assert max(sizes) == 256
    assert sum(sizes) == len(list(read_records(path)))
    names = {item["key"] for item in lines[0]["resourceLogs"][0]["resource"]["attributes"]}
    assert names == {"service.name", "service.instance.id", "host.name", "process.pid"}


def test_numbers_that_json_has_none_for_are_otlp_numbers(path: Path) -> None:
    with AuditLog(path, fsync="never") as log:
        log.write(
            TraceRecord(
                event_id="e", v_threshold=0.9, currents=(float("nan"), 0.0),
                potentials=(float("inf"), float("-inf")),
            )
        )  # fmt: skip
    log_record = [log for log in log_records(path) if log.event_name == "ngsd.trace"][-1]
    currents, potentials = (told(log_record)[f"ngsd.{name}"] for name in ("currents", "potentials"))
    assert str(currents) == "[nan, 0.0]"
    assert potentials == [float("inf"), float("-inf")]


@cache
def ocsf_validator() -> Draft202012Validator:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.8.0")).get_class_schema(
        "detection_finding", profiles=["host", "security_control"]
    )
    return Draft202012Validator(schema)


def test_ocsf_events_follow_its_schema(path: Path) -> None:
    events, validator = json_lines(exported(path, "ocsf")), ocsf_validator()
    for event in events:
        assert list(validator.iter_errors(event)) == []
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    kinds = [event["unmapped"]["ngsd"]["kind"] for event in events]
    assert kinds == ["request", "verdict", "override", "gap"]


def test_ocsf_tells_what_was_done(path: Path) -> None:
    request, verdict, override, gap = json_lines(exported(path, "ocsf"))
    shown = [
        (event["severity"], event["action"], event["disposition"], event["activity_name"])
        for event in (request, verdict, override, gap)
    ]
    assert shown == [
        ("Medium", "Modified", "Corrected", "Create"),
        ("High", "Denied", "Blocked", "Create"),
        ("Informational", "Allowed", "Exonerated", "Update"),
        ("Low", "Observed", "Detected", "Create"),
    ]
    assert override["finding_info"]["uid"] == request["finding_info"]["uid"]
    assert request["metadata"]["correlation_uid"] == TRACE_ID
    assert request["actor"]["session"]["uid"] == "s1"
    assert verdict["policy"]["is_applied"] is True
    assert verdict["time"] == verdict["finding_info"]["created_time"]


def test_ocsf_raw_data_has_the_hash_of_the_chain(path: Path) -> None:
    for event in json_lines(exported(path, "ocsf")):
        digest = hashlib.sha256(event["raw_data"].encode()).hexdigest()
        assert event["raw_data_hash"] == {
            "algorithm_id": 3, "algorithm": "SHA-256", "value": digest
        }  # fmt: skip
        assert event["unmapped"]["ngsd"]["hash"] == digest
        assert event["raw_data_size"] == len(event["raw_data"].encode())


@pytest.mark.parametrize("action", ["allow", "flag", "steer", "redact", "rewrite", "escalate",
                                    "block"])  # fmt: skip
@pytest.mark.parametrize("enforced", [True, False])
@pytest.mark.parametrize("evaluation", ["evaluated", "error", "timeout"])
def test_every_verdict_is_an_event_that_follows_the_schema(
    path: Path, action: Any, enforced: bool, evaluation: Any
) -> None:
    verdict = next(record for record in read_records(path) if record.kind == "verdict")
    assert isinstance(verdict, VerdictRecord)
    changed = verdict.model_copy(
        update={"action": action, "enforced": enforced, "evaluation": evaluation}
    )
    rewrite(path, [changed])
    (event,) = json_lines(exported(path, "ocsf"))
    assert list(ocsf_validator().iter_errors(event)) == []
    assert enforced or event["action"] == "Observed"
    assert (event["action"] == "Denied") == (enforced and action in ("block", "escalate"))


def test_blocked_and_unchanged_answers_are_findings_of_their_own(path: Path) -> None:
    request = next(record for record in read_records(path) if record.kind == "request")
    assert isinstance(request, RequestRecord)
    rewrite(
        path,
        [
            request.model_copy(update={"finish_reason": "blocked"}),
            request.model_copy(update={"override_indices": ()}),
        ],
    )
    blocked, unchanged = json_lines(exported(path, "ocsf"))
    assert (blocked["severity"], blocked["disposition"]) == ("High", "Blocked")
    assert (unchanged["severity"], unchanged["disposition"]) == ("Low", "Detected")


def rewrite(path: Path, records: list[AnyRecord]) -> None:
    path.write_bytes(
        b"".join(sealed(record.model_dump(exclude={"hash"}))[0] + b"\n" for record in records)
    )


def test_csv_has_a_stable_column_for_every_member(path: Path) -> None:
    with exported(path, "csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(columns())
    records = list(read_records(path))
    assert [row["kind"] for row in rows] == [record.kind for record in records]
    for record, row in zip(records, rows, strict=True):
        for name, value in record.model_dump().items():
            cell = row[name]
            if value is None:
                assert cell == ""
            elif isinstance(value, str):
                assert cell == value
            else:
                assert json.loads(cell) == json.loads(json.dumps(value))


def test_columns_begin_with_what_every_record_has() -> None:
    names = list(columns())
    assert names[: len(Record.model_fields)] == list(Record.model_fields)
    (union, *_) = get_args(AnyRecord)
    assert set(names) == {name for kind in get_args(union) for name in kind.model_fields}


def test_parquet_has_every_record_with_its_types(path: Path) -> None:
    table = parquet.read_table(exported(path, "parquet"))
    records = list(read_records(path))
    assert table.column_names == list(columns())
    assert table.num_rows == len(records)
    for record, row in zip(records, table.to_pylist(), strict=True):
        for name, value in record.model_dump(exclude_none=True).items():
            if name == "time_utc":
                assert row[name] == datetime.fromisoformat(value)
            else:
                assert json.dumps(row[name]) == json.dumps(value)
    usage = next(record.usage for record in records if record.kind == "request")
    assert usage is not None
    assert asdict(usage) in table["usage"].to_pylist()


def test_parquet_without_pyarrow_names_the_extra(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"ngsd-guard\[parquet\]"):
        exported(path, "parquet")
    assert not list(path.parent.glob("*out*"))


@pytest.mark.parametrize("format", FORMATS)
def test_no_export_holds_prompt_or_answer(path: Path, format: ExportFormat) -> None:
    data = exported(path, format).read_bytes()
    for canary in (CANARY, "Sure, here", "sorry", "erika"):
        assert canary.encode() not in data


@pytest.mark.parametrize("format", FORMATS)
def test_export_is_for_its_owner_alone(path: Path, format: ExportFormat) -> None:
    assert exported(path, format).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("format", FORMATS)
def test_export_that_fails_leaves_nothing_and_no_hole(path: Path, format: ExportFormat) -> None:
    with path.open("ab") as file:
        file.write(b'{"kind":"request"}\n')
    out = path.with_name("out")
    out.write_text("precious")
    with pytest.raises(AuditError, match="no audit record"):
        export(path, out, format, force=True)
    assert out.read_text() == "precious"
    assert [item.name for item in path.parent.iterdir() if "out" in item.name] == ["out"]


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.jsonl.head"])
def test_export_does_not_replace_the_log(path: Path, name: str) -> None:
    before = path.with_name(name).read_bytes()
    with pytest.raises(AuditError, match="file of the log itself"):
        export(path, path.with_name(name), "csv", force=True)
    assert path.with_name(name).read_bytes() == before


def test_export_to_where_nothing_can_be_written_is_explained(path: Path) -> None:
    with pytest.raises(AuditError, match="cannot write"):
        export(path, path.with_name("nowhere") / "out.csv", "csv")


@pytest.mark.parametrize("format", FORMATS)
def test_memory_does_not_grow_with_the_log(
    path: Path, format: ExportFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ngsd_guard.audit.read.exports._export._ROWS", 64)
    monkeypatch.setattr("ngsd_guard.audit.read.exports._otlp._BATCH", 64)
    line = next(line for line in path.read_bytes().splitlines() if b'"kind":"verdict"' in line)

    def peak(num_records: int) -> int:
        path.write_bytes((line + b"\n") * num_records)
        gc.collect()
        tracemalloc.start()
        export(path, path.with_name("out"), format, force=True)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)  # imports
    few = min(peak(130) for _ in range(3))  # whatever else the process does counts too
    many = min(peak(650) for _ in range(3))
    assert many - few < (650 - 130) * len(line) / 4
