"""The last records of a log, and new ones as they are added."""

import heapq
import os
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import chain, pairwise
from pathlib import Path
from typing import IO, Any, Final

from ngsd_guard.audit._canonical import parse_object
from ngsd_guard.audit._files import ChainFiles, chains, log_path, open_log
from ngsd_guard.errors import AuditError

_BLOCK: Final = 64 * 1024


def tail(
    path: str | Path, num_records: int, *, follow: bool = False, poll_s: float = 0.5
) -> Generator[dict[str, Any], None, None]:
    """Yield the last records of all chains of a log, in order of time.

    Nothing is verified. Lines that are not a JSON object are skipped.

    Args:
        path: the log's file, or a folder.
        num_records: number of records.
        follow: keep yielding new records, including those of rotated files and new chains.
        poll_s: polling interval, in seconds.

    Raises:
        AuditError: there is no log.
    """
    with closing(LogFollower(path)) as log:
        yield from log.last(num_records)
        while follow:
            new = log.new()
            yield from new
            if not new:
                time.sleep(poll_s)


class LogFollower:
    """Reads the records of all chains of a log as they are added, without waiting for them.

    Nothing is verified. Lines that are not a JSON object are skipped.

    Args:
        path: the log's file, or a folder.

    Raises:
        AuditError: there is no log.
    """

    def __init__(self, path: str | Path) -> None:
        found = chains(path)
        if not any(files.in_order for files in found):
            raise AuditError(f"there is no audit log at {log_path(path)}; check the path")
        self._path = path
        self._followers = {files.log: _ChainFollower(files) for files in found}

    def last(self, num_records: int) -> list[dict[str, Any]]:
        """Return the last records, in order of time, and go on after them.

        Args:
            num_records: maximum number of records.
        """
        last = chain.from_iterable(each.last(num_records) for each in self._followers.values())
        return heapq.nlargest(num_records, _records(last), key=_time)[::-1]

    def new(self) -> list[dict[str, Any]]:
        """Return the records that were added, including those of rotated files and new chains."""
        for files in chains(self._path):
            self._followers.setdefault(files.log, _ChainFollower(files))
        new = chain.from_iterable(each.new() for each in self._followers.values())
        return sorted(_records(new), key=_time)

    def close(self) -> None:
        """Close all files."""
        for follower in self._followers.values():
            follower.close()


class _ChainFollower:
    """Reads new lines of one chain, across rotations of its file."""

    def __init__(self, files: ChainFiles) -> None:
        self._files = files
        self._file: IO[bytes] | None = None
        self._rest = b""

    def last(self, num_records: int) -> list[bytes]:
        """Return the last complete lines, and position the reader after them."""
        if not (paths := self._files.in_order):
            return []
        *older, newest = paths
        self._file = open_log(newest)
        *lines, self._rest = _last_lines(self._file, num_records)
        while older and len(lines) < num_records:
            with open_log(older.pop()) as file:
                lines = _last_lines(file, num_records - len(lines))[:-1] + lines
        return lines

    def new(self) -> Iterator[bytes]:
        """Yield the complete lines that were added."""
        yield from self._read()
        while (following := self._following()) is not None:
            yield from self._read()  # lines written before the rotation
            self.close()
            self._file, self._rest = following, b""
            yield from self._read()

    def close(self) -> None:
        """Close the current file."""
        if self._file is not None:
            self._file.close()

    def _read(self) -> Iterator[bytes]:
        while self._file is not None and (data := self._file.read(_BLOCK)):
            *lines, self._rest = (self._rest + data).split(b"\n")
            yield from lines

    def _following(self) -> IO[bytes] | None:
        """Open the chain's next file, if there is one."""
        paths = self._files.in_order
        try:
            if self._file is None:
                return open_log(paths[0]) if paths else None
            here = os.fstat(self._file.fileno())
            if here.st_nlink == 0:  # deleted
                return open_log(paths[-1]) if paths else None
            for path, following in pairwise(paths):
                if os.path.samestat(path.stat(), here):
                    return open_log(following)
        except FileNotFoundError:  # being rotated; the next poll finds the file
            pass
        return None


def _last_lines(file: IO[bytes], num_lines: int) -> list[bytes]:
    """Return the last lines of a file and the text after the last newline; seek to its end."""
    end = start = file.seek(0, os.SEEK_END)
    data = b""
    while start > 0 and data.count(b"\n") <= num_lines:
        begin = max(0, start - _BLOCK)
        file.seek(begin)
        data = file.read(start - begin) + data
        start = begin
    file.seek(end)
    return data.split(b"\n")[-num_lines - 1 :]


def _records(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        fields = parse_object(line)
        if fields is not None:
            yield fields


def _time(fields: dict[str, Any]) -> tuple[str, int]:
    sequence = fields.get("sequence")
    return str(fields.get("time_utc")), sequence if isinstance(sequence, int) else 0
