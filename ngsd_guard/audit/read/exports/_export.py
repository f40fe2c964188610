"""Exports of a log to other formats."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import fields as members_of
from dataclasses import is_dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import NoneType, UnionType
from typing import IO, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from ngsd_guard.audit._files import log_path
from ngsd_guard.audit._output import new_file, refuse_log
from ngsd_guard.audit._records import AnyRecord, load_record
from ngsd_guard.audit.read._reading import raw_lines
from ngsd_guard.audit.read.exports._ocsf import ocsf_lines
from ngsd_guard.audit.read.exports._otlp import otlp_lines
from ngsd_guard.errors import (
    AuditError,
    ConfigurationError,
    MissingDependencyError,
    NGSDError,
)

ExportFormat = Literal["otlp-json", "ocsf", "csv", "parquet"]
_FORMULA_STARTS: Final = (*"=+-@\t\r\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""A spreadsheet may run a cell that begins with one of these; a quotation mark makes it text."""
_ROWS: Final = 1024
"""Records held in memory, and per Parquet row group."""


def columns() -> dict[str, Any]:
    """Return the columns of a table of records, with their types.

    These are the members of all kinds, starting with those of every record.
    """
    (union, *_) = get_args(AnyRecord)
    return {
        name: field.annotation
        for kind in get_args(union)
        for name, field in kind.model_fields.items()
    }


def export(path: str | Path, out: str | Path, format: ExportFormat, *, force: bool = False) -> None:
    """Export a log, chain by chain, oldest record first.

    Nothing is verified. Memory does not grow with the log. The file is written atomically and is
    readable only by its owner.

    Args:
        path: the log.
        out: the file to write.
        format: `otlp-json` (one LogsData message per line), `ocsf` (one Detection Finding per
            line), `csv`, or `parquet` (requires the extra `parquet`).
        force: overwrite an existing file.

    Raises:
        AuditError: there is no log, a line is not a record, or the file cannot be written.
        ConfigurationError: the format is unknown.
        MissingDependencyError: pyarrow is not installed.
    """
    if format not in get_args(ExportFormat):
        raise ConfigurationError(
            f"unknown export format {format!r}; use one of {', '.join(get_args(ExportFormat))}"
        )
    out = Path(out).expanduser()
    refuse_log(path, out)
    lines = (line for _, line in raw_lines(path))
    with new_file(out, force=force) as file:
        try:
            _write(lines, file, format)
        except NGSDError:
            raise
        except (ValueError, TypeError, OverflowError) as error:  # a value no writer produces
            raise AuditError(
                f"a record of {log_path(path)} has a value that cannot be exported "
                f"({type(error).__name__}); check the log with `ngsd-guard audit verify`"
            ) from error


def _write(lines: Iterator[bytes], file: IO[bytes], format: ExportFormat) -> None:
    if format == "parquet":
        _write_parquet(map(load_record, lines), file)
        return
    with io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        if format == "csv":
            _write_csv(map(load_record, lines), text)
        else:
            for event in _json_lines(lines, format):
                text.write(f"{event}\n")


def _json_lines(lines: Iterator[bytes], format: ExportFormat) -> Iterator[str]:
    return ocsf_lines(lines) if format == "ocsf" else otlp_lines(map(load_record, lines))


def _write_csv(records: Iterable[AnyRecord], file: IO[str]) -> None:
    names = list(columns())
    writer = csv.writer(file)
    writer.writerow(names)
    for record in records:
        row = record.model_dump(exclude_none=True)
        writer.writerow([_cell(row.get(name, "")) for name in names])


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict | bool):
        return json.dumps(value)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _write_parquet(records: Iterator[AnyRecord], file: IO[bytes]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingDependencyError(
            "Parquet needs pyarrow; install it with: pip install 'ngsd-guard[parquet]'"
        ) from error
    schema = pa.schema([(name, _arrow_type(hint, pa)) for name, hint in columns().items()])
    schema = schema.set(
        schema.get_field_index("time_utc"), pa.field("time_utc", pa.timestamp("us", tz="UTC"))
    )
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while rows := [_row(record) for record in islice(records, _ROWS)]:
            writer.write_table(pa.Table.from_pylist(rows, schema))


def _row(record: AnyRecord) -> dict[str, Any]:
    row = record.model_dump()
    if record.time_utc is not None:
        row["time_utc"] = datetime.fromisoformat(record.time_utc)
    return row


def _arrow_type(hint: Any, pa: Any) -> Any:
    """Return the Arrow type for a member's type annotation."""
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (item for item in get_args(hint) if item is not NoneType)
        return _arrow_type(hint, pa)
    if get_origin(hint) is Literal:
        return _arrow_type(type(get_args(hint)[0]), pa)
    if get_origin(hint) is tuple:
        return pa.list_(_arrow_type(get_args(hint)[0], pa))
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return pa.struct([(f.name, _arrow_type(hints[f.name], pa)) for f in members_of(hint)])
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return pa.struct(
            [(name, _arrow_type(f.annotation, pa)) for name, f in hint.model_fields.items()]
        )
    return {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}[hint]
