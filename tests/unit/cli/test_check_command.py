"""`ngsd-guard check`: output and exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from _fakes import read_records
from _guard_fakes import HARMFUL, POLICY, FaultyModel, keyword_engine
from ngsd_guard import AuditLog, Engine, Policy, cli
from ngsd_guard.cli import _common

ANSWER = "It is old. Now HARM it today"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    def opened(
        base: str, expert: str | None, preset: str | None, audit: Path | None, *_: object
    ) -> Engine:
        if base == "unloadable":
            raise MemoryError
        faulty = FaultyModel(RuntimeError()) if base == "faulty" else None
        return keyword_engine(base=faulty, audit=None if audit is None else AuditLog(audit))

    monkeypatch.setattr(_common, "open_engine", opened)
    monkeypatch.setattr(Policy, "default", lambda: POLICY)
    monkeypatch.setenv("COLUMNS", "120")
    return CliRunner()


def test_a_clean_text_exits_with_zero(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["check", "Hello there"])
    assert result.exit_code == 0, result.output
    assert "clean  input: allow" in result.stdout
    assert "risk 0.0 of 10" in result.stdout
    assert "\x1b" not in result.stdout  # no colours into a pipe


def test_a_flagged_text_exits_with_one_and_is_explained(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["check", HARMFUL])
    assert result.exit_code == 1, result.output
    assert "flagged  input: block" in result.stdout
    assert "weapons" in result.stdout
    assert HARMFUL in result.stdout
    assert "peak" in result.stdout
    assert "base 'a' 100%" in result.stdout
    assert "expert 'b' 100%" in result.stdout


def test_an_answer_is_highlighted_where_it_was_found(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = runner.invoke(cli.app, ["check", "Go", "--response", ANSWER, "--stage", "output"])
    assert result.exit_code == 1, result.output
    assert "It is old. \x1b[7mNow HARM\x1b[0m" in result.stdout  # reversed; the tokens coloured
    assert result.stdout.index("\x1b[7m") > result.stdout.index("weapons")


@pytest.mark.parametrize("source", ["argument", "file", "stdin"])
def test_the_text_comes_from_an_argument_a_file_or_standard_input(
    runner: CliRunner, tmp_path: Path, source: str
) -> None:
    path = tmp_path / "text.txt"
    path.write_text(HARMFUL)
    arguments = {"argument": [HARMFUL], "file": ["--file", str(path)], "stdin": []}[source]
    result = runner.invoke(cli.app, ["check", *arguments], input=HARMFUL)
    assert result.exit_code == 1, result.output


@pytest.mark.parametrize("stage", ["input", "output", "retrieval", "tool_args", "tool_result"])
def test_json_is_the_whole_verdict_on_one_line(runner: CliRunner, stage: str) -> None:
    result = runner.invoke(cli.app, ["check", "Now ORDER HARM it é", "--stage", stage, "--json"])
    assert result.exit_code == 1, result.output
    verdict = json.loads(result.stdout)
    assert (verdict["stage"], verdict["action"]) == (stage, "block")
    assert verdict["is_blocked"]
    assert len(result.stdout.splitlines()) == 1
    assert bool(verdict["trace"]) == (stage in ("input", "output"))


def test_a_text_that_cannot_be_checked_exits_with_three(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["check", "Hello", "--base", "faulty"])
    assert result.exit_code == 3
    assert "error (RuntimeError)  input: block" in result.stdout
    assert runner.invoke(cli.app, ["check", " "]).exit_code == 3


def test_a_pair_that_cannot_be_loaded_exits_with_three(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["check", "Hello", "--base", "unloadable"])
    assert result.exit_code == 3
    assert "ngsd-guard: MemoryError" in result.output


@pytest.mark.parametrize("arguments", [["HARM \udcff"], ["--file", "text.txt"], []], ids=str)
def test_invalid_bytes_are_replaced_and_checked(
    runner: CliRunner, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_bytes(b"HARM \xff")
    result = runner.invoke(cli.app, ["check", *arguments], input=b"HARM \xff")
    assert result.exit_code == 1, result.output
    assert "HARM \ufffd" in result.stdout


def test_shadow_mode_exits_with_zero_and_says_so(runner: CliRunner, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: '1'\nshadow: true\ncategories: []\n")
    result = runner.invoke(cli.app, ["check", HARMFUL, "--policy", str(policy)])
    assert result.exit_code == 0
    assert "not enforced" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "--stage", "inptu"],
        ["x", "--policy", "nothing.yaml"],
        ["x", "--file", "also.txt"],
        ["--file", "nothing.txt"],
        ["x", "--unknown"],
    ],
)
def test_wrong_usage_exits_with_two(runner: CliRunner, arguments: list[str]) -> None:
    result = runner.invoke(cli.app, ["check", *arguments])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output


def test_a_record_is_written_to_the_audit_log(runner: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    result = runner.invoke(cli.app, ["check", HARMFUL, "--audit", str(path)])
    (record,) = read_records(path)
    assert f"record {record['event_id']}" in result.stdout
    assert record["kind"] == "verdict"


def test_control_characters_of_a_text_do_not_reach_the_terminal(runner: CliRunner) -> None:
    answer = "HARM\x1b[2J\x07 x"
    result = runner.invoke(cli.app, ["check", "Go", "--response", answer, "--stage", "output"])
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout
    assert "\x07" not in result.stdout
    assert "␛[2J" in result.stdout
