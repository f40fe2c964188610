"""`ngsd-guard audit tail`, `export`, `keygen`, `schema` and `override`."""

import json
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ngsd_guard import AuditLog, Guard, cli
from ngsd_guard.audit import ChangeRecord, json_schema, read_lines, tail, verify, write_key_pair
from ngsd_guard.testing import scripted_engine

CANARY = "Kanarienvogel"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["audit", *map(str, arguments)])


def write(path: Path, *names: str, **options: object) -> None:
    with AuditLog(path, fsync="never", **options) as log:  # type: ignore[arg-type]
        for name in names:
            log.write(ChangeRecord(subject="config", name=name, digest="0"))


def names(path: Path, number: int = 1000) -> list[str]:
    return [fields["name"] for fields in tail(path, number) if fields["kind"] == "change"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


@pytest.fixture
def event_id(path: Path) -> str:
    """Return the id of a request in a log that also has a verdict and a trace."""
    with AuditLog(path, fsync="never", trace_rate=1.0) as log:
        engine = scripted_engine(audit=log)
        answer = engine.generate([{"role": "user", "content": CANARY}])
        Guard(engine).check(CANARY)
    return answer.id


def test_tail_prints_one_line_per_record(path: Path, event_id: str) -> None:
    result = run("tail", path)
    lines = result.stdout.splitlines()
    assert len(lines) == len(list(read_lines(path)))
    (request,) = (line for line in lines if "  request " in line)
    assert event_id[:12] in request
    for word in ("completed", "finish stop", "risk 9.0", "peak 2.11 of 0.90", "39 overrides"):
        assert word in request
    (verdict,) = (line for line in lines if "  verdict " in line)
    assert "input  block  risk 9.0" in verdict
    assert CANARY not in result.stdout


def test_tail_prints_the_last_records_of_all_chains_by_time(path: Path) -> None:
    with AuditLog(path, fsync="never") as log:
        write(path.with_name("other.jsonl"), "b")
        log.write(ChangeRecord(subject="config", name="a", digest="0"))
    path.with_name("other.jsonl").rename(path.with_name("audit-2.jsonl"))
    times = [fields["time_utc"] for fields in tail(path, 1000)]
    assert len(times) == 8
    assert times == sorted(times)
    assert [fields["kind"] for fields in tail(path, 3)] == ["change", "stop", "checkpoint"]
    assert list(tail(path, 0)) == []


def test_tail_continues_in_rotated_files(path: Path) -> None:
    many = [str(index) for index in range(60)]
    write(path, *many, max_bytes=4096)
    assert len(list(path.parent.glob("audit.0*.jsonl"))) > 2
    assert names(path) == many
    assert names(path, 30) == many[-len(names(path, 30)) :]
    assert 20 < len(names(path, 30)) < 30  # the rest are checkpoints


def test_tail_prints_long_lines_in_full(path: Path) -> None:
    long = ["x" * 50_000, "y" * 90_000, "z" * 200_000]
    write(path, *long)
    assert names(path, 4) == long[1:]


@pytest.mark.parametrize("max_bytes", [None, 4096])
def test_following_survives_rotation_and_sees_new_chains(path: Path, max_bytes: int | None) -> None:
    many = [str(index) for index in range(100)]
    with (
        AuditLog(path, fsync="never", max_bytes=max_bytes) as log,
        closing(tail(path, 1, follow=True, poll_s=0.01)) as followed,
    ):
        assert next(followed)["kind"] == "start"
        found = (fields["name"] for fields in followed if fields["kind"] == "change")
        for name in many:
            log.write(ChangeRecord(subject="config", name=name, digest="0"))
        assert list(islice(found, 100)) == many
        log.write(ChangeRecord(subject="config", name="last", digest="0"))
        assert next(found) == "last"
        write(path.with_name("other.jsonl"), "second chain")
        path.with_name("other.jsonl").rename(path.with_name("audit-2.jsonl"))
        assert next(found) == "second chain"


def test_following_waits_for_the_whole_line(path: Path) -> None:
    write(path, "first")
    with path.open("a") as file, closing(tail(path, 1, follow=True, poll_s=0.01)) as followed:
        next(followed)
        file.write('{"kind": "whole"}\n{"kind": "ha')
        file.flush()
        assert next(followed) == {"kind": "whole"}
        file.write('lf"}\n')
        file.flush()
        assert next(followed) == {"kind": "half"}


def test_tail_prints_no_control_characters(path: Path) -> None:
    write(path, "\x1b[31mred\u202e")
    (line,) = (line for line in run("tail", path).stdout.splitlines() if "change" in line)
    assert line.isprintable()


def test_commands_report_a_missing_log(path: Path) -> None:
    for arguments in (
        ["tail", path],
        ["export", path, "--format", "csv", "--out", path.with_name("out.csv")],
        ["override", path, "e1", "allow", "--reviewer", "r1"],
    ):
        result = run(*arguments)
        assert result.exit_code == 1
        assert "there is no audit log at" in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert list(path.parent.iterdir()) == []


def test_export_writes_a_file_and_overwrites_none(path: Path, event_id: str) -> None:
    out = path.with_name("out.csv")
    assert run("export", path, "--format", "csv", "--out", out).exit_code == 0
    assert event_id in out.read_text()
    out.write_text("precious")
    result = run("export", path, "--format", "csv", "--out", out)
    assert result.exit_code == 1
    assert "--force" in result.stderr
    assert out.read_text() == "precious"
    assert run("export", path, "--format", "csv", "--out", out, "--force").exit_code == 0
    assert event_id in out.read_text()


def test_unknown_format_is_named_with_the_available_ones(path: Path, event_id: str) -> None:
    result = run("export", path, "--format", "xml", "--out", path.with_name("out"))
    assert result.exit_code == 1
    assert "otlp-json, ocsf, csv, parquet" in result.stderr


def test_generated_keys_sign_and_verify(path: Path) -> None:
    private = path.with_name("audit.pem")
    result = run("keygen", private)
    public = path.with_name("audit.pub.pem")
    assert result.exit_code == 0
    assert private.stat().st_mode & 0o777 == 0o600
    write(path, "a", signing_key=private)
    assert verify(path, public).is_intact
    assert next(read_lines(path))["key_id"] in result.stdout
    for there, missing in ((private, public), (public, private)):
        missing.unlink()
        again = run("keygen", private)
        assert again.exit_code == 1
        assert "is there already" in again.stderr
        assert not missing.exists()
        missing.write_bytes(there.read_bytes())
    assert run("keygen", path.with_name("nowhere") / "k.pem").exit_code == 1


def test_schema_is_printed_or_written(path: Path) -> None:
    assert json.loads(run("schema").stdout) == json_schema()
    out = path.with_name("schema.json")
    assert run("schema", "--out", out).exit_code == 0
    assert json.loads(out.read_text()) == json_schema()
    assert run("schema", "--out", out).exit_code == 1
    assert run("schema", "--out", out, "--force").exit_code == 0


def test_log_with_an_override_still_verifies(path: Path, event_id: str) -> None:
    result = run("override", path, event_id, "allow", "--reviewer", "r7", "--reason-code", "fp")
    assert result.exit_code == 0, result.output
    (record,) = (fields for fields in read_lines(path) if fields["kind"] == "override")
    said = {name: record[name] for name in ("event_id", "decision", "reviewer", "reason_code")}
    assert said == {
        "event_id": event_id, "decision": "allow", "reviewer": "r7", "reason_code": "fp"
    }  # fmt: skip
    assert verify(path).is_intact


def test_override_of_an_unknown_id_is_refused(path: Path, event_id: str) -> None:
    before = path.read_bytes()
    result = run("override", path, "0" * 32, "allow", "--reviewer", "r7")
    assert result.exit_code == 1
    assert "no request or verdict" in result.stderr
    assert path.read_bytes() == before


def test_override_accepts_codes_and_refuses_sentences(path: Path, event_id: str) -> None:
    before = path.read_bytes()
    for options in (
        ["allow", "--reviewer", "Erika Mustermann"],
        ["allow", "--reviewer", ""],
        ["allow", "--reviewer", "r7", "--reason-code", "she asked nicely"],
        ["perhaps", "--reviewer", "r7"],
    ):
        assert run("override", path, event_id, *options).exit_code == 2
    assert path.read_bytes() == before


def test_override_of_a_signed_log_needs_its_key(path: Path) -> None:
    private, public = path.with_name("key.pem"), path.with_name("key.pub.pem")
    write_key_pair(private, public)
    with AuditLog(path, fsync="never", signing_key=private) as log:
        answer = scripted_engine(audit=log).generate([{"role": "user", "content": "Hi"}])
    refused = run("override", path, answer.id, "block", "--reviewer", "r7")
    assert refused.exit_code == 1
    assert "signing_key" in refused.stderr
    accepted = run(
        "override", path, answer.id, "block", "--reviewer", "r7", "--signing-key", private
    )
    assert accepted.exit_code == 0, accepted.output
    assert verify(path, public).is_intact
