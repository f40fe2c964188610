import importlib
import inspect
import subprocess
import sys
from types import ModuleType

import pytest

import ngsd_guard
from ngsd_guard import errors

ROOMS = [
    "langchain_ngsd",
    "ngsd_guard",
    "ngsd_guard.audit",
    "ngsd_guard.calibration",
    "ngsd_guard.chat",
    "ngsd_guard.decoding",
    "ngsd_guard.evaluation",
    "ngsd_guard.gate",
    "ngsd_guard.grammar",
    "ngsd_guard.guard",
    "ngsd_guard.hosting",
    "ngsd_guard.models",
    "ngsd_guard.patches",
    "ngsd_guard.risk",
    "ngsd_guard.server",
    "ngsd_guard.tool_calling",
    "ray_ngsd",
    "transformers_ngsd",
]
LIGHT_ROOMS = [
    "ngsd_guard",
    "ngsd_guard.audit",
    "ngsd_guard.calibration",
    "ngsd_guard.chat",
    "ngsd_guard.decoding",
    "ngsd_guard.evaluation",
    "ngsd_guard.gate",
    "ngsd_guard.guard",
    "ngsd_guard.hosting",
    "ngsd_guard.patches",
    "ngsd_guard.risk",
    "ngsd_guard.engine",
    "ngsd_guard.testing",
    "ngsd_guard.tool_calling",
]


def as_ruff_sorts(name: str) -> tuple[int, str]:
    """Sort constants first, classes next, the rest last: ruff's RUF022."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


@pytest.mark.parametrize("room", ROOMS)
def test_all_is_sorted_and_without_duplicates(room: str) -> None:
    names = importlib.import_module(room).__all__
    assert list(names) == sorted(set(names), key=as_ruff_sorts)


@pytest.mark.parametrize("room", ROOMS)
def test_all_is_importable_and_documented(room: str) -> None:
    module = importlib.import_module(room)
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, f"{room}.{name} has no docstring"


@pytest.mark.parametrize("room", ROOMS)
def test_all_holds_every_public_name_of_the_room(room: str) -> None:
    module = importlib.import_module(room)
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert public <= set(module.__all__)


@pytest.mark.parametrize("room", ROOMS)
def test_star_import_brings_exactly_all(room: str) -> None:
    namespace: dict[str, object] = {}
    exec(f"from {room} import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(importlib.import_module(room).__all__)


def test_every_error_is_a_public_name() -> None:
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value)}
    assert classes <= set(ngsd_guard.__all__)


def run_python(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_import_loads_neither_transformers_nor_langchain() -> None:
    code = f"""
import importlib, sys
for room in {LIGHT_ROOMS!r}:
    importlib.import_module(room)
foreign = {{"transformers", "tokenizers", "langchain_core", "langchain", "typer", "peft"}}
foreign |= {{"llguidance", "bitsandbytes"}}
print(sorted(foreign & set(sys.modules)))
"""
    assert run_python(code).strip() == "[]"


def test_import_changes_no_global_state() -> None:
    code = """
import logging, os, socket, threading, warnings
import structlog, torch

def state():
    return (
        torch.get_default_dtype(), torch.is_grad_enabled(), torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(), torch.initial_seed(),
        logging.root.level, list(logging.root.handlers), logging.root.manager.disable,
        structlog.is_configured(), list(warnings.filters), dict(os.environ),
        threading.active_count(),
    )

torch.manual_seed(5)
before, rng = state(), torch.get_rng_state()
import ngsd_guard, ngsd_guard.testing
assert state() == before
assert torch.equal(torch.get_rng_state(), rng)
"""
    run_python(code)


def test_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert ngsd_guard.__version__ == version("ngsd-guard")
