"""The one decode loop, as a schedule: requests join the running batch and leave it when finished.

Nobody owns the loop. Whoever waits for an event drives it, for all requests under way, until the
event is there; meanwhile the others wait, and one of them takes over. So a lone stream is worked
on only while it is read, and many streams share every forward pass.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import torch

from ngsd_guard.decoding._guidance import Guidance, Steering
from ngsd_guard.decoding._lane import Lane
from ngsd_guard.decoding._lookup import Continuations
from ngsd_guard.decoding._opening import Opened, opening
from ngsd_guard.decoding._request import Ended, Event, Request
from ngsd_guard.decoding._sequence import DecodingSequence
from ngsd_guard.errors import DecodingError, DecodingTimeoutError, NGSDError, as_ngsd_error
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Failure, ReadingPool
from ngsd_guard.types import FinishReason, Speculation

_PREFILL_TOKENS: Final = 256
"""Tokens of newcomers that are read between two steps of the requests under way."""


class Ticket:
    """A request's place in a schedule, and its events that nobody has taken yet."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.events: deque[Event] = deque()
        self.is_left = False

    def ending(self) -> tuple[FinishReason, NGSDError | None] | None:
        """Return how the answer ends here, because nobody wants it or its time is up."""
        try:
            if self.is_left or self.request.is_cancelled():
                return "cancelled", None
        except Exception as error:  # the request's own callback
            return "cancelled", as_ngsd_error(error)
        if self.request.is_late:
            return "cancelled", DecodingTimeoutError(self.request.timeout_s)
        return None


