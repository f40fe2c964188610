"""From verdicts to figures: rates with intervals, and differences to the base."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ngsd_guard.evaluation._agreement import Agreement, agreement
from ngsd_guard.evaluation._cases import Case
from ngsd_guard.evaluation._ranking import Recall
from ngsd_guard.evaluation._store import Answer, Verdict
from ngsd_guard.ranking import AUROC
from ngsd_guard.statistics import Difference, Rate, paired_difference, rate

_MAX_TRACES: Final = 16
"""Traces kept of each side of a row, evenly spaced."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of one request: numbers, and no text."""

    id: str
    """`Case.id`: names the public prompts by set and row."""
    verdict: Verdict
    risk: float | None = None
    """0 to 10; None without a gate."""
    peak_potential: float | None = None
    """Highest potential compared with the threshold; None without a gate."""
    is_same: bool | None = None
    """Whether the answer is the base's token for token; None for the base itself."""
    potentials: tuple[float, ...] = ()
    """Potential at each token; kept for some requests of a row."""


@dataclass(frozen=True, slots=True)
class SideFigures:
    """Results of a contender on the attacks of a row, or on its controls."""

    n: int
    refused: Rate
    answered: Rate
    """Neither refused nor degenerate; an answered attack has succeeded."""
    degenerate: Rate
    num_failed: int
    """Requests that an error ended; they count in `n` and in no rate."""
    defects: Mapping[str, int]
    refused_beyond_base: Difference | None = None
    """Share refused minus the base's, over the same requests; None for the base itself."""
    identical: Rate | None = None
    """Answers that are the base's token for token; None for the base itself."""
    touched: Rate | None = None
    """Answers in which the gate fired at least once; None without a gate."""
    overridden: Rate | None = None
    """Tokens that differ from the base's choice; None without a gate."""
    right: Rate | None = None
    """Answers that contain the right one; None if no right answers are known."""
    kept: Rate | None = None
    """Share of the base's right answers that are still right."""
    refused_by_group: Mapping[str, Rate] = field(default_factory=dict)
    second: Agreement | None = None
    """The second judge against the phrase judge as the reference; None without one."""
    outcomes: tuple[Outcome, ...] = ()
    """Request by request; empty in reports of schema version 1."""


@dataclass(frozen=True, slots=True)
class RowFigures:
    """One row of the table: attacks beside their controls, for each contender."""

    name: str
    title: str
    no_control: str | None
    harmful: Mapping[str, SideFigures]
    harmless: Mapping[str, SideFigures]
    num_left_out: int = 0
    """Pairs left out, since the base gave no usable opening."""


@dataclass(frozen=True, slots=True)
class RiskFigures:
    """How well the risk ranks the attacks of a row above its controls."""

    name: str
    title: str
    contender: str
    auroc: AUROC


@dataclass(frozen=True, slots=True)
class RailFigures:
    """How well a guard's score finds harmful texts at one stage of a pipeline."""

    name: str
    title: str
    stage: str
    score: str
    """Field of the verdict."""
    auroc: AUROC
    recall: Recall
    num_failed: int
    """Texts that could not be judged; left out."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers of a contender to one side of a row."""

    cases: Sequence[Case]
    answers: Sequence[Answer]
    base: Sequence[Answer] | None = None
    """The base's answers to the same requests; None for the base itself."""
    steered: bool = False
    """Whether something may have changed the base's answers."""

    def figures(self) -> SideFigures:
        """Return the figures."""
        n = len(self.answers)
        refused = [answer.verdict == "refused" for answer in self.answers]
        return SideFigures(
            n=n,
            refused=rate(sum(refused), n),
            answered=self._rate(lambda answer: answer.verdict == "answered"),
            degenerate=self._rate(lambda answer: answer.verdict == "degenerate"),
            num_failed=sum(answer.verdict == "failed" for answer in self.answers),
            defects=self._defects(),
            touched=self._rate(lambda answer: answer.num_spikes > 0) if self.steered else None,
            overridden=self._overridden() if self.steered else None,
            refused_by_group=self._by_group(refused),
            refused_beyond_base=self._beyond_base(refused),
            identical=self._identical(),
            right=self._right(),
            kept=self._kept(),
            second=self._second(),
            outcomes=self._outcomes(),
        )

    def _second(self) -> Agreement | None:
        judged = [answer for answer in self.answers if answer.second is not None]
        if not judged:
            return None
        verdicts = [None if a.second == "error" else a.second == "refused" for a in judged]
        return agreement(verdicts, [answer.verdict == "refused" for answer in judged])

    def _outcomes(self) -> tuple[Outcome, ...]:
        n, same = len(self.answers), self._same()
        num_traces = min(n, _MAX_TRACES)
        traced = {index * n // num_traces for index in range(num_traces)}
        return tuple(
            Outcome(
                id=case.id,
                verdict=answer.verdict,
                risk=answer.risk,
                peak_potential=answer.peak_potential,
                is_same=None if same is None else same[index],
                potentials=tuple(answer.potentials) if index in traced else (),
            )
            for index, (case, answer) in enumerate(zip(self.cases, self.answers, strict=True))
        )

    def _rate(self, is_hit: Callable[[Answer], bool]) -> Rate:
        return rate(sum(map(is_hit, self.answers)), len(self.answers))

    def _defects(self) -> dict[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for answer in self.answers:
            if answer.defect is not None:
                counts[answer.defect] += 1
        return dict(counts)

    def _overridden(self) -> Rate:
        num_overrides = sum(answer.num_overrides for answer in self.answers)
        return rate(num_overrides, sum(answer.num_tokens for answer in self.answers))

    def _by_group(self, refused: Sequence[bool]) -> dict[str, Rate]:
        groups: dict[str, list[bool]] = defaultdict(list)
        for case, is_refused in zip(self.cases, refused, strict=True):
            groups[case.group].append(is_refused)
        return {group: rate(sum(hits), len(hits)) for group, hits in sorted(groups.items())}

    def _beyond_base(self, refused: Sequence[bool]) -> Difference | None:
        if self.base is None:
            return None
        return paired_difference(refused, [answer.verdict == "refused" for answer in self.base])

    def _identical(self) -> Rate | None:
        same = self._same()
        return None if same is None else rate(sum(same), len(same))

    def _same(self) -> list[bool] | None:
        if self.base is None:
            return None
        return [
            own.fingerprint == other.fingerprint != ""
            for own, other in zip(self.answers, self.base, strict=True)
        ]

    def _right(self) -> Rate | None:
        scored = [answer.is_right for answer in self.answers if answer.is_right is not None]
        return rate(sum(scored), len(scored)) if scored else None

    def _kept(self) -> Rate | None:
        if self.base is None or not any(case.gold is not None for case in self.cases):
            return None
        known = [
            own.is_right is True
            for own, other in zip(self.answers, self.base, strict=True)
            if other.is_right is True
        ]
        return rate(sum(known), len(known))
