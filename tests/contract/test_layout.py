import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import inspect_ngsd
import langchain_ngsd
import mcp_ngsd
import ngsd_guard
import ray_ngsd
import transformers_ngsd
import vllm_ngsd

PACKAGE = Path(ngsd_guard.__file__).parent
ADAPTERS = {
    module.__name__: Path(str(module.__file__)).parent
    for module in (inspect_ngsd, langchain_ngsd, mcp_ngsd, ray_ngsd, transformers_ngsd, vllm_ngsd)
}
SOURCES = sorted(source for root in (PACKAGE, *ADAPTERS.values()) for source in root.rglob("*.py"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(source: Path) -> str:
    roots = [root for root in ADAPTERS.values() if source.is_relative_to(root)]
    return source.relative_to((roots or [PACKAGE])[0].parent).as_posix()


def test_sources_are_found() -> None:
    names = {name_of(source) for source in SOURCES}
    assert {"ngsd_guard/engine/__init__.py", "langchain_ngsd/__init__.py"} <= names
    assert {"transformers_ngsd/__init__.py", "vllm_ngsd/__init__.py"} <= names
    assert "inspect_ngsd/__init__.py" in names


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_module_imports_no_fakes_and_no_tests(source: Path) -> None:
    for module in imported(ast.parse(source.read_text())):
        assert not f"{module}.".startswith(("ngsd_guard.testing.", "tests.", "pytest."))


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_module_has_a_docstring(source: Path) -> None:
    assert ast.get_docstring(ast.parse(source.read_text()))


@pytest.mark.parametrize("source", sorted(PACKAGE.rglob("*.py")), ids=name_of)
def test_core_does_not_import_its_integrations(source: Path) -> None:
    for module in imported(ast.parse(source.read_text())):
        assert module.split(".")[0] not in {*ADAPTERS, "langchain", "langchain_core", "vllm"}


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_module_touches_no_global_random_state(source: Path) -> None:
    # Randomness comes from a `torch.Generator` that is passed in.
    forbidden = {"torch.manual_seed", "torch.set_num_threads", "torch.set_default_dtype"}
    forbidden |= {"random.seed", "structlog.configure", "logging.basicConfig"}
    if "cli" in source.parts:  # a command owns its process
        forbidden.remove("torch.set_num_threads")
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in forbidden


def test_package_is_marked_as_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
    assert all((root / "py.typed").is_file() for root in ADAPTERS.values())


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_private_names_stay_in_their_room(source: Path) -> None:
    room = name_of(source).removesuffix(".py").split("/")[:2]
    for module in imported(ast.parse(source.read_text())):
        package, *parts = module.split(".")
        if package not in {"ngsd_guard", *ADAPTERS} or parts[:1] == ["_version"]:
            continue
        if any(part.startswith("_") for part in parts if part != "__version__"):
            is_adapter = package == room[0] and package in ADAPTERS  # one room
            assert is_adapter or [package, parts[0]] == room, module
