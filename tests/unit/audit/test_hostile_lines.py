"""Readers of a log that somebody else may have written: typed errors, and no crash."""

import contextlib
import csv
import json
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from _logs import lines_of, put_lines, reseal, verdict
from _samples import request, trace
from ngsd_guard import AuditLog, ConfigurationError, NGSDError, cli
from ngsd_guard.audit import OverrideRecord, export, read_stats, verify, write_report

_VALUES: Final[tuple[Any, ...]] = (
    None, True, -1, 10**40, 1e308, "", "NaN", "\ud7ff", "[/x]", [], [[]], ["a"], [{"chain_id": 1}],
    [{"chain_id": "a", "sequence": "b", "head_hash": 7}], {}, {"a": {}}, "9999-99-99", "2026-01-01",
    "0001-01-01T00:00:00+00:00", 2**63,
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    with AuditLog(path, fsync="never") as log:
        for record in (verdict("event-1"), request("event-2"), trace("event-2")):
            log.write(record)
        log.override("event-1", "allow", reviewer="r1")
    return path


def read_everything(path: Path, out: Path) -> None:
    """Run every reader; each may only raise an error of this package."""
    for format in ("otlp-json", "ocsf", "csv", "parquet"):
        with contextlib.suppress(NGSDError):
            export(path, out, format, force=True)  # type: ignore[arg-type]
    write_report(path, out, force=True)
    read_stats(path)
    assert verify(path).limits
    for command in (["verify", path], ["tail", path], ["stats", path], ["show", path, "event-1"],
                    ["show", path, "event-2"]):  # fmt: skip
        result = CliRunner().invoke(cli.app, ["audit", *map(str, command)])
        assert result.exit_code in (0, 1), (command, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), command


def test_a_changed_member_with_a_recomputed_hash_crashes_no_reader(
    path: Path, tmp_path: Path
) -> None:
    lines, rng = lines_of(path), Random(5)
    for _ in range(25):
        changed = list(lines)
        for _ in range(3):
            place = rng.randrange(len(lines))
            name = rng.choice(list(json.loads(lines[place])))
            if name != "hash":
                changed[place] = reseal(changed[place], **{name: rng.choice(_VALUES)})
        put_lines(path, changed)
        read_everything(path, tmp_path / "out")


@pytest.mark.parametrize("others", [7, "x", {"a": 1}, [7], [{}], [{"chain_id": 1, "sequence": 2}]])
def test_unreadable_positions_of_other_chains_are_a_problem(path: Path, others: object) -> None:
    lines = lines_of(path)
    put_lines(path, [reseal(lines[0], others=others), *lines[1:]])
    (problem,) = verify(path).problems
    assert (problem.line, problem.reason) == (1, "the positions of other chains are not readable")


@pytest.mark.parametrize(
    "line", [b"[" * 200_000, b'{"a":' * 200_000, b"\xff\xfe", b"null", b"1" * 5_000]
)
def test_a_line_that_is_not_a_record_crashes_no_reader(
    path: Path, tmp_path: Path, line: bytes
) -> None:
    put_lines(path, [line, *lines_of(path)])
    assert verify(path).problems[0].line == 1
    read_everything(path, tmp_path / "out")
    put_lines(path, [*lines_of(path)[1:], line])
    AuditLog(path).close()  # the writer reads the last line
    assert not verify(path).is_intact


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d"])
def test_cells_that_a_spreadsheet_would_run_are_text(path: Path, start: str) -> None:
    formula = f'{start}HYPERLINK("http://example.invalid")'
    with AuditLog(path, fsync="never") as log:
        log.write(verdict("event-3", source_id=formula, risk=-1.5))
    out = path.with_name("out.csv")
    export(path, out, "csv")
    with out.open(newline="", encoding="utf-8") as file:
        (row,) = (row for row in csv.DictReader(file) if row["event_id"] == "event-3")
    assert row["source_id"] == f"'{formula}"
    assert row["risk"] == "-1.5"


@pytest.mark.parametrize(
    "ids",
    [
        {"reviewer": "Jane Doe, the night shift"}, {"reviewer": ""}, {"reviewer": "r7\n"},
        {"reviewer": "J\u00f6rg"}, {"reviewer": "r" * 65}, {"reason_code": "she asked nicely"},
        {"event_id": "the third question"},
    ],
)  # fmt: skip
def test_an_override_takes_ids_and_codes_only(path: Path, ids: dict[str, str]) -> None:
    members = {"event_id": "event-1", "reviewer": "r7", "reason_code": "fp", **ids}
    event_id = members.pop("event_id")
    before = path.read_bytes()
    with AuditLog(path, fsync="never") as log:
        with pytest.raises(ConfigurationError, match="not a name or a sentence") as caught:
            log.override(event_id, "allow", **members)
        record = OverrideRecord(event_id=event_id, decision="allow", **members)
        with pytest.raises(ConfigurationError):
            log.write(record)
    assert all(value not in str(caught.value) for value in ids.values() if value)
    assert b'"override"' not in path.read_bytes()[len(before) :]


@pytest.mark.parametrize("name", ["[/x]", "[bold]", ":smile:", "\x1b[31m"])
def test_names_from_outside_are_printed_as_they_are(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name.replace("/", "|")
    folder.mkdir()
    path = folder / f"{name.replace('/', '|')}.jsonl"
    AuditLog(path).close()
    markup = tmp_path / "[" / "x]"
    for log in (path, markup / "audit.jsonl"):
        AuditLog(log).close()
        result = CliRunner().invoke(cli.app, ["audit", "verify", str(log)])
        assert result.exit_code == 0, result.exception
        assert str(log).replace("\x1b", "\ufffd") in result.stdout
        put_lines(log, [reseal(line, chain_id="[/red]") for line in lines_of(log)])
        result = CliRunner().invoke(cli.app, ["audit", "verify", str(log)])
        assert result.exit_code == 1
        assert isinstance(result.exception, SystemExit)


def test_verify_says_every_time_what_it_cannot_show(path: Path) -> None:
    for change in (lambda: None, lambda: put_lines(path, lines_of(path)[:-1])):
        change()
        result = CliRunner().invoke(cli.app, ["audit", "verify", str(path)])
        assert verify(path).limits in result.stdout.splitlines()
        assert verify(path).limits.count(". ") == 0  # one sentence
