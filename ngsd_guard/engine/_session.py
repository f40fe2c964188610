"""One request from start to end: what it has come to so far, and its audit record."""

import time
from dataclasses import dataclass, field
from typing import Any

from ngsd_guard.decoding import Ended, Rated, Request
from ngsd_guard.engine._recording import RequestRecorder, described
from ngsd_guard.errors import NGSDError
from ngsd_guard.types import (
    DecodeStep,
    Generation,
    RiskScores,
    Speculation,
    Timing,
    Usage,
)


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
    rating: RiskScores | None = None
    rated_s: float = 0.0
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

    def __init__(self, recorder: RequestRecorder, request_id: str, request: Request) -> None:
        self.id = request_id
        self.request = request
        self.generation: Generation | None = None
        self.is_recorded = False
        self._recorder = recorder
        self._tally = _Tally()

    @property
    def rating(self) -> RiskScores | None:
        """How the request was rated; None before that, and where the gate is off."""
        return self._tally.rating

    @property
    def initial_potential(self) -> float | None:
        """Potential the gate started at; None before the rating, and where the gate is off."""
        return self._tally.initial_potential

    def rate(self, rated: Rated) -> None:
        """Take in how the request was rated."""
        self._tally.rating = rated.rating
        self._tally.initial_potential = rated.initial_potential
        self._tally.rated_s = time.perf_counter()

    def add(self, step: DecodeStep) -> None:
        """Take in an emitted token."""
        tally = self._tally
        tally.first_token_s = tally.first_token_s or time.perf_counter()
        tally.add(step, keep=self.request.trace)

    def complete(self, ended: Ended) -> None:
        """Finish and record the answer."""
        tally, request, finish_reason = self._tally, self.request, ended.finish_reason
        rating = tally.rating
        self.generation = Generation(
            id=self.id,
            text=tally.text,
            token_ids=tuple(tally.token_ids),
            finish_reason=finish_reason,
            guarded=request.guarded,
            seed=request.sampling.seed,
            risk=rating.risk if rating else None,
            alpha=rating.alpha if rating else None,
            reflection=rating,
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
        self._record(status="failed", evaluation="error", **described(error))

    def _record(self, **outcome: Any) -> None:
        tally = self._tally
        self.is_recorded = True
        self._recorder.record(
            self.id,
            self.request,
            tally.text,
            reflection=tally.rating,
            initial_potential=tally.initial_potential,
            peak_potential=tally.peak_potential,
            num_tokens_released=len(tally.token_ids),
            spike_indices=tuple(tally.spike_indices),
            override_indices=tuple(tally.override_indices),
            **outcome,
        )
        self._recorder.record_trace(
            self.id,
            tally.currents,
            tally.potentials,
            tuple(tally.spike_indices),
            tuple(tally.override_indices),
        )

    def _timing(self) -> Timing:
        start, tally, now = self.request.started_s, self._tally, time.perf_counter()
        rated = tally.rated_s or now
        first_token = tally.first_token_s or now
        return Timing(
            reflection_s=rated - start,
            prefill_s=first_token - rated,
            time_to_first_token_s=first_token - start,
            total_s=now - start,
        )
