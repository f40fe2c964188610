"""Reads the report of an earlier evaluation."""

import json
import math
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._looks import Look
from ngsd_guard.evaluation._report import SCHEMA_VERSION, Report
from ngsd_guard.evaluation._run import Figures
from ngsd_guard.evaluation._sources import SetReport, Sources
from ngsd_guard.evaluation._suites import Suite

_READABLE: Final = range(1, SCHEMA_VERSION + 1)


def read_report(path: str | Path) -> Report:
    """Read a `results.json`; its `sources` hold no prompts.

    Raises:
        ConfigurationError: the file is not there, is not a report, or is of a schema version that
            this version of the package does not read.
    """
    path = Path(path).expanduser()
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the report {path}: {error.strerror}; give the results.json of a run"
        ) from error
    except ValueError as error:
        raise ConfigurationError(
            f"the report {path} is not JSON; give the results.json of a run"
        ) from error
    version = fields.get("schema_version") if isinstance(fields, dict) else None
    if version not in _READABLE:
        raise ConfigurationError(
            f"the report {path} has schema_version={version!r}, and this version of ngsd-guard "
            f"reads {', '.join(map(str, _READABLE))}; measure again with this version"
        )
    try:
        return _report(_with_nan(fields))
    except (ValidationError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"the report {path} is damaged ({_place(error)}); restore it, or measure again"
        ) from error


def _report(fields: dict[str, Any]) -> Report:
    sources = Sources(
        sets={},
        reports=TypeAdapter(dict[str, SetReport]).validate_python(fields["sets"]),
        missing=tuple(fields["missing"]),
        seed=int(fields["seed"]),
    )
    names = ("num_seen", "created", "judge")
    return Report(
        figures=TypeAdapter(Figures).validate_python(fields),
        suite=TypeAdapter(Suite).validate_python(fields["suite"]),
        sources=sources,
        pair=dict(fields["pair"]),
        looks=TypeAdapter(list[Look]).validate_python(fields["looks"]),
        v_threshold=fields.get("v_threshold"),
        second_judge=fields.get("second_judge"),
        versions=dict(fields["versions"]),
        **{name: fields[name] for name in names},
    )


def _with_nan(value: Any) -> Any:
    """Restore the figures that JSON cannot represent."""
    if isinstance(value, dict):
        return {
            name: math.nan
            if item is None and name in ("value", "threshold", "kappa")
            else _with_nan(item)
            for name, item in value.items()
        }
    return [_with_nan(item) for item in value] if isinstance(value, list) else value


def _place(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return ".".join(str(part) for part in error.errors()[0]["loc"])
    return f"{type(error).__name__}: {error}"
