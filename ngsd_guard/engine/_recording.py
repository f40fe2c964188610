"""Requests as audit records."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ngsd_guard.audit import AuditLog, RequestRecord, TraceRecord
from ngsd_guard.decoding import Request
from ngsd_guard.pairs import Pair
from ngsd_guard.risk import request_text

_TRACE_PLACES: Final = 4


class RequestRecorder:
    """Writes one record a request; the same pair is named in all.

    Args:
        pair: what answers.
        audit: where to write; None writes nothing.

    Raises:
        AuditError: the pair could not be declared.
    """

    def __init__(self, pair: Pair, audit: AuditLog | None) -> None:
        self._pair = pair
        self._audit = audit
        if audit is not None:
            audit.declare_pair(pair.identity)

    def record_failure(
        self, request_id: str, messages: Sequence[Mapping[str, Any]], error: Exception
    ) -> None:
        """Write the record of a request that failed before any work."""
        is_conversation = isinstance(messages, Sequence) and not isinstance(messages, str)
        self.write(
            request_id,
            num_messages=len(messages) if is_conversation else 0,
            status="failed",
            evaluation="error",
            **described(error),
        )

    def record(self, request_id: str, request: Request, output: str, **outcome: Any) -> None:
        """Write the record of a request that was worked on."""
        self.write(
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
        if self._audit is None or not self._audit.wants_trace(request_id):
            return
        self._audit.write(
            TraceRecord(
                event_id=request_id,
                v_threshold=self._pair.config.gate.v_threshold,
                currents=tuple(round(value, _TRACE_PLACES) for value in currents),
                potentials=tuple(round(value, _TRACE_PLACES) for value in potentials),
                spike_indices=spike_indices,
                override_indices=override_indices,
            )
        )

    def write(self, request_id: str, *, prompt: str = "", output: str = "", **fields: Any) -> None:
        """Write a record of members that are known; see `RequestRecord`."""
        if self._audit is None:
            return
        record = RequestRecord(
            **self._pair.identity,
            event_id=request_id,
            v_threshold=self._pair.config.gate.v_threshold,
            **fields,
        )
        self._audit.write(record, prompt=prompt, output=output)


def described(error: Exception) -> dict[str, str]:
    """Return what a record says of an error."""
    return {"error_type": type(error).__name__, "error_message": str(error)}
