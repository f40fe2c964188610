"""How far the expert runs ahead of the base."""

from typing import Final

from ngsd_guard.protocols import LanguageModel

_LAUNCH_SHARE: Final = 0.2
"""What a step of the smallest expert costs, of the base's: models this small launch operations."""
_POSITION_COST: Final = 0.1
"""What one more position adds to a base step, of the step."""
_FORGETTING: Final = 0.8
_FIRST_ACCEPTANCE: Final = 0.8


class DraftLength:
    """Chooses the draft length that yields most tokens for the time it takes.

    With an acceptance of `a`, a draft of k yields `1 + a + ... + a^k` tokens, for k + 1 expert
    steps and one base step over k + 1 positions a row. Acceptance is a running mean over rounds.

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
        self._accepted = _FIRST_ACCEPTANCE
        self._tried = 1.0

    def choose(self, num_rows: int) -> int:
        """Return how many tokens to draft for `num_rows` rows; 0 where it does not pay."""
        acceptance = self._accepted / self._tried
        best, best_rate, tokens = 0, 0.0, 0.0
        for length in range(self._longest + 1):
            tokens += acceptance**length
            positions = num_rows * (length + 1)
            time = (length + 1) * self._expert_cost + 1 + _POSITION_COST * (positions - num_rows)
            if tokens / time > best_rate:
                best, best_rate = length, tokens / time
        return best

    def learn(self, num_tried: int, num_accepted: int) -> None:
        """Take in a round: drafted tokens that were compared, and those that held."""
        self._tried = _FORGETTING * self._tried + num_tried
        self._accepted = _FORGETTING * self._accepted + num_accepted
