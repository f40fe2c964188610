"""The notebooks run from top to bottom, and are stored without outputs."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells_of(path: Path) -> list[dict[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    cells: list[dict[str, Any]] = notebook["cells"]
    return cells


def run(path: Path) -> None:
    """Run the code cells as one program; the notebook needs no kernel and no magic."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells_of(path)):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"{path.name}[{number}]", "exec"), names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    for cell in cells_of(path):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_quick_start_shows_attack_and_control(capsys: pytest.CaptureFixture[str]) -> None:
    run(FOLDER / "quick_start.ipynb")
    said = capsys.readouterr().out
    assert "harmless · same answer: True" in said
    assert "an attack · same answer: False" in said
    assert "fired" in said


def test_guard_rag_cuts_the_instruction_and_logs_no_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(FOLDER / "guard_rag.ipynb")
    said = capsys.readouterr().out
    assert "9:30" in said
    assert "cheap.example" not in said
    assert "$85" in said
    assert "verdict retrieval redact" in said
    assert "intact: True · holds text: False" in said


def test_every_notebook_is_run() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert NOTEBOOKS
    assert all(f'run(FOLDER / "{path.name}")' in source for path in NOTEBOOKS)
