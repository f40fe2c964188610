"""One request from start to end: all of its state, and its audit record."""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self

from ngsd_guard.audit import AuditLog, RequestRecord, TraceRecord
from ngsd_guard.config import SamplingParams
from ngsd_guard.decoding import Decoder, DecodeRequest, Ended, TokenConstraint, decode
from ngsd_guard.errors import AuditError, DecodingError, NGSDError, as_ngsd_error
from ngsd_guard.pairs import Pair
from ngsd_guard.risk import request_text
from ngsd_guard.types import (
    DecodeStep,
    Generation,
    Message,
    RiskScores,
    Speculation,
    Timing,
    Usage,
)

_TRACE_PLACES: Final = 4


@dataclass(frozen=True)
class Runtime:
    """What all requests of an engine share."""

    pair: Pair
    audit: AuditLog | None

    @cached_property
    def decoder(self) -> Decoder:
        """How the pair decodes."""
        pair = self.pair
        return Decoder(pair.base_prefixes, pair.expert_prefixes, pair.gate, pair.config.decoding)

    def record_failure(
        self, request_id: str, messages: Sequence[Mapping[str, Any]], error: Exception
    ) -> None:
        """Write the record of a request that failed before any work."""
        is_conversation = isinstance(messages, Sequence) and not isinstance(messages, str)
        self._write(
            request_id,
            num_messages=len(messages) if is_conversation else 0,
            status="failed",
            evaluation="error",
            **_describe(error),
        )

    def record(
        self, request_id: str, request: "PreparedRequest", output: str, **outcome: Any
    ) -> None:
        """Write the record of a request that was worked on."""
        self._write(
            request_id,
            prompt=request_text(request.messages),
            output=output,
            num_messages=len(request.messages),
            max_new_tokens=request.sampling.max_new_tokens,
            temperature=request.sampling.temperature,
            top_k=request.sampling.top_k,
            top_p=request.sampling.top_p,
            seed=request.sampling.seed,
            **outcome,
        )

    def record_trace(
        self,
        request_id: str,
        currents: Sequence[float],
        potentials: Sequence[float],
        spike_indices: tuple[int, ...],
        override_indices: tuple[int, ...],
    ) -> None:
        """Write the gate's series, if the request is of the share whose are kept."""
        if self.audit is None or not self.audit.wants_trace(request_id):
            return
        self.audit.write(
            TraceRecord(
                event_id=request_id,
                v_threshold=self.pair.config.gate.v_threshold,
                currents=tuple(round(value, _TRACE_PLACES) for value in currents),
                potentials=tuple(round(value, _TRACE_PLACES) for value in potentials),
                spike_indices=spike_indices,
                override_indices=override_indices,
            )
        )

    def _write(self, request_id: str, *, prompt: str = "", output: str = "", **fields: Any) -> None:
        if self.audit is None:
            return
        record = RequestRecord(
            **self.pair.identity,
            event_id=request_id,
            v_threshold=self.pair.config.gate.v_threshold,
            **fields,
        )
        self.audit.write(record, prompt=prompt, output=output)


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """A request that was checked and encoded; nothing has been computed yet."""

    messages: tuple[Message, ...]
    base_prompt_ids: tuple[int, ...]
    expert_prompt_ids: tuple[int, ...]
    sampling: SamplingParams
    guarded: bool
    speculative: bool
    trace: bool
    started_s: float
    """`time.perf_counter()` when the request arrived."""
    constraint: TokenConstraint | None = None
    is_cancelled: Callable[[], bool] = lambda: False
    """Asked before every token, besides the stream's own `cancel`."""


