"""Lets the members of a batch, each invoked on its own, be answered side by side."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final, Self

from ngsd_guard import Generation, NGSDError

Outcome = Generation | NGSDError


@dataclass(eq=False)
class Seat:
    """One member's request, and the answer to come."""

    request: Any
    answer: Future[Generation] = field(default_factory=Future)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when its member no longer waits for the answer."""


class Gathering:
    """Waits until every member at work has come with its request, then answers them together.

    LangChain invokes each member of a batch separately, with callbacks, cache and rate limit of
    its own. A member that never comes, because the cache had its answer or it failed before, is
    not waited for.

    Args:
        num_members: how many there will be.
        width: how many LangChain invokes at a time.
        answer: answers requests side by side; what fails is returned in its place.
    """

    def __init__(
        self, num_members: int, width: int, answer: Callable[[Sequence[Seat]], Sequence[Outcome]]
    ) -> None:
        self._num_members = num_members
        self._width = min(width, num_members)
        self._answer = answer
        self._num_begun = self._num_active = self._num_running = 0
        self._waiting: list[Seat] = []
        self._lock = threading.Lock()

    @contextmanager
    def member(self) -> Iterator[Self]:
        """Count the caller among those at work."""
        with self._lock:
            self._num_begun += 1
            self._num_active += 1
        try:
            yield self
        finally:
            self._settle(num_left=1)

    @contextmanager
    def seat(self, request: Any) -> Iterator[Seat]:
        """Come with a request; on leaving early its answer is given up."""
        seat = Seat(request)
        with self._lock:
            self._waiting.append(seat)
        self._settle()
        try:
            yield seat
        finally:
            seat.left.set()
            with self._lock:
                if seat in self._waiting:
                    self._waiting.remove(seat)

    def _settle(self, num_left: int = 0) -> None:
        with self._lock:
            self._num_active -= num_left
            is_full = self._num_active == self._width or self._num_begun == self._num_members
            have_come = len(self._waiting) == self._num_active - self._num_running
            if not (self._waiting and is_full and have_come):
                return
            seats, self._waiting = self._waiting, []
            self._num_running += len(seats)
        threading.Thread(target=self._run, args=(seats,), daemon=True).start()

    def _run(self, seats: Sequence[Seat]) -> None:
        try:
            outcomes: Sequence[Outcome | BaseException] = self._answer(seats)
        except BaseException as error:
            outcomes = [error] * len(seats)
        with self._lock:
            self._num_running -= len(seats)
        for seat, outcome in zip(seats, outcomes, strict=True):
            if not seat.answer.set_running_or_notify_cancel():
                continue
            if isinstance(outcome, BaseException):
                seat.answer.set_exception(outcome)
            else:
                seat.answer.set_result(outcome)


_current: Final[ContextVar[tuple[object, Gathering] | None]] = ContextVar("gathering", default=None)


@contextmanager
def gathered(owner: object, gathering: Gathering) -> Iterator[None]:
    """Let what `owner` is invoked with in here belong to a gathering."""
    token = _current.set((owner, gathering))
    try:
        yield
    finally:
        _current.reset(token)


def current_gathering(owner: object) -> Gathering | None:
    """Return the gathering that the caller's request belongs to."""
    current = _current.get()
    return current[1] if current is not None and current[0] is owner else None
