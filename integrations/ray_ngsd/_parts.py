"""Parts of a job's output: one file for each block, which appears when it is complete."""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from ngsd_guard import ConfigurationError
from ngsd_guard.guard import Verdict
from ray_ngsd._blocks import Format
from ray_ngsd._needs import need

PREFIX: Final = "ngsd_"
"""Start of the names of all columns that a job adds."""
ROW: Final = f"{PREFIX}row"
"""Number of the row in the whole input, from 0."""
_STRINGS: Final = ("evaluation", "action", "record_id", "error_type")
_NUMBERS: Final = ("risk", "injection", "peak_potential")
MANIFEST: Final = "job.json"


def part_path(output: Path, index: int, format: Format) -> Path:
    """Return the file of a block's verdicts."""
    return output / f"part-{index:06d}.{format}"


def verdict_columns(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as columns; they contain no text."""
    names = (*_STRINGS, *_NUMBERS, "flagged", "enforced")
    flagged = [each.name for each in verdict.categories if each.flagged]
    columns = {f"{PREFIX}{name}": getattr(verdict, name) for name in names}
    return {**columns, f"{PREFIX}categories": flagged}


def write_json_part(
    path: Path, rows: Sequence[dict[str, Any]], before: Callable[[], object]
) -> None:
    """Write a part as JSONL; see `_complete`."""
    with _complete(path, before) as file:
        for row in rows:
            file.write(json.dumps(row).encode() + b"\n")


def write_parquet_part(
    path: Path, kept: Any, rows: Sequence[dict[str, Any]], before: Callable[[], object]
) -> None:
    """Write a part as Parquet; see `_complete`.

    Args:
        path: of the part.
        kept: table of the columns that are kept.
        rows: the columns that are added, one mapping a row.
        before: called once all is written.
    """
    pa, pq = need("pyarrow"), need("pyarrow.parquet")
    types = {
        ROW: pa.int64(),
        **{f"{PREFIX}{name}": pa.string() for name in _STRINGS},
        **{f"{PREFIX}{name}": pa.float64() for name in _NUMBERS},
        f"{PREFIX}flagged": pa.bool_(),
        f"{PREFIX}enforced": pa.bool_(),
        f"{PREFIX}categories": pa.list_(pa.string()),
    }
    table = kept
    for name, kind in types.items():
        table = table.append_column(name, pa.array([row[name] for row in rows], kind))
    with _complete(path, before) as file:
        pq.write_table(table, file)


def count_part(path: Path) -> Counter[str]:
    """Return how many rows of a part have each evaluation and action.

    Raises:
        ConfigurationError: it cannot be read.
    """
    names = [f"{PREFIX}evaluation", f"{PREFIX}action"]
    try:
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in path.read_bytes().splitlines()]
        else:
            rows = need("pyarrow.parquet").read_table(path, columns=names).to_pylist()
        return Counter(str(row[name]) for row in rows for name in names)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigurationError(
            f"cannot read {path}: {type(error).__name__}; delete it, and its rows are checked again"
        ) from None


def claim_output(output: Path, description: dict[str, Any]) -> None:
    """Make the output's folder, or check that it belongs to the same job.

    Raises:
        ConfigurationError: it belongs to another job, or cannot be written.
    """
    manifest = output / MANIFEST
    try:
        output.mkdir(parents=True, exist_ok=True)
        if manifest.exists():
            known = json.loads(manifest.read_text(encoding="utf-8"))
            if known != description:
                changed = [k for k in description if known.get(k) != description[k]]
                raise ConfigurationError(
                    f"{output} holds a job with another {', '.join(changed) or 'form'}; choose "
                    "another folder"
                )
            return
        if any(output.iterdir()):
            raise ConfigurationError(f"{output} is not empty and holds no job; choose another")
        with _complete(manifest, lambda: None) as file:
            file.write(json.dumps(description, indent=1).encode())
    except (OSError, ValueError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"cannot use {output}: {type(error).__name__}") from error


@contextmanager
def _complete(path: Path, before: Callable[[], object]) -> Iterator[IO[bytes]]:
    """Open a file that appears at its path once it is on the disk, and `before` was called."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        before()
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
