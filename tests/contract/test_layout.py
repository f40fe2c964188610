import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import langchain_ngsd
import ngsd_guard

PACKAGE = Path(ngsd_guard.__file__).parent
ADAPTER = Path(langchain_ngsd.__file__).parent
SOURCES = sorted([*PACKAGE.rglob("*.py"), *ADAPTER.rglob("*.py")])


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(source: Path) -> str:
    root = ADAPTER if source.is_relative_to(ADAPTER) else PACKAGE
    return source.relative_to(root.parent).as_posix()


def test_sources_are_found() -> None:
    names = {name_of(source) for source in SOURCES}
    assert {"ngsd_guard/engine/__init__.py", "langchain_ngsd/__init__.py"} <= names


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
        assert module.split(".")[0] not in {"langchain_ngsd", "langchain", "langchain_core"}


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
    assert (ADAPTER / "py.typed").is_file()


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_private_names_stay_in_their_room(source: Path) -> None:
    room = name_of(source).removesuffix(".py").split("/")[:2]
    for module in imported(ast.parse(source.read_text())):
        package, *parts = module.split(".")
        if package not in {"ngsd_guard", "langchain_ngsd"} or parts[:1] == ["_version"]:
            continue
        if any(part.startswith("_") for part in parts if part != "__version__"):
            is_adapter = package == room[0] == "langchain_ngsd"  # one room
            assert is_adapter or [package, parts[0]] == room, module