@dataclass(slots=True)
class _Tally:
    """What has happened so far."""

    text: str = ""
    token_ids: list[int] = field(default_factory=list)
    steps: list[DecodeStep] = field(default_factory=list)
    spike_indices: list[int] = field(default_factory=list)
    override_indices: list[int] = field(default_factory=list)
    currents: list[float] = field(default_factory=list)
    potentials: list[float] = field(default_factory=list)
    initial_potential: float | None = None
    peak_potential: float = 0.0
    reflection: RiskScores | None = None
    reflected_s: float = 0.0
    first_token_s: float = 0.0

    def add(self, step: DecodeStep, *, keep: bool) -> None:
        self.text += step.text
        self.token_ids.append(step.token_id)
        self.currents.append(step.current)
        self.potentials.append(step.charged_potential)
        self.peak_potential = max(self.peak_potential, step.charged_potential)
        if step.spiked:
            self.spike_indices.append(step.index)
        if step.overridden:
            self.override_indices.append(step.index)
        if keep:
            self.steps.append(step)


class Session:
    """One request from start to end: what it has come to so far, and its audit record."""

    def __init__(self, runtime: Runtime, request_id: str, request: PreparedRequest) -> None:
        self.id = request_id
        self.request = request
        self.generation: Generation | None = None
        self.is_recorded = False
        self._runtime = runtime
        self._tally = _Tally()

    @property
    def decoder(self) -> Decoder:
        """The pair as this request uses it."""
        decoder, request = self._runtime.decoder, self.request
        config = decoder.config.replace(speculative=request.speculative)
        return replace(decoder, expert=decoder.expert if request.guarded else None, config=config)

    def reflect(self) -> None:
        """Let the base model rate the request, where it is guarded."""
        runtime, tally = self._runtime, self._tally
        if self.request.guarded:
            tally.reflection = runtime.pair.risk_reader.reflect(self.request.messages)
            tally.initial_potential = runtime.pair.gate.initial_potential(tally.reflection.risk)
        tally.reflected_s = time.perf_counter()

    def to_decode(self, is_cancelled: Callable[[], bool] = lambda: False) -> DecodeRequest:
        """Return what the decode loop needs to know, once the request is rated."""
        request, tally = self.request, self._tally
        return DecodeRequest(
            base_prompt_ids=request.base_prompt_ids,
            expert_prompt_ids=request.expert_prompt_ids,
            sampling=request.sampling,
            alpha=tally.reflection.alpha if tally.reflection else 0.0,
            initial_potential=tally.initial_potential,
            is_cancelled=lambda: is_cancelled() or request.is_cancelled(),
            constraint=request.constraint,
        )

    def add(self, step: DecodeStep) -> None:
        """Take in an emitted token."""
        tally = self._tally
        tally.first_token_s = tally.first_token_s or time.perf_counter()
        tally.add(step, keep=self.request.trace)

    def complete(self, ended: Ended) -> None:
        """Finish and record the answer."""
        tally, request, finish_reason = self._tally, self.request, ended.finish_reason
        reflection = tally.reflection
        self.generation = Generation(
            id=self.id,
            text=tally.text,
            token_ids=tuple(tally.token_ids),
            finish_reason=finish_reason,
            guarded=request.guarded,
            seed=request.sampling.seed,
            risk=reflection.risk if reflection else None,
            alpha=reflection.alpha if reflection else None,
            reflection=reflection,
            initial_potential=tally.initial_potential,
            num_spikes=len(tally.spike_indices),
            num_overrides=len(tally.override_indices),
            peak_potential=tally.peak_potential,
            usage=Usage(len(request.base_prompt_ids), len(tally.token_ids), ended.num_cached),
            timing=self._timing(),
            speculation=ended.speculation,
            steps=tuple(tally.steps) if request.trace else None,
        )
        self._record(
            status="cancelled" if finish_reason == "cancelled" else "completed",
            evaluation="evaluated" if request.guarded else "skipped",
            finish_reason=finish_reason,
            usage=self.generation.usage,
            timing=self.generation.timing,
        )

    def cancel(self) -> None:
        """Finish and record the answer as cancelled, wherever it is."""
        self.complete(Ended("cancelled", Speculation("off", 0, 0, 0)))

    def fail(self, error: NGSDError) -> None:
        """Record the request as failed."""
        self._record(status="failed", evaluation="error", **_describe(error))

    def _record(self, **outcome: Any) -> None:
        tally = self._tally
        self.is_recorded = True
        self._runtime.record(
            self.id,
            self.request,
            tally.text,
            reflection=tally.reflection,
            initial_potential=tally.initial_potential,
            peak_potential=tally.peak_potential,
            num_tokens_released=len(tally.token_ids),
            spike_indices=tuple(tally.spike_indices),
            override_indices=tuple(tally.override_indices),
            **outcome,
        )
        self._runtime.record_trace(
            self.id,
            tally.currents,
            tally.potentials,
            tuple(tally.spike_indices),
            tuple(tally.override_indices),
        )

    def _timing(self) -> Timing:
        start, tally, now = self.request.started_s, self._tally, time.perf_counter()
        reflected = tally.reflected_s or now
        first_token = tally.first_token_s or now
        return Timing(
            reflection_s=reflected - start,
            prefill_s=first_token - reflected,
            time_to_first_token_s=first_token - start,
            total_s=now - start,
        )


