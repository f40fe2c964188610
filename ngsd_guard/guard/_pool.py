"""A thread pool with a bounded queue."""

import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from ngsd_guard.errors import ConfigurationError, EngineBusyError

ResultT = TypeVar("ResultT")


class Pool:
    """A thread pool with a bounded queue; threads are started on demand.

    A place is freed when the work ends, not when its caller stops waiting, so work that hangs
    keeps its place.

    Args:
        max_concurrency: maximum number of running checks.
        max_queue: maximum number of waiting checks.

    Raises:
        ConfigurationError: a number is out of range.
    """

    def __init__(self, max_concurrency: int, max_queue: int) -> None:
        for name, number, least in (
            ("max_concurrency", max_concurrency, 1),
            ("max_queue", max_queue, 0),
        ):
            if number < least:
                raise ConfigurationError(f"{name}={number} is below {least}; raise it")
        self.max_concurrency = max_concurrency
        self._max_places = max_concurrency + max_queue
        self._num_taken = 0
        self._lock = threading.Lock()
        self._executor = ThreadPoolExecutor(max_concurrency, thread_name_prefix="ngsd-guard")

    def submit(self, work: Callable[..., ResultT], *arguments: Any) -> Future[ResultT]:
        """Run work in a thread of the pool, with the caller's context variables.

        Raises:
            EngineBusyError: the queue is full.
        """
        with self._lock:
            if self._num_taken >= self._max_places:
                raise EngineBusyError(self.max_concurrency, self._num_taken - self.max_concurrency)
            self._num_taken += 1
        try:
            future = self._executor.submit(contextvars.copy_context().run, work, *arguments)
        except BaseException:
            self._give_back()
            raise
        future.add_done_callback(lambda _: self._give_back())
        return future

    def _give_back(self) -> None:
        with self._lock:
            self._num_taken -= 1
