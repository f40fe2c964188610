"""Output files of a log, written atomically."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ngsd_guard.audit._files import chains
from ngsd_guard.audit._head import head_path
from ngsd_guard.errors import AuditError


@contextlib.contextmanager
def new_file(out: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """Open a file that appears at its path only after it was written completely.

    Raises:
        AuditError: the file exists, or cannot be written.
    """
    if out.exists() and not force:
        raise AuditError(f"{out} already exists; choose another path, or overwrite it with --force")
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
            os.replace(name, out)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise AuditError(
            f"cannot write {out}: {error.strerror or error}; choose another path"
        ) from error


def refuse_log(path: str | Path, out: Path) -> None:
    """Raise an error if an output file would overwrite the log."""
    for files in chains(path):
        for file in (files.log, head_path(files.log), *files.in_order):
            if os.path.realpath(file) == os.path.realpath(out):
                raise AuditError(f"{out} is a file of the log; choose another path")
