"""The pairs that are known by name: a folder in `assets/` with a manifest each."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import Field

from ngsd_guard.config import Options
from ngsd_guard.errors import ConfigurationError

_ASSETS: Final = Path(__file__).parent.parent / "assets"
_MANIFEST: Final = "pair.toml"


class BaseSource(Options):
    """Where a known pair's base model comes from: this package, or another one."""

    folder: str | None = None
    """A folder beside the manifest."""
    package: str | None = None
    """The Python package that holds it."""
    install: str | None = None
    """The command that brings that package."""
    file: str | None = None
    """A file of that package."""
    env: str | None = None
    """The environment variable that names the file, or its folder, where it is elsewhere."""
    weights_digest: str
    """SHA-256 over the weights as used; see `LanguageModel.weights_digest`."""
    licence: str


class ExpertSource(Options):
    """An expert that ships with a known pair."""

    name: str
    """What `expert=` calls it."""
    folder: str
    """Beside the manifest; holds a model or a PEFT adapter."""
    calibration: str | None = None
    """A file in that folder; None where the pair has none."""
    extra: str | None = None
    """The extra of this package that it needs."""
    weights_digest: str
    """SHA-256 over the weights as used, those of the base among them where it is an adapter."""


class PairManifest(Options):
    """A pair that is known by name."""

    name: str
    summary: str
    """What it is for, in one line."""
    caution: str | None = None
    """What it must not be taken for, in one line."""
    licence: str
    """Of the experts and calibrations."""
    base: BaseSource
    experts: tuple[ExpertSource, ...] = Field(min_length=1)
    """The first is taken where none is named."""
    root: Path
    """The folder of the manifest."""

    def expert(self, name: str | None) -> ExpertSource | None:
        """Return an expert by its name, or the first; None where there is none of that name."""
        if name is None:
            return self.experts[0]
        return next((expert for expert in self.experts if expert.name == name), None)

    def calibration_path(self, expert: ExpertSource) -> Path | None:
        """Return the calibration that ships beside an expert; None if there is none."""
        if expert.calibration is None:
            return None
        path = self.root / expert.folder / expert.calibration
        return path if path.is_file() else None


def list_pairs() -> tuple[PairManifest, ...]:
    """Return the pairs that are known by name; nothing is loaded."""
    return tuple(_manifests().values())


def find_pair(name: str | Path) -> PairManifest | None:
    """Return a known pair by its name; None where there is none of that name."""
    return _manifests().get(str(name))


def find_expert(name: str | Path) -> tuple[PairManifest, ExpertSource] | None:
    """Return the known pair that has an expert of a name, and the expert."""
    for manifest in _manifests().values():
        expert = manifest.expert(str(name))
        if expert is not None:
            return manifest, expert
    return None


@cache
def _manifests() -> dict[str, PairManifest]:
    manifests = [_read(path) for path in sorted(_ASSETS.glob(f"*/{_MANIFEST}"))]
    return {manifest.name: manifest for manifest in manifests}


def _read(path: Path) -> PairManifest:
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot read the manifest {path}: {error}; install ngsd-guard again"
        ) from error
    return PairManifest(**fields, root=path.parent)
