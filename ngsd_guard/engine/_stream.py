"""An answer, read token by token."""

import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from ngsd_guard.decoding import Ended, Rated, Schedule, Ticket
from ngsd_guard.engine._session import Session
from ngsd_guard.errors import DecodingError
from ngsd_guard.types import DecodeStep, Generation, RiskScores


class TokenStream(Iterator[DecodeStep]):
    """The answer to one request, step by step.

    Reading it does the work. Closing it, or leaving its `with` block, early cancels the request
    and records it as cancelled. It may be read in one thread and cancelled or closed in another.
    """

    def __init__(self, session: Session, schedule: Schedule) -> None:
        self.id = session.id
        self._session = session
        self._schedule = schedule
        self._ticket: Ticket | None = None
        self._cancelled = threading.Event()
        self._reading = threading.Lock()
        self._has_ended = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> DecodeStep:
        with self._reading:
            while not self._has_ended:
                if self._cancelled.is_set():
                    self._leave()
                    break
                event = self._schedule.next_event(self.queue())
                if isinstance(event, DecodeStep):
                    self._session.add(event)
                    return event
                if isinstance(event, Rated):
                    self._session.rate(event)
                else:
                    self._end(event)
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if not self._has_ended:
            self._leave(sweep=False)

    def queue(self) -> Ticket:
        """Put the request in line, if it is not there yet; return its place."""
        if self._ticket is None:
            self._ticket = self._schedule.add(self._session.request)
        return self._ticket

    def cancel(self) -> None:
        """Ask for an end before the next step; may be called from another thread."""
        self._cancelled.set()

    def close(self) -> None:
        """End the request, if it has not ended, after the step that is being computed."""
        self.cancel()
        with self._reading:
            if not self._has_ended:
                self._leave()

    def finish(self) -> Generation:
        """Read to the end and return the finished answer."""
        for _ in self:
            pass
        return self.generation

    @property
    def rating(self) -> RiskScores | None:
        """How the request was rated; None before that, and where the gate is off."""
        return self._session.rating

    @property
    def initial_potential(self) -> float | None:
        """Potential the gate started at; None before the rating, and where the gate is off."""
        return self._session.initial_potential

    @property
    def generation(self) -> Generation:
        """The finished answer.

        Raises:
            DecodingError: the stream has not ended, or failed.
        """
        if self._session.generation is None:
            raise DecodingError("the stream has no finished answer; read it to its end first")
        return self._session.generation

    def _end(self, ended: Ended) -> None:
        self._has_ended = True
        if ended.error is None:
            self._session.complete(ended)
            return
        self._session.fail(ended.error)
        raise ended.error

    def _leave(self, *, sweep: bool = True) -> None:
        self._has_ended = True
        if self._ticket is not None:
            self._schedule.leave(self._ticket, sweep=sweep)
        self._session.cancel()
