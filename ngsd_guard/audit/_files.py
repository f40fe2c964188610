"""File names of a log: one chain per concurrent writer, each with one or more files.

`audit.jsonl` is the first writer's file and `audit-2.jsonl` that of a second, concurrent writer.
`audit.000001.jsonl` is the oldest rotated file of the first writer's chain.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from ngsd_guard.errors import AuditError

DEFAULT_NAME: Final = "audit.jsonl"


def log_path(path: str | Path) -> Path:
    """Return the file a log is written to; for a folder, its `audit.jsonl`."""
    path = Path(path).expanduser()
    return path / DEFAULT_NAME if path.is_dir() else path


def slot_path(log: Path, number: int) -> Path:
    """Return the file of the writer with a given number, from 1."""
    return log if number == 1 else log.with_name(f"{log.stem}-{number}{log.suffix}")


def slot_number(log: Path, chain: Path) -> int:
    """Return the number of a chain's writer, from 1."""
    return 1 if chain == log else int(chain.stem.removeprefix(f"{log.stem}-"))


def index_path(log: Path) -> Path:
    """Return the path of a log's index of chains."""
    return log.with_name(f"{log.name}.index")


def open_own(path: Path, flags: int) -> int:
    """Open or create a file of the log for writing, readable by its owner only.

    Raises:
        AuditError: the path is a symbolic link, or not a regular file.
        OSError: the file cannot be opened.
    """
    try:
        descriptor = os.open(
            path, flags | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | os.O_NONBLOCK, 0o600
        )
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO):
            raise _not_regular(path) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_regular(path)
    return descriptor


def read_small(path: Path, max_bytes: int) -> bytes | None:
    """Return the content of a small file of the log, or None if there is no such file.

    Raises:
        AuditError: the path is a symbolic link or not a regular file, or it cannot be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise _not_regular(path) from error
        raise AuditError(
            f"cannot read {path}: {error.strerror or error}; check the file"
        ) from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _not_regular(path)
        return file.read(max_bytes)


def open_log(path: Path) -> IO[bytes]:
    """Open a file of records for reading.

    Raises:
        AuditError: the path is not a regular file, or it cannot be read.
        FileNotFoundError: the file was rotated in the meantime, or removed.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block
            raise AuditError(f"{path} is not a regular file; remove it from the log's folder")
        return path.open("rb")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise AuditError(
            f"cannot read {path}: {error.strerror or error}; check the file"
        ) from error


def _not_regular(path: Path) -> AuditError:
    return AuditError(
        f"{path} is a symbolic link or not a regular file, and the log would write to another "
        "place; remove it after checking the log with `ngsd-guard audit verify`"
    )


def segments(log: Path) -> list[Path]:
    """Return the rotated files of one chain, oldest first."""
    pattern = re.compile(rf"{re.escape(log.stem)}\.(\d{{6,}}){re.escape(log.suffix)}")
    found = [
        (int(match[1]), path)
        for path in (log.parent.iterdir() if log.parent.is_dir() else ())
        if (match := pattern.fullmatch(path.name))
    ]
    return [path for _, path in sorted(found)]


def next_segment(log: Path) -> Path:
    """Return the name for the next rotated file."""
    full = segments(log)
    number = int(full[-1].name.removeprefix(f"{log.stem}.").split(".")[0]) + 1 if full else 1
    return log.with_name(f"{log.stem}.{number:06d}{log.suffix}")


@dataclass(frozen=True, slots=True)
class ChainFiles:
    """All files of one chain."""

    log: Path
    """The current file, which may not exist."""

    @property
    def in_order(self) -> list[Path]:
        """The existing files, oldest first."""
        return [*segments(self.log), *([self.log] if os.path.lexists(self.log) else [])]


def chains(path: str | Path) -> list[ChainFiles]:
    """Return the chains of a log, by name."""
    log = log_path(path)
    logs = sorted({log, *_other_slots(log)}, key=lambda path: (len(path.name), path.name))
    return [files for files in map(ChainFiles, logs) if files.in_order or _has_head(files.log)]


def _other_slots(log: Path) -> Iterator[Path]:
    pattern = re.compile(rf"{re.escape(log.stem)}-\d+{re.escape(log.suffix)}")
    for file in log.parent.iterdir() if log.parent.is_dir() else ():
        plain = _log_of(file)
        if pattern.fullmatch(plain.name):
            yield plain


def _log_of(file: Path) -> Path:
    """Return the current file of the chain that a file (current, rotated or head) belongs to."""
    name = file.name.removesuffix(".head")
    return file.with_name(re.sub(r"\.\d{6,}(\.[^.]*)$", r"\1", name))


def _has_head(log: Path) -> bool:
    return os.path.lexists(log.with_name(f"{log.name}.head"))
