"""Answers that a host has taken out of its batch and may bring back."""

from collections import OrderedDict
from collections.abc import Sequence

from ngsd_guard.hosting._sequence import HostedSequence


class Parking:
    """Answers whose end is not known: swapped out, preempted, or given up.

    A host that names no request brings an answer back as its prompt and its list of tokens. The
    list itself tells whose it is; where the host has copied it, equal tokens do, since the gate's
    state depends on nothing else.

    Args:
        capacity: answers kept; the oldest leave first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._parked: OrderedDict[str, HostedSequence] = OrderedDict()
        self._output_ids: dict[str, Sequence[int]] = {}  # the host's lists, by the sequence's id
        self._by_prompt: dict[tuple[int, ...], list[HostedSequence]] = {}

    def __len__(self) -> int:
        return len(self._parked)

    def park(self, sequence: HostedSequence, output_ids: Sequence[int]) -> list[HostedSequence]:
        """Keep an answer with the host's list of its tokens; return those that had to leave."""
        self._parked[sequence.id] = sequence
        self._output_ids[sequence.id] = output_ids
        self._by_prompt.setdefault(sequence.prompt_ids, []).append(sequence)
        left = []
        while len(self._parked) > self._capacity:
            left.append(self._take(next(iter(self._parked.values()))))
        return left

    def find(self, prompt_ids: tuple[int, ...], output_ids: Sequence[int]) -> HostedSequence | None:
        """Take out an answer that has this prompt and these tokens, or all but the last of them.

        A token below zero is one that the host has yet to fill in.
        """
        candidates = self._by_prompt.get(prompt_ids, [])
        own = [each for each in candidates if self._output_ids[each.id] is output_ids]
        if not own and len(output_ids) > 0:
            own = [each for each in candidates if _goes_on(each, output_ids)]
        return self._take(own[0]) if own else None

    def take(self, sequence_id: str) -> HostedSequence | None:
        """Take out an answer by its id; None where it is not kept any more."""
        sequence = self._parked.get(sequence_id)
        return None if sequence is None else self._take(sequence)

    def empty(self) -> list[HostedSequence]:
        """Take out all answers."""
        left, self._by_prompt = list(self._parked.values()), {}
        self._parked.clear()
        self._output_ids.clear()
        return left

    def _take(self, sequence: HostedSequence) -> HostedSequence:
        del self._parked[sequence.id], self._output_ids[sequence.id]
        others = self._by_prompt[sequence.prompt_ids]
        others.remove(sequence)
        if not others:
            del self._by_prompt[sequence.prompt_ids]
        return sequence


def _goes_on(sequence: HostedSequence, output_ids: Sequence[int]) -> bool:
    known = sequence.token_ids
    num_new = len(output_ids) - len(known)
    if num_new not in ((0, 1) if sequence.decision is not None else (0,)):
        return False
    return all(new == old or new < 0 for old, new in zip(known, output_ids, strict=False))
