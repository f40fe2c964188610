"""One request from start to end: all of its state, and its audit record."""

import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from ngsd_guard._version import __version__
from ngsd_guard.artifact import Calibration
from ngsd_guard.audit import AuditLog, RequestRecord
from ngsd_guard.config import NGSDConfig, SamplingParams
from ngsd_guard.decoding import decode
from ngsd_guard.errors import AuditError, DecodingError, NGSDError
from ngsd_guard.gate import Gate
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.reflection import Reflector, request_text
from ngsd_guard.types import (
    DecodeStep,
    FinishReason,
    Generation,
    Message,
    RiskScores,
    Timing,
    Usage,
)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What all requests of an engine share; nothing in it changes."""

    base: LanguageModel
    expert: LanguageModel
    config: NGSDConfig
    gate: Gate[Any]
    reflector: Reflector
    audit: AuditLog | None
    calibration: Calibration | None = None

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

    def _write(self, request_id: str, *, prompt: str = "", output: str = "", **fields: Any) -> None:
        if self.audit is None:
            return
        calibration = self.calibration
        record = RequestRecord(
            event_id=request_id,
            package_version=__version__,
            base=self.base.name,
            expert=self.expert.name,
            preset="calibrated" if calibration else self.config.preset_name,
            config_digest=self.config.digest,
            calibration=calibration.name if calibration else None,
            calibration_digest=calibration.digest if calibration else None,
            v_threshold=self.config.gate.v_threshold,
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
    trace: bool
    started_s: float
    """`time.perf_counter()` when the request arrived."""


@dataclass(slots=True)
class _Tally:
    """What has happened so far."""

    text: str = ""
    token_ids: list[int] = field(default_factory=list)
    steps: list[DecodeStep] = field(default_factory=list)
    spike_indices: list[int] = field(default_factory=list)
    override_indices: list[int] = field(default_factory=list)
    initial_potential: float | None = None
    peak_potential: float = 0.0
    reflection: RiskScores | None = None
    reflected_s: float = 0.0
    first_token_s: float = 0.0

    def add(self, step: DecodeStep, *, keep: bool) -> None:
        self.text += step.text
        self.token_ids.append(step.token_id)
        self.peak_potential = max(self.peak_potential, step.charged_potential)
        if step.spiked:
            self.spike_indices.append(step.index)
        if step.overridden:
            self.override_indices.append(step.index)
        if keep:
            self.steps.append(step)


class TokenStream(Iterator[DecodeStep]):
    """The answer to one request, step by step.

    Reading it does the work. Closing it, or leaving its `with` block, early cancels the request
    and records it as cancelled. It may be read in one thread and cancelled or closed in another.
    """

    def __init__(self, runtime: Runtime, request_id: str, request: PreparedRequest) -> None:
        self.id = request_id
        self._runtime = runtime
        self._request = request
        self._tally = _Tally()
        self._cancelled = threading.Event()
        self._reading = threading.Lock()
        self._is_recorded = False
        self._generation: Generation | None = None
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
        if not self._is_recorded:
            self.close()

    def cancel(self) -> None:
        """Ask for an end before the next step; may be called from another thread."""
        self._cancelled.set()

    def close(self) -> None:
        """End the request, if it has not ended, after the step that is being computed."""
        self.cancel()
        with self._reading:
            self._steps.close()
            if not self._is_recorded:
                self._complete("cancelled")

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
        if self._generation is None:
            raise DecodingError("the stream has no finished answer; read it to its end first")
        return self._generation

    def _run(self) -> Generator[DecodeStep, None, None]:
        try:
            finish_reason = yield from self._answer()
            self._complete(finish_reason)
        except AuditError:
            raise
        except Exception as error:
            failure = as_ngsd_error(error)
            self._fail(failure)
            if failure is error:
                raise
            raise failure from error

    def _answer(self) -> Generator[DecodeStep, None, FinishReason]:
        runtime, request, tally = self._runtime, self._request, self._tally
        if request.guarded:
            tally.reflection = runtime.reflector.reflect(request.messages)
            tally.initial_potential = runtime.gate.initial_potential(tally.reflection.risk)
        tally.reflected_s = time.perf_counter()
        steps = decode(
            runtime.base,
            request.base_prompt_ids,
            request.sampling,
            expert=runtime.expert if request.guarded else None,
            expert_prompt_ids=request.expert_prompt_ids,
            gate=runtime.gate,
            alpha=tally.reflection.alpha if tally.reflection else 0.0,
            initial_potential=tally.initial_potential,
            config=runtime.config.decoding,
            is_cancelled=self._cancelled.is_set,
        )
        while True:
            try:
                step = next(steps)
            except StopIteration as ended:
                return ended.value  # type: ignore[no-any-return]  # typeshed: value is Any
            tally.first_token_s = tally.first_token_s or time.perf_counter()
            tally.add(step, keep=request.trace)
            yield step

    def _complete(self, finish_reason: FinishReason) -> None:
        tally, request = self._tally, self._request
        reflection = tally.reflection
        self._generation = Generation(
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
            usage=Usage(len(request.base_prompt_ids), len(tally.token_ids)),
            timing=self._timing(),
            steps=tuple(tally.steps) if request.trace else None,
        )
        self._record(
            status="cancelled" if finish_reason == "cancelled" else "completed",
            evaluation="evaluated" if request.guarded else "skipped",
            finish_reason=finish_reason,
            usage=self._generation.usage,
            timing=self._generation.timing,
        )

    def _fail(self, error: NGSDError) -> None:
        self._record(status="failed", evaluation="error", **_describe(error))

    def _record(self, **outcome: Any) -> None:
        tally = self._tally
        self._is_recorded = True
        self._runtime.record(
            self.id,
            self._request,
            tally.text,
            reflection=tally.reflection,
            initial_potential=tally.initial_potential,
            peak_potential=tally.peak_potential,
            num_tokens_released=len(tally.token_ids),
            spike_indices=tuple(tally.spike_indices),
            override_indices=tuple(tally.override_indices),
            **outcome,
        )

    def _timing(self) -> Timing:
        start, tally, now = self._request.started_s, self._tally, time.perf_counter()
        reflected = tally.reflected_s or now
        first_token = tally.first_token_s or now
        return Timing(
            reflection_s=reflected - start,
            prefill_s=first_token - reflected,
            time_to_first_token_s=first_token - start,
            total_s=now - start,
        )


def as_ngsd_error(error: Exception) -> NGSDError:
    """Return the error, or this package's own in place of one that a model or tokenizer raised."""
    if isinstance(error, NGSDError):
        return error
    return DecodingError(
        f"{type(error).__name__} while decoding; the request was stopped. See its cause"
    )


def _describe(error: Exception) -> dict[str, str]:
    return {"error_type": type(error).__name__, "error_message": str(error)}
