"""The rows of vLLM's persistent batch, which it names by their place alone."""

import itertools
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from torch import Tensor

from ngsd_guard import ConfigurationError
from ngsd_guard.hosting import HostGate, HostRow
from vllm_ngsd._options import wants_guard
from vllm_ngsd._requests import ending_of, row_options


class _Arrival(NamedTuple):
    """A request that vLLM adds."""

    params: Any
    prompt_ids: Sequence[int] | None
    output_ids: list[int]


@dataclass(slots=True, eq=False)
class _Request:
    """One request in the batch."""

    key: int
    params: Any
    output_ids: list[int]
    """Live: vLLM appends to it."""


class _Lifetime:
    """Lives as long as a request's parameters, which vLLM drops with the request."""

    @classmethod
    def of(cls, params: Any) -> "weakref.ref[_Lifetime] | None":
        """Return that of some parameters; None where nothing can be attached to them."""
        lifetime = getattr(params, "ngsd_lifetime", None)
        if lifetime is None:
            lifetime = cls()
            try:
                params.ngsd_lifetime = lifetime
            except (AttributeError, TypeError):
                return None
        return weakref.ref(lifetime)


class PersistentBatch:
    """Follows vLLM's batch, and lets the gate follow it.

    Args:
        gate: guards the requests.
        allow_unguarded: whether a request may turn the guard off.
    """

    def __init__(self, gate: HostGate[int], *, allow_unguarded: bool = False) -> None:
        self._gate = gate
        self._allow_unguarded = allow_unguarded
        self._requests: dict[int, _Request | None] = {}  # by place; None where the guard is off
        self._absent: list[tuple[weakref.ref[_Lifetime], str]] = []
        self._new_key: Callable[[], int] = itertools.count().__next__

    @property
    def gate(self) -> HostGate[int]:
        """What guards the requests."""
        return self._gate

    @property
    def num_rows(self) -> int:
        """The number of requests in the batch."""
        return len(self._requests)

    @property
    def num_parked(self) -> int:
        """The number of requests that are out of the batch and may come back."""
        self._release()
        return self._gate.num_parked

    def update(self, batch_update: Any) -> None:
        """Take in what was removed, added and moved; in this order, as vLLM means it.

        A place that is filled again is not always named as removed. All that have gone leave
        before any is added, since a request may do both in one step.
        """
        places: dict[int, _Request | _Arrival | None] = dict(self._requests)
        for index in batch_update.removed:
            places.pop(index, None)
        for index, *arrival in batch_update.added:
            places[index] = _Arrival(*arrival)
        for start, end, direction in batch_update.moved:
            _move(places, start, end, is_swap=direction.name == "SWAP")
        staying = {id(request) for request in places.values()}
        for request in self._requests.values():
            if request is not None and id(request) not in staying:
                self._leave(request)
        self._requests = {
            index: self._enter(request) if isinstance(request, _Arrival) else request
            for index, request in places.items()
        }
        del places
        self._release()

    def apply(self, logits: Tensor) -> Tensor:
        """Return what vLLM is to choose from; [rows, vocab].

        Raises:
            ConfigurationError: a row is not known, so that it cannot be guarded.
        """
        unknown = [row for row in range(len(logits)) if row not in self._requests]
        if unknown:
            raise ConfigurationError(
                f"vLLM sent logits for the rows {unknown[:8]}, which were never added; the guard "
                "needs vLLM's V1 interface without speculative decoding"
            )
        guarded = [
            (row, request)
            for row in range(len(logits))
            if (request := self._requests[row]) is not None
        ]
        if not guarded:
            return logits
        rows = [HostRow(request.key, request.output_ids) for _, request in guarded]
        if len(guarded) == len(logits):
            return self._gate.apply(rows, logits)
        places = [row for row, _ in guarded]
        logits[places] = self._gate.apply(rows, logits[places])
        return logits

    def close(self) -> None:
        """Finish and record everything."""
        for request in self._requests.values():
            if request is not None:
                self._leave(request)
        self._requests.clear()
        self._gate.close()

    def _enter(self, arrival: _Arrival) -> _Request | None:
        params, prompt_ids, output_ids = arrival
        extra_args = getattr(params, "extra_args", None)
        if self._allow_unguarded and not wants_guard(extra_args):
            return None
        request = _Request(self._new_key(), params, output_ids)
        self._gate.add(request.key, prompt_ids or (), output_ids, row_options(params))
        return request

    def _leave(self, request: _Request) -> None:
        ending = ending_of(request.params, request.output_ids, self._gate.pair.base.eos_token_ids)
        if ending is None:  # preempted, not scheduled in this step, or given up
            lifetime = _Lifetime.of(request.params)
            answer_id = self._gate.park(request.key, request.output_ids)
            request.params = None
            if lifetime is not None:
                self._absent.append((lifetime, answer_id))
        else:
            reason, answer = ending
            self._gate.finish(request.key, reason, output_ids=answer)

    def _release(self) -> None:
        """Record the requests that vLLM has dropped: aborted, or ended by a string."""
        still = []
        for lifetime, answer_id in self._absent:
            if lifetime() is None:
                self._gate.cancel_parked(answer_id)
            else:
                still.append((lifetime, answer_id))
        self._absent = still


def _move(places: dict[int, Any], start: int, end: int, *, is_swap: bool) -> None:
    first = {end: places.pop(start)} if start in places else {}
    second = {start: places.pop(end)} if is_swap and end in places else {}
    places.pop(end, None)
    places |= first | second