class Schedule:
    """Decodes the requests of a pair side by side; safe to share between threads.

    Every answer is the one its request would get alone, token for token: sequences share forward
    passes and nothing else. A request that fails ends with its error; the others go on.

    Args:
        pair: both models, the gate and the options.
        steering: a decoder in place of the pair's own guidance.
    """

    def __init__(self, pair: Pair, *, steering: Steering | None = None) -> None:
        self._pair = pair
        self._config = pair.config.decoding
        self._steering = steering or Guidance(pair.gate, pair.config.decoding)
        self._continuations = Continuations()
        self._lanes: dict[tuple[bool, bool], Lane] = {}
        self._tickets: dict[DecodingSequence, Ticket] = {}
        self._newcomers = ReadingPool[Ticket, Opened]()
        self._opening: list[Ticket] = []
        self._arrivals: deque[Ticket] = deque()  # guarded by the lock; all else is the driver's
        self._waiting: deque[Ticket] = deque()
        self._is_reading_next = True
        self._is_driven = False
        self._changed = threading.Condition(threading.Lock())

    def add(self, request: Request) -> Ticket:
        """Put a request in line; it is worked on once somebody waits for an event."""
        ticket = Ticket(request)
        with self._changed:
            self._arrivals.append(ticket)
        return ticket

    def next_event(self, ticket: Ticket) -> Event:
        """Wait for a request's next event, and work on all requests meanwhile."""
        while True:
            with self._changed:
                while not ticket.events and self._is_driven:
                    self._changed.wait()
                if ticket.events:
                    return ticket.events.popleft()
                self._is_driven = True
            with self._handing_over():
                while not ticket.events:
                    self._work()
                    with self._changed:
                        self._changed.notify_all()

    def leave(self, ticket: Ticket, *, sweep: bool = True) -> None:
        """Give up a request.

        Args:
            ticket: whose events nobody wants any more.
            sweep: free its memory now, unless somebody else works; False leaves that to whoever
                works next, and takes no lock: a garbage collector may call it anywhere.
        """
        ticket.is_left = True
        if not sweep:
            return
        with self._changed:
            if self._is_driven:
                return
            self._is_driven = True
        with self._handing_over():
            self._end_unwanted()

    @contextmanager
    def _handing_over(self) -> Iterator[None]:
        """Let others drive in the end; what breaks in here must leave nobody waiting."""
        try:
            yield
        except BaseException as error:
            self._abort(error)
            if not isinstance(error, Exception):
                raise
        finally:
            with self._changed:
                self._is_driven = False
                self._changed.notify_all()

    @torch.inference_mode()
    def _work(self) -> None:
        """Read a piece of the newcomers' prompts, or let all sequences go on by a step."""
        self._admit()
        self._end_unwanted()
        is_decoding = bool(self._tickets)
        if self._opening and (self._is_reading_next or not is_decoding):
            self._read_newcomers(_PREFILL_TOKENS if is_decoding else None)
            self._is_reading_next = False
            return
        self._is_reading_next = True
        for lane in self._lanes.values():
            lane.advance()
            self._emit(lane)

    def _admit(self) -> None:
        """Let requests in, in the order they came, as far as there is room."""
        with self._changed:
            while self._arrivals:
                self._waiting.append(self._arrivals.popleft())
        room = self._config.max_batch_size - len(self._tickets) - len(self._opening)
        while self._waiting and room > 0:
            ticket = self._waiting.popleft()
            if (ending := ticket.ending()) is not None:
                ticket.events.append(_ended(*ending))
                continue
            judging = opening(self._pair, ticket.request, self._continuations, ticket.events.append)
            self._opening.append(ticket)
            self._newcomers.add(ticket, judging)
            room -= 1

    def _read_newcomers(self, max_tokens: int | None) -> None:
        for ticket, outcome in self._newcomers.step(max_tokens).items():
            self._opening.remove(ticket)
            if isinstance(outcome, Failure):
                ticket.events.append(_ended("cancelled", as_ngsd_error(outcome.error)))
                continue
            lane = self._lane(ticket.request)
            self._tickets[outcome.sequence] = ticket
            try:
                lane.start(
                    outcome.sequence, outcome.caches, outcome.draft, outcome.initial_potential
                )
            except Exception as error:
                del self._tickets[outcome.sequence]
                ticket.events.append(_ended("cancelled", as_ngsd_error(error)))
                continue
            self._emit(lane)

    def _lane(self, request: Request) -> Lane:
        kind = request.guarded, request.speculative
        if kind not in self._lanes:
            guarded, speculative = kind
            self._lanes[kind] = Lane(
                self._pair,
                self._continuations,
                steering=self._steering if guarded else None,
                speculative=speculative,
            )
        return self._lanes[kind]

    def _emit(self, lane: Lane) -> None:
        """Hand out what sequences may release, and let those that have ended leave."""
        for sequence in lane.sequences:
            ticket = self._tickets[sequence]
            if sequence.held and self._may_release(sequence):
                sequence.is_repairing = False
                for number, step in enumerate(sequence.release()):
                    if number > 0 and (ending := ticket.ending()) is not None:
                        sequence.end(*ending)
                        break
                    ticket.events.append(step)
            if sequence.ended is None and (ending := ticket.ending()) is not None:
                sequence.end(*ending)
        self._drop_ended(lane)

    def _may_release(self, sequence: DecodingSequence) -> bool:
        if self._config.max_repairs == 0 or not sequence.request.guarded:
            return True
        is_whole = sequence.is_complete or sequence.is_at_sentence_end
        return sequence.ended is None and is_whole

    def _end_unwanted(self) -> None:
        """End what nobody wants any more, or is late."""
        for ticket in [*self._waiting, *self._opening]:
            if (ending := ticket.ending()) is not None:
                self._newcomers.drop(ticket)
                for line in (self._waiting, self._opening):
                    if ticket in line:
                        line.remove(ticket)
                ticket.events.append(_ended(*ending))
        for lane in self._lanes.values():
            for sequence in lane.sequences:
                if sequence.ended is None and self._tickets[sequence].is_left:
                    sequence.end("cancelled")
            self._drop_ended(lane)

    def _drop_ended(self, lane: Lane) -> None:
        for sequence in lane.sequences:
            if sequence.ended is not None:
                self._tickets.pop(sequence).events.append(sequence.ended)
        lane.drop_ended()

    def _abort(self, error: BaseException) -> None:
        """End everything: what is under way cannot be trusted any more."""
        failure = (
            as_ngsd_error(error)
            if isinstance(error, Exception)
            else DecodingError("decoding was interrupted; ask again")
        )
        self._newcomers.close()
        for ticket in [*self._tickets.values(), *self._opening, *self._waiting]:
            ticket.events.append(_ended("cancelled", failure))
        self._lanes, self._tickets, self._opening = {}, {}, []
        self._waiting.clear()


def _ended(finish_reason: FinishReason, error: NGSDError | None) -> Ended:
    return Ended(finish_reason, Speculation("off", 0, 0, 0), error)
