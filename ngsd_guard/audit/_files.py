"""File names of a log: one chain per concurrent writer, each with one or more files.

`audit.jsonl` is the first writer's file and `audit-2.jsonl` that of a second, concurrent writer.
`audit.000001.jsonl` is the oldest rotated file of the first writer's chain.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_NAME: Final = "audit.jsonl"


def log_path(path: str | Path) -> Path:
    """Return the file a log is written to; for a folder, its `audit.jsonl`."""
    path = Path(path).expanduser()
    return path / DEFAULT_NAME if path.is_dir() else path


def slot_path(log: Path, number: int) -> Path:
    """Return the file of the writer with a given number, from 1."""
    return log if number == 1 else log.with_name(f"{log.stem}-{number}{log.suffix}")


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
        return [*segments(self.log), *([self.log] if self.log.exists() else [])]


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
    return log.with_name(f"{log.name}.head").exists()
