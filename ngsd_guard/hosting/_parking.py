"""Answers that a host has taken out of its batch and may bring back."""

from collections import OrderedDict
from collections.abc import Sequence

from ngsd_guard.hosting._sequence import HostedSequence


class Parking:
    """Answers whose end is not known: swapped out, preempted, or given up.

    Hosts that tell no identity bring an answer back as its prompt and its tokens. The gate's state
    depends on nothing else, so that these find it.

    Args:
        capacity: answers kept; the oldest leave first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._parked: OrderedDict[str, HostedSequence] = OrderedDict()
        self._num_tokens: dict[str, int] = {}  # of the host's, by the sequence's id
        self._by_prompt: dict[tuple[int, ...], list[HostedSequence]] = {}

    def __len__(self) -> int:
        return len(self._parked)

    def park(self, sequence: HostedSequence, num_tokens: int) -> list[HostedSequence]:
        """Keep an answer of so many tokens; return those that had to leave."""
        self._parked[sequence.id] = sequence
        self._num_tokens[sequence.id] = num_tokens
        self._by_prompt.setdefault(sequence.prompt_ids, []).append(sequence)
        left = []
        while len(self._parked) > self._capacity:
            left.append(self._take(next(iter(self._parked.values()))))
        return left

    def find(self, prompt_ids: tuple[int, ...], output_ids: Sequence[int]) -> HostedSequence | None:
        """Take out an answer that has this prompt and these tokens, or all but the last of them.

        A token below zero is one that the host has yet to fill in.
        """
        found = [s for s in self._by_prompt.get(prompt_ids, ()) if _goes_on(s, output_ids)]
        if not found:
            return None
        # Of answers with one beginning, the one that left at this length.
        return self._take(
            min(found, key=lambda each: abs(self._num_tokens[each.id] - len(output_ids)))
        )

    def empty(self) -> list[HostedSequence]:
        """Take out all answers."""
        left, self._by_prompt = list(self._parked.values()), {}
        self._parked.clear()
        self._num_tokens.clear()
        return left

    def _take(self, sequence: HostedSequence) -> HostedSequence:
        del self._parked[sequence.id], self._num_tokens[sequence.id]
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
