"""Pairs of tiny random-weight models, one per architecture, and the canary check of the run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from canaries import canaries_in, leaks_in
from tiny_models import ARCHITECTURES, save_model


@pytest.fixture(scope="session", params=ARCHITECTURES)
def architecture(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def pair_folders(architecture: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A base and an expert of one architecture, the base's vocabulary padded as Qwen's is."""
    root = tmp_path_factory.mktemp(architecture)
    base = save_model(root / "base", architecture, seed=1, padding=12)
    expert = save_model(root / "expert", architecture, seed=2)
    return base, expert


_leaks: Final[list[str]] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Look for canaries in the output and logs of each passed test."""
    if report.passed:
        for name, text in report.sections:
            for word in canaries_in(text.encode()):
                _leaks.append(f"{report.nodeid} ({name}): {word}")


@pytest.fixture(scope="session", autouse=True)
def _no_canary_was_written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fail at the end of the run if a prompt or an answer is in any file or output."""
    yield
    leaks = [*_leaks, *leaks_in(tmp_path_factory.getbasetemp())]
    assert not leaks, "prompts or answers were written: " + "; ".join(leaks)
