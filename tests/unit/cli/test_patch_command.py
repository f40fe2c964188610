"""`ngsd-guard patch`: its options, what it prints, and what the audit log keeps."""

import shutil
from importlib import resources
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ngsd_guard import cli
from ngsd_guard.audit import read_lines, verify

CALIBRATION = resources.files("ngsd_guard") / "assets" / "smollm2" / "expert" / "calibration.json"


@pytest.fixture
def expert(tmp_path: Path) -> Path:
    folder = tmp_path / "expert"
    folder.mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    shutil.copy(str(CALIBRATION), folder / "calibration.json")
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["patch", *map(str, arguments)], env={"COLUMNS": "140"})


def test_patches_are_made_applied_listed_and_reverted(tmp_path: Path, expert: Path) -> None:
    key, log, live = tmp_path / "key", tmp_path / "audit.jsonl", tmp_path / "live"
    key.write_bytes(b"k" * 32)
    for version in ("1", "2"):
        (expert / "notes.txt").write_text(version)
        out = tmp_path / version
        options = ["--expert", expert, "--name", "guard", "--version", version, "--hmac-key", key]
        made = run("make", out, *options)
        assert made.exit_code == 0, made.output
        assert f"guard {version}, 3 files, digest" in made.stdout
        assert "signature valid" in run("verify", out, "--hmac-key", key).stdout
        applied = run("apply", out, "--to", live, "--hmac-key", key, "--audit", log)
        assert applied.exit_code == 0, applied.output
        assert f"guard {version} is in force" in applied.stdout
    assert (live / "current" / "expert" / "notes.txt").read_text() == "2"
    listed = run("list", live).stdout.splitlines()
    assert [line.endswith("in force") for line in listed] == [False, True]
    assert "guard 1 is in force again" in run("revert", live, "--audit", log).stdout
    assert (live / "current" / "expert" / "notes.txt").read_text() == "1"

    changes = [fields for fields in read_lines(log) if fields["kind"] == "change"]
    assert [(c["subject"], c["name"]) for c in changes] == [
        ("patch", "guard 1"), ("patch", "guard 2"), ("patch", "guard 1"),
    ]  # fmt: skip
    assert changes[0]["previous_digest"] is None
    assert changes[1]["previous_digest"] == changes[0]["digest"] == changes[2]["digest"]
    assert changes[2]["previous_digest"] == changes[1]["digest"]
    assert changes[0]["digest"][:12] in listed[0]
    assert verify(log).is_intact


def test_a_key_or_unsigned_is_asked_for_and_a_bad_file_named(tmp_path: Path, expert: Path) -> None:
    out = tmp_path / "out"
    options = ["--expert", expert, "--name", "guard", "--version", "1"]
    assert "or --unsigned to do without" in run("make", out, *options).stderr
    assert run("make", out, *options, "--unsigned").exit_code == 0
    assert "or --unsigned to do without" in run("verify", out).stderr
    assert "signature not checked" in run("verify", out, "--unsigned").stdout
    (out / "expert" / "adapter_model.safetensors").write_bytes(b"WEIGHTS")
    bad = run("verify", out, "--unsigned")
    assert bad.exit_code == 1
    assert "adapter_model.safetensors: has been changed" in bad.stderr
    assert "cannot read the key" in run("verify", out, "--hmac-key", tmp_path / "no").stderr
