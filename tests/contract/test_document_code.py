"""Code in the documents: it compiles, what it imports exists, and the self-contained parts run."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = [
    *ROOT.glob("README.md"),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/guides").glob("*.md")),
]
BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(_BLOCK.findall(page.read_text(encoding="utf-8")))
]
RUNNABLE = {"README.md": 0, "decoding.md": 0}
"""Blocks that need nothing of the reader's own, by page and number."""
EXTRAS = {"mcp"}
"""Packages of extras of the same name; code that needs one is skipped without it."""


def _tree(block: str) -> ast.Module:
    return compile(block, "document", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("block", BLOCKS)
def test_code_compiles_and_its_imports_exist(block: str) -> None:
    imports = [n for n in ast.walk(_tree(block)) if isinstance(n, ast.Import | ast.ImportFrom)]
    for node in imports:
        if isinstance(node, ast.ImportFrom) and node.module in EXTRAS:
            pytest.importorskip(node.module, reason=f"needs the extra {node.module}")
    module = ast.Module(imports, type_ignores=[])
    exec(compile(module, "document", "exec"), {})


@pytest.mark.parametrize(("page", "number"), RUNNABLE.items())
def test_code_that_needs_nothing_runs(
    page: str, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = next((p for p in PAGES if p.name == page), None)
    if path is None:
        pytest.skip(f"{page} is not there")
    monkeypatch.chdir(tmp_path)
    block = _BLOCK.findall(path.read_text(encoding="utf-8"))[number]
    exec(compile(_tree(block), page, "exec"), {})
