"""Reading records from the files of a log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ngsd_guard.audit._canonical import parse_object
from ngsd_guard.audit._files import chains, log_path, open_log
from ngsd_guard.audit._records import AnyRecord, load_record
from ngsd_guard.errors import AuditError


def read_lines(path: str | Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a log as mappings, chain by chain, oldest first.

    Nothing is verified. Lines that are not a JSON object are skipped.

    Args:
        path: the log's file, or a folder; rotated files and other writers' chains are read too.

    Raises:
        AuditError: there is no log, or a file cannot be read.
    """
    for _, line in raw_lines(path):
        fields = parse_object(line)
        if fields is not None:
            yield fields


def read_records(path: str | Path) -> Iterator[AnyRecord]:
    """Yield the records of a log, chain by chain, oldest first.

    Raises:
        AuditError: there is no log, or a line is not a record.
    """
    for _, line in raw_lines(path):
        yield load_record(line)


def raw_lines(path: str | Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the complete lines of a log, each with its file."""
    found = chains(path)
    if not any(files.in_order for files in found):
        raise AuditError(f"there is no audit log at {log_path(path)}; check the path")
    for files in found:
        for file in files.in_order:
            with open_log(file) as lines:
                for line in lines:
                    if line.endswith(b"\n"):
                        yield file, line[:-1]
