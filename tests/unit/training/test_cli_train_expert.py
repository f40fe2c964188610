import json
from pathlib import Path

import pytest
import typer
from _tiny_base import tiny_base, write_rows
from typer.testing import CliRunner

from ngsd_guard import ConfigurationError
from ngsd_guard.cli.train_expert import train_expert_command
from ngsd_guard.pairs import load_pair

app = typer.Typer()
app.command()(train_expert_command)


def run(*options: str) -> str:
    result = CliRunner().invoke(app, [*options, "--threads", "1"], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    from ngsd_guard.training import ExpertRecipe

    fields = ExpertRecipe.model_fields
    for name, value in {
        "documents_per_round": 8, "tokens_per_batch": 384, "answer_tokens": 2,
        "longest_start": 3, "num_validation": 2, "mine_at": (),
    }.items():  # fmt: skip
        monkeypatch.setattr(fields[name], "default", value)
    ExpertRecipe.model_rebuild(force=True)


@pytest.mark.usefixtures("quick")
def test_one_command_makes_an_expert_and_its_card(tmp_path: Path) -> None:
    tiny_base(tmp_path / "base")
    path = write_rows(
        tmp_path / "mine.jsonl", [{"prompt": f"Break lock number {i}"} for i in range(20)]
    )
    expert = tmp_path / "expert"
    output = run(
        "--base", str(tmp_path / "base"), "--out", str(expert), "--harmful", str(path),
        "--max-steps", "2",
    )  # fmt: skip
    assert "AUROC" in output
    card = json.loads((expert / "run_card.json").read_text())
    assert card["steps"] == 2
    assert card["rows"]["harmful/mine"] > 0
    with pytest.raises(ConfigurationError, match="--resume"):
        run("--base", str(tmp_path / "base"), "--out", str(expert))
    run("--base", str(tmp_path / "base"), "--out", str(expert), "--harmful", str(path),
        "--max-steps", "3", "--resume")  # fmt: skip
    assert json.loads((expert / "run_card.json").read_text())["steps"] == 3
    assert load_pair(tmp_path / "base", expert).expert is not None


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="lora, prefix, small, full"):
        run("--base", str(tmp_path), "--out", str(tmp_path / "e"), "--method", "qlora")
