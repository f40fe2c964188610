"""The requests of Model Runner V2, which are known by the slots that hold their tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from torch import Tensor

from ngsd_guard import ConfigurationError
from ngsd_guard.hosting import HostGate, HostRow
from vllm_ngsd._options import wants_guard
from vllm_ngsd._requests import ending_of, row_options


@dataclass(slots=True, eq=False)
class _Occupant:
    """The request in a slot."""

    key: int
    params: Any
    prompt_length: int | None = None
    """None until its first logits have come."""


class SlotBatch:
    """Follows the slots of Model Runner V2, and lets the gate follow them.

    vLLM does not tell when a request leaves, so that it is recorded once its slot is used again,
    or at the end of the process.

    Args:
        gate: guards the requests.
        req_states: vLLM's tokens of each slot; read only.
        allow_unguarded: whether a request may turn the guard off.
    """

    def __init__(
        self, gate: HostGate[int], req_states: Any, *, allow_unguarded: bool = False
    ) -> None:
        self._gate = gate
        self._states = req_states
        self._allow_unguarded = allow_unguarded
        self._occupants: dict[int, _Occupant | None] = {}  # by slot; None where the guard is off
        self._new_key: Callable[[], int] = count().__next__

    def add(self, slot: int, params: Any) -> bool:
        """Take in the request that gets a slot, after the one that had it; False if unguarded."""
        self._leave(slot)
        if self._allow_unguarded and not wants_guard(getattr(params, "extra_args", None)):
            self._occupants[slot] = None
            return False
        self._occupants[slot] = _Occupant(self._new_key(), params)
        return True

    def apply(self, logits: Tensor, ctx: Any) -> Tensor:
        """Return what vLLM is to choose from; [rows, vocab].

        Args:
            logits: [rows, vocab].
            ctx: the layout of the batch; one row for each request.

        Raises:
            ConfigurationError: a slot is not known or has several rows, as with draft tokens.
        """
        slots = ctx.expanded_idx_mapping.tolist()
        unknown = [slot for slot in slots if slot not in self._occupants]
        if unknown or len(set(slots)) < len(slots) or len(slots) != len(logits):
            raise ConfigurationError(
                f"vLLM sent {len(logits)} rows of logits for the slots {slots[:8]}; the guard "
                "needs one row for each request that was added, without speculative decoding"
            )
        lengths = (ctx.pos + 1).tolist()
        rows: list[HostRow[int]] = []
        places = []
        for row, (slot, length) in enumerate(zip(slots, lengths, strict=True)):
            occupant = self._occupants[slot]
            if occupant is not None:
                rows.append(HostRow(occupant.key, self._read(slot, occupant, length)))
                places.append(row)
        if not rows:
            return logits
        if len(rows) == len(logits):
            return self._gate.apply(rows, logits)
        logits[places] = self._gate.apply(rows, logits[places])
        return logits

    def close(self) -> None:
        """Finish and record everything."""
        for slot in list(self._occupants):
            self._leave(slot)
        self._gate.close()

    def _read(self, slot: int, occupant: _Occupant, length: int) -> list[int]:
        """Return a request's answer so far; its first reading lets it in.

        A prompt that vLLM reads in pieces is whole in its slot from the start. What vLLM chooses
        before it has read all of it is thrown away.
        """
        num_prefilled = int(self._states.prefill_len.np[slot])
        token_ids = self._tokens(slot, max(length, num_prefilled))
        if occupant.prompt_length is None:
            occupant.prompt_length = int(self._states.prompt_len.np[slot])
            prompt, output = _split(token_ids, occupant.prompt_length)
            self._gate.add(occupant.key, prompt, output, row_options(occupant.params))
        return _split(token_ids, occupant.prompt_length)[1]

    def _tokens(self, slot: int, length: int) -> list[int]:
        tokens: torch.Tensor = self._states.all_token_ids.gpu[slot, :length]
        return [int(token_id) for token_id in tokens.tolist()]

    def _leave(self, slot: int) -> None:
        occupant = self._occupants.pop(slot, None)
        if occupant is None or occupant.prompt_length is None:
            return
        # The slot's new tokens are not written before `apply_staged_writes`.
        length = int(self._states.total_len.gpu[slot])
        output = _split(self._tokens(slot, length), occupant.prompt_length)[1]
        ending = ending_of(occupant.params, output, self._gate.pair.base.eos_token_ids)
        if ending is None:  # preempted or given up
            self._gate.park(occupant.key, output)
        else:
            self._gate.finish(occupant.key, ending[0], output_ids=ending[1])


def _split(token_ids: list[int], prompt_length: int) -> tuple[list[int], list[int]]:
    return token_ids[:prompt_length], token_ids[prompt_length:]
