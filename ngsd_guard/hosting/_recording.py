"""Hosted answers as audit records."""

import time
from typing import Any

from ngsd_guard.audit import AuditLog, audit_context
from ngsd_guard.engine import RequestRecorder
from ngsd_guard.hosting._sequence import HostedSequence
from ngsd_guard.pairs import Pair
from ngsd_guard.risk import request_text
from ngsd_guard.types import FinishReason, Timing, Usage


class HostRecorder:
    """Writes one record an answer, as the engine does.

    Args:
        pair: what guards.
        audit: where to write; None writes nothing.

    Raises:
        AuditError: the pair could not be declared.
    """

    def __init__(self, pair: Pair, audit: AuditLog | None) -> None:
        self._pair = pair
        self._audit = audit
        self._recorder = RequestRecorder(pair, audit)

    def record(self, sequence: HostedSequence, finish_reason: FinishReason | None) -> None:
        """Write an answer's record.

        Raises:
            AuditError: it could not be written, and the log blocks then.
        """
        if self._audit is None:
            return
        with audit_context(trace_id=sequence.options.trace_id):
            self._write(sequence, finish_reason)

    def _write(self, sequence: HostedSequence, finish_reason: FinishReason | None) -> None:
        spikes, overrides = tuple(sequence.spike_indices), tuple(sequence.override_indices)
        self._recorder.write(
            sequence.id,
            prompt=request_text(sequence.conversation.messages),
            output=self._pair.base.decode(sequence.token_ids),
            num_messages=len(sequence.conversation.messages),
            max_new_tokens=sequence.options.max_new_tokens,
            temperature=sequence.options.temperature,
            top_k=sequence.options.top_k,
            top_p=sequence.options.top_p,
            seed=sequence.options.seed,
            reflection=sequence.rating,
            initial_potential=sequence.initial_potential,
            peak_potential=sequence.peak_potential,
            num_tokens_released=len(sequence.currents),
            spike_indices=spikes,
            override_indices=overrides,
            **_outcome(sequence, finish_reason),
        )
        self._recorder.record_trace(
            sequence.id, sequence.currents, sequence.potentials, spikes, overrides
        )


def _outcome(sequence: HostedSequence, finish_reason: FinishReason | None) -> dict[str, Any]:
    if sequence.error is not None:
        return {
            "status": "failed",
            "evaluation": "error",
            "error_type": type(sequence.error).__name__,
            "error_message": str(sequence.error),
        }
    return {
        "status": "cancelled" if finish_reason == "cancelled" else "completed",
        "evaluation": "evaluated",
        "finish_reason": finish_reason,
        "usage": Usage(len(sequence.prompt_ids), len(sequence.currents)),
        "timing": _timing(sequence),
    }


def _timing(sequence: HostedSequence) -> Timing:
    now, start = time.perf_counter(), sequence.started_s
    rated = sequence.rated_s or now
    first_token = sequence.first_token_s or now
    return Timing(
        reflection_s=rated - start,
        prefill_s=max(first_token - rated, 0.0),
        time_to_first_token_s=first_token - start,
        total_s=now - start,
    )
