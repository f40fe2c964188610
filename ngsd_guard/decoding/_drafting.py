"""How far the expert runs ahead of the base."""

from typing import Final

from ngsd_guard.protocols import LanguageModel

_LAUNCH_SHARE: Final = 0.2
"""What a step of the smallest expert costs, of the base's: models this small launch operations."""
_SEVERAL_COST: Final = 0.25
_POSITION_COST: Final = 0.08
"""What a step over several positions costs more than over one, and every further position."""
_MEMORY: Final = 24.0
"""Tokens back to which the acceptance is a mean, and that the first guess counts for at first."""
_FIRST_ACCEPTANCE: Final = 0.8


class DraftLength:
    """Chooses the draft length that yields most tokens for the time it takes.

    With an acceptance of `a`, a draft of k yields `1 + a + ... + a^k` tokens, for k + 1 expert
    steps and one base step over k + 1 positions a row. The acceptance is learnt at every token,
    drafted or not, since the expert has an opinion on each.

    Source: the expected yield is that of speculative decoding (arXiv 2211.17192), equation 1.

    Args:
        base: the model that verifies.
        expert: the model that drafts.
        longest: of the drafts.
    """

    def __init__(self, base: LanguageModel, expert: LanguageModel, longest: int) -> None:
        share = expert.num_parameters / max(base.num_parameters, 1)
        self._expert_cost = _LAUNCH_SHARE + (1 - _LAUNCH_SHARE) * min(share, 1.0)
        self._longest = longest
        self._acceptance = _FIRST_ACCEPTANCE

    def choose(self, num_rows: int) -> int:
        """Return how many tokens to draft for `num_rows` rows; 0 where it does not pay."""
        best, best_rate, tokens = 0, 0.0, 0.0
        expert_step = self._expert_cost * _step_cost(num_rows)
        for length in range(self._longest + 1):
            tokens += self._acceptance**length
            time = (length + 1) * expert_step + _step_cost(num_rows * (length + 1))
            if tokens / time > best_rate:
                best, best_rate = length, tokens / time
        return best

    def learn(self, num_tokens: int, num_agreed: int) -> None:
        """Take in emitted tokens, and how many of them the expert chose too."""
        for number in range(num_tokens):
            self._acceptance += ((number < num_agreed) - self._acceptance) / _MEMORY


def _step_cost(num_positions: int) -> float:
    """Return what a model's step over some positions costs, of a step over one."""
    several = _SEVERAL_COST if num_positions > 1 else 0.0
    return 1.0 + several + _POSITION_COST * (num_positions - 1)
