"""Blocks of rows: where they lie in the input, and what is in them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ngsd_guard import ConfigurationError
from ray_ngsd._needs import need

Format = Literal["jsonl", "parquet"]
_SUFFIXES: Final[dict[str, Format]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows of one file."""

    index: int
    """Number of the block in the whole input, from 0."""
    path: str
    start: int
    """First byte of a JSONL file's rows, or the first row in a Parquet file."""
    length: int
    """Number of bytes, or of rows."""
    first_row: int
    """Number of its first row in the whole input, from 0."""
    num_rows: int


def input_files(path: str | Path) -> list[Path]:
    """Return the files of an input, a file or a folder, by name.

    Raises:
        ConfigurationError: it does not exist, is empty, or mixes formats.
    """
    path = Path(path)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    files = [file for file in files if file.suffix in _SUFFIXES and file.is_file()]
    if not files or len({_SUFFIXES[file.suffix] for file in files}) > 1:
        raise ConfigurationError(
            f"{path} is not an input; pass a file or folder of .jsonl files, or of .parquet files"
        )
    return files


def format_of(files: Sequence[Path]) -> Format:
    """Return the format of an input's files."""
    return _SUFFIXES[files[0].suffix]


def check_columns(files: Sequence[Path], columns: Sequence[str]) -> None:
    """Raise an error if a Parquet file lacks a column; the rows of JSONL files have no schema.

    Raises:
        ConfigurationError: it does, or cannot be read.
    """
    for file in files if format_of(files) == "parquet" else ():
        try:
            names = need("pyarrow.parquet").read_schema(file).names
        except (OSError, ValueError) as error:
            raise _unreadable(file, error) from None
        missing = [name for name in columns if name not in names]
        if missing:
            raise ConfigurationError(f"{file} has no column {missing[0]!r}; it has {names[:8]}")


def plan_blocks(files: Sequence[Path], rows_per_block: int) -> Iterator[Block]:
    """Yield the blocks of an input, in order.

    Args:
        files: of `input_files`.
        rows_per_block: maximum number of rows in a block.

    Raises:
        ConfigurationError: a file cannot be read.
    """
    index = first_row = 0
    spans = _json_spans if format_of(files) == "jsonl" else _parquet_spans
    for file in files:
        try:
            for start, length, num_rows in spans(file, rows_per_block):
                yield Block(index, str(file), start, length, first_row, num_rows)
                index += 1
                first_row += num_rows
        except (OSError, ValueError) as error:  # its message may quote the file
            raise _unreadable(file, error) from None


def read_json_rows(block: Block) -> list[dict[str, Any] | None]:
    """Return the rows of a block of a JSONL file; None for a line that is not an object."""
    with open(block.path, "rb") as file:
        file.seek(block.start)
        lines = file.read(block.length).split(b"\n")
    return [_parsed(line) for line in lines if line.strip()]


def read_parquet_table(block: Block, columns: Sequence[str]) -> Any:
    """Return the rows of a block of a Parquet file."""
    pa, pq = need("pyarrow"), need("pyarrow.parquet")
    with pq.ParquetFile(block.path) as file:
        parts, first = [], 0
        for group in range(file.num_row_groups):
            count = file.metadata.row_group(group).num_rows
            start, end = max(block.start, first), min(block.start + block.length, first + count)
            if start < end:
                table = file.read_row_group(group, columns=list(columns))
                parts.append(table.slice(start - first, end - start))
            first += count
    return pa.concat_tables(parts)


def _json_spans(file: Path, rows_per_block: int) -> Iterator[tuple[int, int, int]]:
    start = end = num_rows = 0
    with file.open("rb") as lines:
        for line in lines:
            end += len(line)
            num_rows += bool(line.strip())
            if num_rows == rows_per_block:
                yield start, end - start, num_rows
                start, num_rows = end, 0
    if num_rows:
        yield start, end - start, num_rows


def _parquet_spans(file: Path, rows_per_block: int) -> Iterator[tuple[int, int, int]]:
    num_rows = need("pyarrow.parquet").read_metadata(file).num_rows
    for start in range(0, num_rows, rows_per_block):
        length = min(rows_per_block, num_rows - start)
        yield start, length, length


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _unreadable(file: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(f"cannot read {file}: {type(error).__name__}; check the file")