class TokenStream(Iterator[DecodeStep]):
    """The answer to one request, step by step.

    Reading it does the work. Closing it, or leaving its `with` block, early cancels the request
    and records it as cancelled. It may be read in one thread and cancelled or closed in another.
    """

    def __init__(self, session: Session) -> None:
        self.id = session.id
        self._session = session
        self._cancelled = threading.Event()
        self._reading = threading.Lock()
        self._steps = self._run()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> DecodeStep:
        with self._reading:
            return next(self._steps)

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
        if not self._session.is_recorded:
            self.close()

    def cancel(self) -> None:
        """Ask for an end before the next step; may be called from another thread."""
        self._cancelled.set()

    def close(self) -> None:
        """End the request, if it has not ended, after the step that is being computed."""
        self.cancel()
        with self._reading:
            self._steps.close()
            if not self._session.is_recorded:
                self._session.cancel()

    def finish(self) -> Generation:
        """Read to the end and return the finished answer."""
        for _ in self:
            pass
        return self.generation

    @property
    def generation(self) -> Generation:
        """The finished answer.

        Raises:
            DecodingError: the stream has not ended, or failed.
        """
        if self._session.generation is None:
            raise DecodingError("the stream has no finished answer; read it to its end first")
        return self._session.generation

    def _run(self) -> Generator[DecodeStep, None, None]:
        session = self._session
        try:
            session.reflect()
            request = session.to_decode(self._cancelled.is_set)
            for _, event in decode(session.decoder, [request]):
                if isinstance(event, DecodeStep):
                    session.add(event)
                    yield event
                elif event.error is not None:
                    raise event.error
                else:
                    session.complete(event)
        except AuditError:
            raise
        except Exception as error:
            failure = as_ngsd_error(error)
            session.fail(failure)
            if failure is error:
                raise
            raise failure from error


def answer_together(sessions: Sequence[Session]) -> list[Generation | NGSDError]:
    """Answer requests of the same kind side by side; what fails is returned in its place."""
    outcomes: dict[str, Generation | NGSDError] = {}
    try:
        rated = [session for session in sessions if _is_rated(session, outcomes)]
        requests = [session.to_decode() for session in rated]
        decoder = sessions[0].decoder
        for index, event in decode(decoder, requests):
            session = rated[index]
            if isinstance(event, DecodeStep):
                session.add(event)
            elif event.error is not None:
                outcomes[session.id] = event.error
                session.fail(event.error)
            else:
                session.complete(event)
    finally:
        for session in sessions:
            if not session.is_recorded:
                session.cancel()
    for session in sessions:
        if session.generation is not None:
            outcomes[session.id] = session.generation
    return [outcomes[session.id] for session in sessions]


def _is_rated(session: Session, outcomes: dict[str, Generation | NGSDError]) -> bool:
    """Let the request be rated; a cancelled one is not, and one that fails is an outcome."""
    if session.request.is_cancelled():
        session.cancel()
        return False
    try:
        session.reflect()
    except Exception as error:
        outcomes[session.id] = as_ngsd_error(error)
        session.fail(as_ngsd_error(error))
        return False
    return True


def _describe(error: Exception) -> dict[str, str]:
    return {"error_type": type(error).__name__, "error_message": str(error)}
