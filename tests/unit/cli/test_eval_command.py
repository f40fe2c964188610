"""`ngsd-guard eval`: its options, its files, and what it refuses."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ngsd_guard import Engine, cli

sys.path.append(str(Path(__file__).parents[1] / "evaluation"))
from _tiny_pair import NAMES, tiny_engine, write_data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_data(tmp_path / "data", without=["xstest"])


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Put a tiny pair in the place of what is loaded, and remember what was asked for."""
    calls: list[tuple[Any, ...]] = []

    def open_pair(*arguments: Any) -> Engine:
        calls.append(arguments)
        return tiny_engine()

    monkeypatch.setattr(sys.modules["ngsd_guard.cli.eval"], "open_pair", open_pair)
    return calls


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["eval", *map(str, arguments)], env={"COLUMNS": "140"})


def whole() -> list[str]:
    return [word for name in NAMES for word in ("--whole", name)]


def test_a_pair_is_measured_printed_and_kept(
    data: Path, tmp_path: Path, opened: list[tuple[Any, ...]]
) -> None:
    out = tmp_path / "out"
    options = ["--pair", "tiny", "--limit", "1", "--rows", "plain,xstest", *whole()]
    result = run("--data", data, "--out", out, *options)
    assert result.exit_code == 0, result.output
    assert opened == [("tiny", None, None, None)]
    for told in (
        "missing, skipped: over_refusal/xstest.jsonl",
        "Refused, % [95 % interval]",
        "control: harmless",
        "Row `xstest` skipped",
        "Look 1 at these test prompts",
    ):
        assert told in result.stdout
    saved = json.loads((out / "results.json").read_text())
    assert [row["name"] for row in saved["rows"]] == ["plain"]
    assert saved["missing"] == ["over_refusal/xstest.jsonl"]
    assert (out / "results.md").read_text().startswith("# Evaluation, suite `quick`")
    again = run("--data", data, "--out", out, *options)
    assert "0 new answers" in again.stdout


def test_an_interrupted_run_says_how_to_resume(
    data: Path, tmp_path: Path, opened: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ngsd_guard.evaluation.evaluate", interrupt)
    result = run("--data", data, "--out", tmp_path / "out", "--base", "b", "--expert", "e")
    assert result.exit_code == 130
    assert "the same command resumes" in result.stdout
    assert opened == [("b", "e", None, None)]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--pair", "a", "--suite", "all"], "no suite 'all'; use one of quick, public"),
        (["--pair", "a", "--rows", "plane"], "no row 'plane'"),
        (["--pair", "a", "--limit", "0"], "at least 1"),
        (["--pair", "a", "--contenders", "base,theirs"], "no contender 'theirs'"),
        (["--pair", "a", "--whole", "mine"], "no set 'mine'"),
    ],
)
def test_wrong_options_are_a_line_and_not_a_traceback(
    data: Path, tmp_path: Path, opened: list[tuple[Any, ...]], options: list[str], told: str
) -> None:
    result = run("--data", data, "--out", tmp_path / "out", *options)
    assert result.exit_code == 1
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_seen_prompts_and_a_missing_folder_are_refused_before_a_model_is_loaded(
    data: Path, tmp_path: Path, opened: list[tuple[Any, ...]]
) -> None:
    seen = data / "over_refusal" / "cyberseceval_frr.jsonl"
    options = ["--out", tmp_path / "out", "--pair", "a", *whole()]
    result = run("--data", data, "--seen", seen, *options)
    assert result.exit_code == 1
    assert "trained or calibrated on: 8 of cyberseceval_frr" in " ".join(result.stderr.split())
    assert "is not there" in run("--data", tmp_path / "nowhere", *options).stderr
    assert not opened


def test_a_run_is_compared_with_an_earlier_one(
    data: Path, tmp_path: Path, opened: list[tuple[Any, ...]]
) -> None:
    out = tmp_path / "out"
    options = ["--data", data, "--pair", "tiny", "--limit", "8", "--rows", "plain,ordinary"]
    assert run("--out", out, *options, *whole()).exit_code == 0
    earlier = tmp_path / "earlier.json"
    (out / "results.json").rename(earlier)
    again = run("--out", out, *options, *whole(), "--against", earlier)
    assert again.exit_code == 0, again.output
    assert "Nothing became worse beyond chance." in again.stdout

    # Answers of 24 bytes are cut before they refuse; the earlier report says they refused.
    fields = json.loads(earlier.read_text())
    for row in fields["rows"]:
        for outcome in row["harmful"].get("ours", {"outcomes": []})["outcomes"]:
            outcome["verdict"] = "refused"
    earlier.write_text(json.dumps(fields))
    worse = run("--out", out, *options, *whole(), "--against", earlier)
    assert worse.exit_code == 3
    assert "Worse beyond chance: protection (all rows)" in worse.stdout
    assert (out / "results.json").exists()
    opened.clear()
    old = tmp_path / "old.json"
    old.write_text('{"schema_version": 7}')
    wrong = run("--out", out, *options, *whole(), "--against", old)
    assert wrong.exit_code == 1
    assert "schema_version=7" in wrong.stderr
    assert not opened  # before a model is loaded
