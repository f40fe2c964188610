"""Every row of docs/models.md names a test, and every test it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
NAME = re.compile(r"`(test_\w+)(\.py)?`")


def test_rows_name_tests_that_exist() -> None:
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    files = {
        path.name: path.read_text(encoding="utf-8") for path in ROOT.glob("tests/**/test_*.py")
    }
    functions = set(re.findall(r"^def (test_\w+)", "\n".join(files.values()), re.MULTILINE))
    rows = [line for line in text.splitlines() if line.startswith("| ") and "| test |" not in line]
    assert len(rows) > 20
    for row in rows:
        assert NAME.search(row), row
    for name, is_file in NAME.findall(text):
        assert (f"{name}.py" in files) if is_file else (name in functions), name
