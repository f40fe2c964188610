"""Pairs of tiny random-weight models, one per architecture."""

from pathlib import Path

import pytest

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
