"""The package `langchain-ngsd` is ngsd-guard's own version under another name."""

import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

from ngsd_guard import __version__

FOLDER = Path(__file__).parents[2] / "distributions" / "langchain-ngsd"


@pytest.fixture
def project() -> Path:
    pytest.importorskip("hatchling")
    if not FOLDER.is_dir():
        pytest.skip("distributions are not there")
    return FOLDER


def build(project: Path, out: Path, *options: str) -> Path:
    command = [sys.executable, "-m", "build", "--no-isolation", *options, "--outdir", str(out)]
    subprocess.run([*command, str(project)], check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    return wheel


# An empty list of options builds the wheel from the source distribution.
@pytest.mark.parametrize("options", [["--wheel"], []], ids=["wheel", "sdist-then-wheel"])
def test_langchain_ngsd_asks_for_our_own_version_and_holds_no_code(
    project: Path, tmp_path: Path, options: list[str]
) -> None:
    wheel = build(project, tmp_path, *options)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata_name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = message_from_string(archive.read(metadata_name).decode())
    assert metadata["Name"] == "langchain-ngsd"
    assert metadata["Version"] == __version__
    assert metadata.get_all("Requires-Dist") == [f"ngsd-guard[agents]=={__version__}"]
    assert not [name for name in names if name.endswith(".py")]


def test_both_distributions_ask_for_the_same_python(project: Path) -> None:
    own, ours = (
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        for folder in (project, project.parents[1])
    )
    assert own["requires-python"] == ours["requires-python"]
    assert own["license"] == ours["license"]
