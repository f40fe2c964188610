"""How far the expert runs ahead of the base."""

from typing import Final, Literal

from ngsd_guard.protocols import LanguageModel

_LAUNCH_SHARE: Final = 0.45
"""What a step of the smallest expert costs, of the base's: models this small launch operations."""
_FEW_POSITIONS: Final = 9
_FEW_COST: Final = 0.05
_MANY_COST: Final = 0.08
"""What a further position adds to a step, of the step: while it is bound by reading the weights,
and beyond."""
_MEMORY: Final = 24.0
"""Tokens back to which the acceptance is a mean, and that the first guess counts for at first."""
_FIRST_ACCEPTANCE: Final = 0.8
_FIRST_HELD: Final = 0.95  # the gate overrides few of the base's own tokens


DraftSource = Literal["base", "expert", "lookup"]


class DraftPolicy:
    """Chooses the draft that yields most tokens for the time it takes.

    With an acceptance of `a`, a draft of k yields `1 + a + ... + a^k` tokens, for one base step
    over k + 1 positions a row and k + 1 expert steps; or, where the draft was looked up, one expert
    step over as many positions. The expert's acceptance is learnt at every token, drafted or not,
    since it has an opinion on each.

    An expert that costs as much as the base saves nothing by drafting. There the base itself may
    run ahead, and the expert reads all its tokens in one step; they hold until the gate overrides
    one.

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
        self._base_drafts = share >= 1.0
        self._acceptance: dict[DraftSource, float] = {
            "base": _FIRST_HELD,
            "expert": _FIRST_ACCEPTANCE,
            "lookup": _FIRST_ACCEPTANCE,
        }

    def choose(self, num_rows: int, num_found: int = 0) -> tuple[DraftSource, int]:
        """Return where to draft from for `num_rows` rows, and how much; 0 where it does not pay.

        Args:
            num_rows: that draft together.
            num_found: tokens that could be looked up, of the row that found most.
        """
        expert_length, expert_rate = self._best("expert", num_rows, self._longest)
        found_length, found_rate = self._best("lookup", num_rows, min(num_found, self._longest))
        base_length, base_rate = 0, 0.0
        if self._base_drafts:
            base_length, base_rate = self._best("base", num_rows, self._longest)
        if found_length > 0 and found_rate >= max(expert_rate, base_rate):
            return "lookup", found_length
        if base_length > 0 and base_rate > expert_rate:
            return "base", base_length
        return "expert", expert_length

    def learn(self, source: DraftSource, num_tokens: int, num_agreed: int) -> None:
        """Take in tokens that were compared with a draft, and how many of them it held."""
        for number in range(num_tokens):
            error = (number < num_agreed) - self._acceptance[source]
            self._acceptance[source] += error / _MEMORY

    def _best(self, source: DraftSource, num_rows: int, longest: int) -> tuple[int, float]:
        best, best_rate, tokens = 0, 0.0, 0.0
        for length in range(longest + 1):
            tokens += self._acceptance[source] ** length
            verifying = _step_cost(num_rows * (length + 1))
            if source == "lookup":
                time = verifying * (1 + self._expert_cost)
            elif source == "base":
                time = verifying * self._expert_cost + (length + 1) * _step_cost(num_rows)
            else:
                time = verifying + (length + 1) * self._expert_cost * _step_cost(num_rows)
            if tokens / time > best_rate:
                best, best_rate = length, tokens / time
        return best, best_rate


def _step_cost(num_positions: int) -> float:
    """Return what a model's step over some positions costs, of a step over one."""
    few = min(num_positions, _FEW_POSITIONS) - 1
    return 1.0 + _FEW_COST * few + _MANY_COST * max(num_positions - _FEW_POSITIONS, 0)
