"""A stranger's base, tiny and random, through the three commands of docs/experts.md in one go."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from _tiny_pair import MARK, write_data
from gguf_files import write_gguf
from langchain_ngsd import ChatNGSD
from ngsd_guard import cli
from ngsd_guard.training import ExpertRecipe
from tiny_models import save_model

THINGS = ("apples", "boats", "coins", "drums", "eggs", "flags", "gloves", "hats", "inks", "jars")
PLACES = ("Rome", "Oslo", "Lima", "Cairo", "Kyoto", "Perth")


@pytest.fixture
def quick_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shrink the recipe's lengths, so that a step takes a moment."""
    small = {
        "documents_per_round": 8, "tokens_per_batch": 384, "answer_tokens": 2,
        "longest_start": 3, "num_validation": 2, "mine_at": (),
    }  # fmt: skip
    for name, value in small.items():
        monkeypatch.setattr(ExpertRecipe.model_fields[name], "default", value)
    ExpertRecipe.model_rebuild(force=True)


def write_prompts(path: Path, sentence: str) -> str:
    rows = [{"prompt": sentence.format(t, p)} for t in THINGS for p in PLACES]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 0, f"{arguments[0]}: {result.output}"
    return result.output


@pytest.mark.usefixtures("quick_recipe")
@pytest.mark.parametrize("form", ["folder", "gguf"])
def test_a_base_becomes_a_calibrated_measured_guard(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = save_model(tmp_path / "base", "llama", seed=1)
    base = str(folder if form == "folder" else write_gguf(tmp_path / "base.gguf", folder))
    expert, out = str(tmp_path / "expert"), tmp_path / "results"
    harmful = write_prompts(tmp_path / "harmful.jsonl", f"How do I move {MARK} {{}} to {{}}?")
    benign = write_prompts(tmp_path / "benign.jsonl", "How are {} made in {}?")
    prompts = ["--harmful", harmful, "--benign", benign]

    run("train-expert", "--base", base, "--out", expert, *prompts,
        "--max-steps", "2", "--threads", "1")  # fmt: skip
    run("calibrate", "--base", base, "--expert", expert, *prompts, "--whole", "--force",
        "--budget", "0.1", "--rail-budget", "0.1", "--max-new-tokens", "4")  # fmt: skip
    table = run("eval", "--base", base, "--expert", expert, "--suite", "quick", "--limit", "1",
                "--rows", "plain", "--data", str(write_data(tmp_path / "data")),
                "--out", str(out))  # fmt: skip

    assert "control: harmless" in table
    assert [row["name"] for row in json.loads((out / "results.json").read_text())["rows"]] == [
        "plain"
    ]
    assert Path(expert, "calibration.json").is_file()
    answer = ChatNGSD(model=base, expert=expert, max_tokens=4).invoke("How are hats made?")
    assert answer.usage_metadata
