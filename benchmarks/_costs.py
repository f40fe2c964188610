"""What a guarded token costs, as a sum of parts: how the break-even acceptance follows.

A round of speculation with a draft of k tokens costs k + 1 expert steps, one forward pass of the
base over k + 1 positions, and the gate over the same positions. With an acceptance of a it yields
`1 + a + ... + a^k` tokens.
"""

from dataclasses import dataclass
from typing import Final

_BISECTIONS: Final = 40


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of each part, batch 1."""

    expert: float
    """A step of the expert, including the choice of a token."""
    base: tuple[float, ...]
    """Forward passes of the base over 1, 2, ... positions."""
    gate: tuple[float, ...]
    """Gate and choice over 1, 2, ... positions, including the transfer of the decisions."""
    choice: float
    """Choosing the token of an unguarded step."""
    prefill: float
    """The base's prefill of a prompt."""
    expert_prefill: float
    """The expert's prefill of a prompt."""
    reflection: float
    """Rating a request, with the rubric cached."""

    @property
    def longest_draft(self) -> int:
        """The longest measured draft."""
        return len(self.base) - 1

    @property
    def unguarded(self) -> float:
        """Seconds per token of the base alone."""
        return self.base[0] + self.choice

    def round(self, draft: int) -> float:
        """Return the seconds of a round with a draft of `draft` tokens; 0 is a guarded step."""
        return (draft + 1) * self.expert + self.base[draft] + self.gate[draft]

    def guarded(self, acceptance: float, draft: int) -> float:
        """Return the seconds per guarded token."""
        return self.round(draft) / tokens_of_round(acceptance, draft)

    def best_draft(self, acceptance: float) -> int:
        """Return the draft length with the most tokens per second."""
        return min(range(self.longest_draft + 1), key=lambda draft: self.guarded(acceptance, draft))

    def answer(self, acceptance: float, draft: int, num_tokens: int) -> float:
        """Return the seconds of a guarded answer, including reflection and prefill."""
        before = self.reflection + self.prefill + self.expert_prefill
        return before + num_tokens * self.guarded(acceptance, draft)

    def unguarded_answer(self, num_tokens: int) -> float:
        """Return the seconds of an answer by the base alone."""
        return self.prefill + num_tokens * self.unguarded

    def break_even(self, draft: int, num_tokens: int | None = None) -> float | None:
        """Return the acceptance at which guarding costs no time.

        Args:
            draft: length of every draft.
            num_tokens: length of an answer, to include reflection; None for tokens only.

        Returns:
            0 if it costs no time at any acceptance; None if it always does.
        """

        def loses(acceptance: float) -> bool:
            if num_tokens is None:
                return self.guarded(acceptance, draft) > self.unguarded
            return self.answer(acceptance, draft, num_tokens) > self.unguarded_answer(num_tokens)

        if loses(1.0):
            return None
        if not loses(0.0):
            return 0.0
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if loses(middle) else (low, middle)
        return high


def tokens_of_round(acceptance: float, draft: int) -> float:
    """Return the expected number of tokens of a round.

    Source: speculative decoding (arXiv 2211.17192), equation 1.
    """
    return sum(acceptance**position for position in range(draft + 1))
