"""How many requests work at once, and how many more may wait."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import asynccontextmanager, contextmanager

from ngsd_guard.errors import DecodingTimeoutError, EngineBusyError


class Admission:
    """A bounded line before an engine, first come first served; for threads and event loops.

    Args:
        max_active: requests at work at once.
        max_waiting: requests in line beyond those.
    """

    def __init__(self, max_active: int, max_waiting: int) -> None:
        self.max_active = max_active
        self.max_waiting = max_waiting
        self._num_active = 0
        self._line: deque[Future[None]] = deque()
        self._lock = threading.Lock()

    @property
    def num_active(self) -> int:
        """Requests at work."""
        return self._num_active

    @property
    def num_waiting(self) -> int:
        """Requests in line."""
        return len(self._line)

    @contextmanager
    def slot(self, timeout_s: float | None = None) -> Iterator[None]:
        """Wait for a turn, and give it back at the end.

        Raises:
            EngineBusyError: the line is full.
            DecodingTimeoutError: no turn came within `timeout_s` seconds.
        """
        ticket = self._enter()
        try:
            ticket.result(timeout_s)
        except FutureTimeoutError as error:
            self._leave(ticket)
            raise DecodingTimeoutError(timeout_s or 0.0) from error
        except BaseException:
            self._leave(ticket)
            raise
        try:
            yield
        finally:
            self._leave(ticket)

    @asynccontextmanager
    async def aslot(self, timeout_s: float | None = None) -> AsyncIterator[None]:
        """Wait for a turn without holding up the event loop, and give it back at the end.

        Raises:
            EngineBusyError: the line is full.
            DecodingTimeoutError: no turn came within `timeout_s` seconds.
        """
        ticket = self._enter()
        try:
            async with asyncio.timeout(timeout_s):
                # Shielded: the ticket alone says whether its turn has come.
                await asyncio.shield(asyncio.wrap_future(ticket))
        except TimeoutError as error:
            self._leave(ticket)
            raise DecodingTimeoutError(timeout_s or 0.0) from error
        except BaseException:
            self._leave(ticket)
            raise
        try:
            yield
        finally:
            self._leave(ticket)

    def _enter(self) -> Future[None]:
        ticket: Future[None] = Future()
        with self._lock:
            if self._num_active < self.max_active:
                self._num_active += 1
                ticket.set_result(None)
            elif len(self._line) < self.max_waiting:
                self._line.append(ticket)
            else:
                raise EngineBusyError(self._num_active, len(self._line))
        return ticket

    def _leave(self, ticket: Future[None]) -> None:
        with self._lock:
            if ticket in self._line:  # its turn has not come
                self._line.remove(ticket)
                return
            if self._line:
                self._line.popleft().set_result(None)
            else:
                self._num_active -= 1
