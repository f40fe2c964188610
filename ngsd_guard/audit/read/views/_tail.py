"""The end of a log, and what is added to it."""

import heapq
import json
import os
import time
from collections.abc import Generator, Iterable, Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import IO, Any, Final

from ngsd_guard.audit._files import ChainFiles, chains, log_path
from ngsd_guard.errors import AuditError

_BLOCK: Final = 64 * 1024


def tail(
    path: str | Path, num_records: int, *, follow: bool = False, poll_s: float = 0.5
) -> Generator[dict[str, Any], None, None]:
    """Yield the last records of a log, those of all chains together, by time.

    Nothing is verified. What is no JSON object on a line of its own is left out.

    Args:
        path: the log's file, or a folder.
        num_records: how many, from the end.
        follow: whether to go on with what is written from then on; files may be rotated and
            chains be added meanwhile.
        poll_s: seconds between two looks.

    Raises:
        AuditError: there is no log.
    """
    found = chains(path)
    if not any(files.in_order for files in found):
        raise AuditError(f"there is no audit log at {log_path(path)}")
    followers = {files.log: _Follower(files) for files in found}
    try:
        last = chain.from_iterable(follower.last(num_records) for follower in followers.values())
        yield from heapq.nlargest(num_records, _records(last), key=_time)[::-1]
        while follow:
            for files in chains(path):
                followers.setdefault(files.log, _Follower(files))
            new = list(chain.from_iterable(follower.new() for follower in followers.values()))
            yield from sorted(_records(new), key=_time)
            if not new:
                time.sleep(poll_s)
    finally:
        for follower in followers.values():
            follower.close()


class _Follower:
    """Reads one chain from where it was read last, over the rotation of its files."""

    def __init__(self, files: ChainFiles) -> None:
        self._files = files
        self._file: IO[bytes] | None = None
        self._rest = b""

    def last(self, num_records: int) -> list[bytes]:
        """Return the last whole lines, and go on behind them."""
        if not (paths := self._files.in_order):
            return []
        *older, newest = paths
        self._file = newest.open("rb")
        *lines, self._rest = _last_lines(self._file, num_records)
        while older and len(lines) < num_records:
            with older.pop().open("rb") as file:
                lines = _last_lines(file, num_records - len(lines))[:-1] + lines
        return lines

    def new(self) -> Iterator[bytes]:
        """Yield the whole lines that were added."""
        yield from self._read()
        while (following := self._following()) is not None:
            yield from self._read()  # what was written until the file was rotated
            self.close()
            self._file, self._rest = following, b""
            yield from self._read()

    def close(self) -> None:
        """Close the file that is read."""
        if self._file is not None:
            self._file.close()

    def _read(self) -> Iterator[bytes]:
        while self._file is not None and (data := self._file.read(_BLOCK)):
            *lines, self._rest = (self._rest + data).split(b"\n")
            yield from lines

    def _following(self) -> IO[bytes] | None:
        """Open the chain's file after the one that is read, if there is one."""
        paths = self._files.in_order
        try:
            if self._file is None:
                return paths[0].open("rb") if paths else None
            here = os.fstat(self._file.fileno())
            if here.st_nlink == 0:  # deleted
                return paths[-1].open("rb") if paths else None
            for path, following in pairwise(paths):
                if os.path.samestat(path.stat(), here):
                    return following.open("rb")
        except FileNotFoundError:  # just being rotated: the next look finds it
            pass
        return None


def _last_lines(file: IO[bytes], num_lines: int) -> list[bytes]:
    """Return the last lines of a file and what is behind the last newline, and go to its end."""
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
        try:
            fields = json.loads(line)
        except ValueError:
            continue
        if isinstance(fields, dict):
            yield fields


def _time(fields: dict[str, Any]) -> tuple[str, int]:
    return str(fields.get("time_utc")), int(fields.get("sequence") or 0)
