"""Whether contenders that must agree emit the same tokens, and the gap where they do not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from _contenders import ASSISTED, GENERATE, GUARDED, NO_CACHE, STEPWISE, UNGUARDED
from _prompts import Prompt
from _report import Section, make_table
from _timing import Run

_PAIRS = (
    (UNGUARDED, GENERATE),
    (ASSISTED, GENERATE),
    (STEPWISE, GUARDED),
    (NO_CACHE, GUARDED),
)


@dataclass(slots=True)
class _Tally:
    compared: int = 0
    same: int = 0
    widest_gap: float = 0.0
    """Largest difference of the base's log-probabilities between two tokens that differ."""


@dataclass(slots=True)
class Agreement:
    """Compares the answers of all cells and rounds."""

    plain_base: Any
    tallies: dict[tuple[str, str], _Tally] = field(default_factory=dict)

    def compare(self, prompts: Sequence[Prompt], runs: Mapping[str, Run]) -> None:
        """Add the contenders' answers to the same prompts."""
        for pair in _PAIRS:
            if not set(pair) <= runs.keys():
                continue
            tally = self.tallies.setdefault(pair, _Tally())
            answers = (runs[name].answers for name in pair)
            for prompt, first, second in zip(prompts, *answers, strict=True):
                tally.compared += 1
                if first == second:
                    tally.same += 1
                else:
                    tally.widest_gap = max(tally.widest_gap, self._gap(prompt, first, second))

    def section(self) -> Section:
        """Return the table."""
        table = make_table(
            "Same tokens (all are greedy; where two answers diverge, the base's log-probabilities "
            "of the two tokens are compared: noise is below 1e-4)",
            ["contender", "compared with"],
            ["answers", "identical", "widest gap"],
        )
        for (first, second), tally in self.tallies.items():
            gap = "-" if tally.same == tally.compared else f"{tally.widest_gap:.1e}"
            table.add_row(first, second, str(tally.compared), str(tally.same), gap)
        data = [
            {"contender": first, "compared_with": second, "answers": tally.compared,
             "identical": tally.same, "widest_gap": tally.widest_gap}
            for (first, second), tally in self.tallies.items()
        ]  # fmt: skip
        return Section(tables=[table], data={"pairs": data})

    @torch.inference_mode()
    def _gap(self, prompt: Prompt, first: Sequence[int], second: Sequence[int]) -> float:
        start = next(
            (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), None
        )
        if start is None:  # one is a prefix of the other, which noise does not explain
            return torch.inf
        ids = torch.tensor([[*prompt.base_ids, *first[:start]]])
        log_probs = self.plain_base(ids, logits_to_keep=1).logits[0, -1].log_softmax(-1)
        return float((log_probs[first[start]] - log_probs[second[start]]).abs())
