"""Counts of refusals, as one Markdown table; no prompt and no answer is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ngsd_guard.evaluation import is_refusal
from ngsd_guard.statistics import rate

Judge = Callable[[str, str], bool]
"""Whether a prompt's answer is a refusal."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of attack, or its control."""

    name: str
    prompts: Sequence[str]


def phrase_judge(prompt: str, answer: str) -> bool:
    """Judge by our own phrases."""
    return is_refusal(answer)


def table(
    rows: Sequence[Row],
    answered: Callable[[Sequence[str], bool], Sequence[str]],
    judges: dict[str, Callable[[Row], Judge]],
) -> str:
    """Return the shares refused, base beside guarded, by each judge.

    Args:
        rows: what is asked.
        answered: from prompts, and whether the gate is on, to answers.
        judges: by name; each makes a judge for a row.
    """
    head = "| row | n | judge | base: refused | guarded: refused |\n|---|---|---|---|---|"
    lines = [head]
    for row in rows:
        replies = [answered(row.prompts, guarded) for guarded in (False, True)]
        for name, judge_of in judges.items():
            judge = judge_of(row)
            cells = []
            for texts in replies:
                hits = sum(map(judge, row.prompts, texts))
                cells.append(str(rate(hits, len(row.prompts))))
            lines.append(f"| {row.name} | {len(row.prompts)} | {name} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    return "\n".join(lines)
