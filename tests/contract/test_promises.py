"""Every promise of the documents names the test that would fail if it were broken.

A promise is a sentence or a table row with one of the words of `WORDS`. Figures in
docs/results.md, and the generated schema of the log, are measured or generated, not promised.
"""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISES = tomllib.loads((Path(__file__).parent / "promises.toml").read_text(encoding="utf-8"))
DESCRIPTIONS = PROMISES.pop("descriptions")
WORDS = re.compile(r"\b(?:never|always|nothing|every)\b", re.IGNORECASE)
UNCHECKED = {"results.md", "audit-schema.md", "audit-export.md"}
DOCUMENTS = [
    *ROOT.glob("README.md"),  # not there where the built wheel is tested
    *sorted(p for p in (ROOT / "docs").glob("*.md") if p.name not in UNCHECKED),
    *sorted((ROOT / "docs/guides").glob("*.md")),
]
_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^    .*$", re.MULTILINE)
_END = re.compile(r"(?<=[.:;!?])\s+(?=[A-Z`*\[(\"])")


def sentences(text: str) -> list[str]:
    """Return the sentences and table rows of a page, code left out."""
    prose = _INDENTED.sub("", _FENCE.sub("", text))
    found: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\||[-*] |\d+\. |#)", prose):
        line = " ".join(block.split())
        found += [line] if line.startswith("|") else _END.split(line)
    return [sentence for sentence in found if sentence]


def promises(page: Path) -> list[str]:
    return [s for s in sentences(page.read_text(encoding="utf-8")) if WORDS.search(s)]


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_each_promise_is_tied_to_a_test(page: Path) -> None:
    known = [*PROMISES.get(page.name, {}), *DESCRIPTIONS.get(page.name, ())]
    loose = [s for s in promises(page) if not any(part in s for part in known)]
    assert not loose, "name a test in promises.toml, or say less:\n" + "\n".join(loose)


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_the_table_holds_only_what_the_page_says(page: Path) -> None:
    said = promises(page)
    known = [*PROMISES.get(page.name, {}), *DESCRIPTIONS.get(page.name, ())]
    assert [part for part in known if not any(part in s for s in said)] == []


@pytest.mark.parametrize("page", sorted(PROMISES))
def test_the_tests_exist(page: str) -> None:
    for part, name in PROMISES[page].items():
        path, _, test = name.partition("::")
        assert test in names_in(path), f"{page}: {part!r} names {name}, which does not exist"
