"""The report of an evaluation: all figures, and how they were obtained."""

import importlib.metadata
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ngsd_guard._version import __version__
from ngsd_guard.evaluation._judging import JUDGE_VERSION
from ngsd_guard.evaluation._looks import Look
from ngsd_guard.evaluation._run import Figures
from ngsd_guard.evaluation._sources import Sources
from ngsd_guard.evaluation._suites import Suite

SCHEMA_VERSION: Final = 2
"""Version 1 had no `outcomes` and no `v_threshold`."""
_PACKAGES: Final = ("torch", "transformers", "peft")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    found = {"ngsd_guard": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Report:
    """Figures, and everything needed to reproduce them."""

    figures: Figures
    suite: Suite
    sources: Sources = field(repr=False)
    pair: Mapping[str, Any]
    """Names and digests of models and options."""
    looks: Sequence[Look]
    """Pairs measured on these test prompts from this folder so far, this one last."""
    num_seen: int = 0
    """Prompts that were also used for training or calibration; above 0 only with `--force`."""
    v_threshold: float | None = None
    """Potential at which the gate of the pair under test fires; None if unknown."""
    second_judge: str | None = None
    """Version of the second judge; None without one."""
    created: str = field(default_factory=_now)
    """UTC."""
    versions: Mapping[str, str] = field(default_factory=_versions)
    judge: str = JUDGE_VERSION

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "schema_version": SCHEMA_VERSION,
            "created": self.created,
            "suite": _plain(self.suite),
            "seed": self.sources.seed,
            "pair": dict(self.pair),
            "versions": dict(self.versions),
            "judge": self.judge,
            "second_judge": self.second_judge,
            "v_threshold": self.v_threshold,
            "looks": [asdict(look) for look in self.looks],
            "num_seen": self.num_seen,
            "sets": {name: asdict(report) for name, report in self.sources.reports.items()},
            "missing": list(self.sources.missing),
            **_plain(self.figures),
        }


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: _plain(item) for name, item in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
