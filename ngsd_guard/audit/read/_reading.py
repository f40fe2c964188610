"""Records read back from the files of a log."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ngsd_guard.audit._files import chains, log_path
from ngsd_guard.audit._records import AnyRecord, load_record
from ngsd_guard.errors import AuditError


def read_lines(path: str | Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a log as they are written, chain by chain, oldest first.

    Nothing is verified. What is no JSON object on a line of its own is left out.

    Args:
        path: the log's file, whose full files and other writers' chains are read too; or a folder.

    Raises:
        AuditError: there is no log.
    """
    for _, line in raw_lines(path):
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if isinstance(fields, dict):
            yield fields


def read_records(path: str | Path) -> Iterator[AnyRecord]:
    """Yield the records of a log, chain by chain, oldest first.

    Raises:
        AuditError: there is no log, or a line is no record.
    """
    for _, line in raw_lines(path):
        yield load_record(line)


def raw_lines(path: str | Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the whole lines of a log with the file each is in."""
    found = chains(path)
    if not any(files.in_order for files in found):
        raise AuditError(f"there is no audit log at {log_path(path)}")
    for files in found:
        for file in files.in_order:
            with file.open("rb") as lines:
                for line in lines:
                    if line.endswith(b"\n"):
                        yield file, line[:-1]
