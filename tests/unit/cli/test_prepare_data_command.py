"""`ngsd-guard prepare-data`, end to end with tiny models."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ngsd_guard import cli
from tiny_models import save_model


def run(*options: Any) -> Any:
    return CliRunner().invoke(cli.app, ["prepare-data", *map(str, options)])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.jsonl"
    talk = [
        {"role": "user", "content": "Name a quick animal."},
        {"role": "assistant", "content": "The quick brown fox jumps over the lazy dog."},
    ]
    path.write_text(json.dumps({"messages": talk}) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("models")
    return save_model(root / "before", "llama", seed=1), save_model(root / "after", "llama", seed=2)


def test_previews_are_counted_in_the_bases_tokens(
    data: Path, models: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    result = run("--look-ahead", "--data", data, "--out", out, "--tokens", 2, "--base", models[0])
    assert result.exit_code == 0, result.output
    assert "1 rows, 1 with a preview" in result.output
    talk = json.loads(out.read_text())["messages"]
    shown = talk[0]["content"].split("The answer begins: ")[1].removesuffix(" ...")
    assert shown
    assert talk[1]["content"].startswith(shown)
    again = run("--look-ahead", "--data", data, "--out", out)
    assert again.exit_code == 1
    assert "--force" in again.output + again.stderr
    assert run("--look-ahead", "--data", data, "--out", out, "--force").exit_code == 0
    assert "begins: The quick brown fox jumps over ..." in out.read_text()


def test_the_distance_at_the_first_tokens_is_printed(
    models: tuple[Path, Path], tmp_path: Path
) -> None:
    held_out = tmp_path / "held_out.jsonl"
    rows = [json.dumps({"prompt": f"Name animal number {n}."}) for n in range(3)]
    held_out.write_text("\n".join(rows), encoding="utf-8")
    options = ("--base", models[0], "--held-out", held_out, "--first", 2, "--limit", 2)
    moved = run(*options, "--tuned", models[1])
    assert moved.exit_code == 0, moved.output
    assert "total variation" in moved.output
    same = run(*options, "--tuned", models[0])
    assert "0.000 [0.000, 0.000]" in same.output
    assert "0.000 [0.000, 0.000]" not in moved.output


def test_wrong_options_are_a_line_and_no_model_is_loaded(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr("ngsd_guard.cli._common.open_engine", refuse)
    held_out = tmp_path / "held_out.jsonl"
    held_out.write_text(json.dumps({"prompt": "NAME a quick animal"}), encoding="utf-8")
    cases = {
        "give --look-ahead": [],
        "needs --data and --out": ["--look-ahead"],
        "needs --base and --held-out": ["--tuned", "x"],
        "form='false'": [
            "--look-ahead",
            "--data",
            data,
            "--out",
            tmp_path / "o",
            "--form",
            "false",
        ],
        "share 1": ["--data", data, "--base", "b", "--tuned", "t", "--held-out", held_out],
    }
    for message, options in cases.items():
        result = run(*options)
        assert result.exit_code == 1, message
        assert message in " ".join((result.output + result.stderr).split()), result.output
