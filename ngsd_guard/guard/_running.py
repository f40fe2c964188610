"""Running checks: their ids, time limits and completion."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, fields
from typing import Any, Final
from uuid import uuid4

from ngsd_guard.errors import ConfigurationError, DecodingTimeoutError
from ngsd_guard.guard._subject import read_subject
from ngsd_guard.guard._verdict import STAGES, CheckRequest, Verdict

_MAX_ROWS: Final = 32
_MAX_CHARACTERS: Final = 32_768
"""Maximum total length of a batch, in characters; a longer text is judged alone."""
_KEYS: Final = tuple(each.name for each in fields(CheckRequest))


def as_request(request: CheckRequest | Mapping[str, Any]) -> CheckRequest:
    """Return a request with a valid stage and source; its text is not checked.

    Raises:
        ConfigurationError: an argument other than the text is wrong.
    """
    if not isinstance(request, CheckRequest):
        if not isinstance(request, Mapping) or "messages" not in request:
            raise ConfigurationError(
                "a request of a batch must be a CheckRequest, or a mapping with 'messages' and "
                f"other arguments of check, not {type(request).__name__}"
            )
        unknown = sorted(str(key)[:40] for key in request if key not in _KEYS)
        if unknown:
            raise ConfigurationError(
                f"a request has unknown keys {', '.join(unknown)}; use {', '.join(_KEYS)}"
            )
        request = CheckRequest(**request)
    if request.stage not in STAGES:
        shown = repr(request.stage)[:40]
        raise ConfigurationError(f"unknown stage={shown}; use one of {', '.join(STAGES)}")
    source_id = request.source_id
    if source_id is not None and not (isinstance(source_id, str) and _is_text(source_id)):
        raise ConfigurationError("source_id must be None or a string without lone surrogates")
    return request


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


@dataclass(slots=True)
class Running:
    """A check, from the call to the verdict."""

    request: CheckRequest
    explain: bool
    timeout_s: float | None
    id: str = field(default_factory=lambda: uuid4().hex)
    started_s: float = field(default_factory=time.perf_counter)
    _settled: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def elapsed_s(self) -> float:
        """Time since the call, in seconds."""
        return time.perf_counter() - self.started_s

    @property
    def left_s(self) -> float | None:
        """Time left, in seconds; None without a limit."""
        return None if self.timeout_s is None else max(self.timeout_s - self.elapsed_s, 0.0)

    def claim(self) -> bool:
        """Claim the right to end the check; return False if it was already claimed.

        This ensures one verdict and one record per check: the thread that judges and a caller that
        stops waiting may end it at the same time.
        """
        with self._lock:
            is_first, self._settled = not self._settled, True
            return is_first

    def check_time(self) -> None:
        """Stop work whose result is no longer needed.

        Raises:
            DecodingTimeoutError: the time is up, or the check has already ended.
        """
        if self._settled or self.left_s == 0.0:
            raise self.timeout

    @property
    def timeout(self) -> DecodingTimeoutError:
        """The error to raise when the time is up."""
        return DecodingTimeoutError(self.timeout_s or 0.0)


class CheckBatch:
    """Checks that one thread of the pool runs together.

    Args:
        runnings: the checks.
    """

    def __init__(self, runnings: Sequence[Running]) -> None:
        self.runnings = list(runnings)
        self.futures: list[Future[Verdict | None]] = [Future() for _ in runnings]
        self.work: Future[None] | None = None
        """The work in the pool; None if the queue was full."""

    def cancel(self, index: int) -> None:
        """Stop waiting for a check; the batch leaves the queue when all its checks are done."""
        self.futures[index].cancel()
        if self.work is not None and all(future.done() for future in self.futures):
            self.work.cancel()


def in_batches(requests: Sequence[CheckRequest]) -> Iterator[list[CheckRequest]]:
    """Yield requests in order, in batches of bounded size."""
    batch: list[CheckRequest] = []
    size = 0
    for request in requests:
        length = _num_characters(request)
        if batch and (len(batch) == _MAX_ROWS or size + length > _MAX_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(request)
        size += length
    if batch:
        yield batch


def _num_characters(request: CheckRequest) -> int:
    try:
        return len(read_subject(request).rated_text)
    except Exception:  # it fails later, when it is judged
        return 0
