"""A log in the formats that other systems read."""

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

from ngsd_guard.audit._output import new_file, refuse_log
from ngsd_guard.audit._records import AnyRecord, load_record
from ngsd_guard.audit.read._reading import raw_lines
from ngsd_guard.audit.read.exports._ocsf import ocsf_lines
from ngsd_guard.audit.read.exports._otlp import otlp_lines
from ngsd_guard.errors import ConfigurationError, MissingDependencyError

ExportFormat = Literal["otlp-json", "ocsf", "csv", "parquet"]
_ROWS: Final = 1024
"""Records in memory at a time, and in a row group of Parquet."""


def columns() -> dict[str, Any]:
    """Return the columns of a table of records with the types of the members they hold.

    All members of all kinds, those of every record first.
    """
    (union, *_) = get_args(AnyRecord)
    return {
        name: field.annotation
        for kind in get_args(union)
        for name, field in kind.model_fields.items()
    }


def export(path: str | Path, out: str | Path, format: ExportFormat, *, force: bool = False) -> None:
    """Write a log in another format, chain by chain, oldest record first.

    Nothing is verified. Memory does not grow with the log. The file appears whole or not at all,
    readable by its owner alone.

    Args:
        path: the log.
        out: the file to write.
        format: `otlp-json` (a LogsData message a line), `ocsf` (a Detection Finding a line),
            `csv`, or `parquet` (which needs the extra `parquet`).
        force: whether a file that is there already is replaced.

    Raises:
        AuditError: there is no log, a line of it is no record, or the file cannot be written.
        ConfigurationError: there is no such format.
        MissingDependencyError: pyarrow is not installed.
    """
    if format not in get_args(ExportFormat):
        raise ConfigurationError(
            f"no export format {format!r}; use one of {', '.join(get_args(ExportFormat))}"
        )
    out = Path(out).expanduser()
    refuse_log(path, out)
    lines = (line for _, line in raw_lines(path))
    with new_file(out, force=force) as file:
        if format == "parquet":
            _write_parquet(map(load_record, lines), file)
            return
        with io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
            if format == "csv":
                _write_csv(map(load_record, lines), text)
            else:
                for told in _json_lines(lines, format):
                    text.write(f"{told}\n")


def _json_lines(lines: Iterator[bytes], format: ExportFormat) -> Iterator[str]:
    return ocsf_lines(lines) if format == "ocsf" else otlp_lines(map(load_record, lines))


def _write_csv(records: Iterable[AnyRecord], file: IO[str]) -> None:
    names = list(columns())
    writer = csv.writer(file)
    writer.writerow(names)
    for record in records:
        told = record.model_dump(exclude_none=True)
        writer.writerow([_cell(told.get(name, "")) for name in names])


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict | bool):
        return json.dumps(value)
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
    told = record.model_dump()
    if record.time_utc is not None:
        told["time_utc"] = datetime.fromisoformat(record.time_utc)
    return told


def _arrow_type(hint: Any, pa: Any) -> Any:
    """Return the Arrow type of what a member is declared as."""
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
