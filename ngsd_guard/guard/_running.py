"""One check underway: its id, its clock, and who may say how it ended."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final
from uuid import uuid4

from ngsd_guard.errors import ConfigurationError, DecodingTimeoutError
from ngsd_guard.guard._verdict import STAGES, CheckRequest

_KEYS: Final = tuple(each.name for each in fields(CheckRequest))


def as_request(request: CheckRequest | Mapping[str, Any]) -> CheckRequest:
    """Return a request whose stage and source are checked; its text is not looked at.

    Raises:
        ConfigurationError: an argument, not the text, is wrong.
    """
    if not isinstance(request, CheckRequest):
        if not isinstance(request, Mapping) or "messages" not in request:
            raise ConfigurationError(
                "a request of a batch is a CheckRequest, or a mapping with 'messages' and what "
                f"else check takes, not {type(request).__name__}"
            )
        unknown = sorted(str(key)[:40] for key in request if key not in _KEYS)
        if unknown:
            raise ConfigurationError(
                f"a request has the unknown keys {', '.join(unknown)}; use {', '.join(_KEYS)}"
            )
        request = CheckRequest(**request)
    if request.stage not in STAGES:
        shown = repr(request.stage)[:40]
        raise ConfigurationError(f"stage={shown}: use one of {', '.join(STAGES)}")
    source_id = request.source_id
    if source_id is not None and not (isinstance(source_id, str) and _is_text(source_id)):
        raise ConfigurationError("source_id must be a string of whole characters, or None")
    return request


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


@dataclass(slots=True)
class Running:
    """A check from the call to the verdict."""

    request: CheckRequest
    explain: bool
    timeout_s: float | None
    id: str = field(default_factory=lambda: uuid4().hex)
    started_s: float = field(default_factory=time.perf_counter)
    _settled: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def elapsed_s(self) -> float:
        """Since the call."""
        return time.perf_counter() - self.started_s

    @property
    def left_s(self) -> float | None:
        """Until the time is over; None where there is no end."""
        return None if self.timeout_s is None else max(self.timeout_s - self.elapsed_s, 0.0)

    def claim(self) -> bool:
        """Take it upon oneself to end the check; False if somebody has, or the caller left.

        A check has one verdict and one record: the thread that judges and the caller that stops
        waiting may get here at the same time.
        """
        with self._lock:
            is_first, self._settled = not self._settled, True
            return is_first

    def check_time(self) -> None:
        """Stop work that nobody waits for.

        Raises:
            DecodingTimeoutError: the time is over, or the check has ended otherwise.
        """
        if self._settled or self.left_s == 0.0:
            raise self.timeout

    @property
    def timeout(self) -> DecodingTimeoutError:
        """What to raise when the time is over."""
        return DecodingTimeoutError(self.timeout_s or 0.0)
