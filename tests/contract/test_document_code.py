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
NOT_HERE = {"guardrails", "llama_index", "mcp", "nemoguardrails"}
"""Packages of hosts, without which the code that needs them is skipped."""


def _tree(block: str) -> ast.Module:
    return compile(block, "document", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("block", BLOCKS)
def test_code_compiles_and_its_imports_exist(block: str) -> None:
    imports = [n for n in ast.walk(_tree(block)) if isinstance(n, ast.Import | ast.ImportFrom)]
    for root in {
        n.module.split(".")[0] for n in imports if isinstance(n, ast.ImportFrom) and n.module
    }:
        if root in NOT_HERE:
            pytest.importorskip(root, reason=f"needs {root}")
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


@pytest.mark.parametrize(
    "name",
    [
        "litellm.yaml",
        "nemo/config.yml",
        "nemo/rails.co",
        "nemo/actions.py",
        "openai_guardrails.json",
        "openai_setup.py",
        "llamaindex_setup.py",
    ],
)
def test_configurations_of_hosts_are_those_that_are_checked(name: str) -> None:
    path = ROOT / "benchmarks" / "real_hosts" / name
    if not path.is_file():
        pytest.skip("the benchmarks are not there")
    blocks = re.findall(r"^```[a-z]+\n(.*?)^```", (ROOT / "docs/hosts.md").read_text(), re.M | re.S)
    assert path.read_text(encoding="utf-8") in blocks
