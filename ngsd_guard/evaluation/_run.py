"""The evaluation: plans rows, lets every contender answer, and computes the figures."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ngsd_guard.engine import Engine
from ngsd_guard.evaluation._ablations import SIGNALS, anchor_risks, make_ablation, match_ablations
from ngsd_guard.evaluation._adaptive import ADAPTIVE, adaptive_row
from ngsd_guard.evaluation._answering import Answering, batches
from ngsd_guard.evaluation._cases import Case, Row
from ngsd_guard.evaluation._contenders import (
    ABLATION_NAMES,
    Contender,
    ContenderName,
    make_contenders,
)
from ngsd_guard.evaluation._figures import Answers, RailFigures, RiskFigures, RowFigures
from ngsd_guard.evaluation._matching import Matched, matching_requests, record
from ngsd_guard.evaluation._model_judge import ModelJudge
from ngsd_guard.evaluation._openings import OwnOpenings
from ngsd_guard.evaluation._rails import Rail, RailReader, plan_rails
from ngsd_guard.evaluation._rows import OWN_OPENINGS, plan_rows
from ngsd_guard.evaluation._sources import Sources
from ngsd_guard.evaluation._store import Answer, Store
from ngsd_guard.evaluation._suites import Suite
from ngsd_guard.ranking import auroc

Progress = Callable[["Doing"], None]


@dataclass(frozen=True, slots=True)
class Doing:
    """Progress of an evaluation."""

    title: str
    """The row and the contender."""
    num_done: int
    num_total: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was measured."""

    rows: tuple[RowFigures, ...]
    risks: tuple[RiskFigures, ...]
    rails: tuple[RailFigures, ...]
    skipped: Mapping[str, str]
    """Why rows and rails were skipped, by name."""
    num_new: int
    """Answers and readings that were not in the store."""
    duration_s: float
    matched: Matched | None = None
    """Thresholds of ablations; None in a run without any."""


def evaluate(
    engine: Engine,
    sources: Sources,
    suite: Suite,
    store: Store,
    *,
    on_progress: Progress = lambda _: None,
    on_first_new: Callable[[Mapping[str, Any]], None] = lambda _: None,
    second_judge: ModelJudge | None = None,
) -> Figures:
    """Measure a pair beside its base and the baselines.

    Results in the store are reused, so an interrupted run can be resumed.

    Args:
        engine: the pair under test.
        sources: public prompts.
        suite: what to measure.
        store: holds the verdicts.
        on_progress: called after every batch.
        on_first_new: called with the identity of the pair before the first result that is not in
            the store.
        second_judge: also judges every answer; its disagreement is part of the figures.

    Raises:
        ConfigurationError: there is no row or contender of a name.
        NGSDError: the base failed while generating openings.
    """
    ablated = set(suite.contenders) & set(ABLATION_NAMES)
    wanted: list[ContenderName] = ["base", *suite.contenders]
    if ablated:
        wanted.append("ours")
    contenders = make_contenders(engine, wanted)
    openings = OwnOpenings(contenders["base"], store, sources.seed)
    answering = Answering(store, openings, second_judge)
    evaluation = _Evaluation(
        dict(contenders), sources, suite, store, openings, answering, on_progress, on_first_new
    )
    return evaluation.run()


class _Evaluation:
    """A run in progress."""

    def __init__(
        self,
        contenders: dict[str, Contender],
        sources: Sources,
        suite: Suite,
        store: Store,
        openings: OwnOpenings,
        answering: Answering,
        on_progress: Progress,
        on_first_new: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self._contenders, self._sources, self._suite = contenders, sources, suite
        self._on_progress, self._on_first_new = on_progress, on_first_new
        self._openings, self._answering, self._store = openings, answering, store
        self._reader: RailReader | None = None
        if suite.rails and "ours" in contenders:
            ours = contenders["ours"]
            self._reader = RailReader(ours.engine, ours.identity, store)
        self._num_done = self._num_total = self._num_new = 0

    def run(self) -> Figures:
        started_s = time.perf_counter()
        sizes = dict(self._suite.sizes)
        num_adaptive = sizes.pop(ADAPTIVE, 0)
        planned = plan_rows(self._sources, sizes)
        rails, no_rails = plan_rails(self._sources, self._suite.rails if self._reader else {})
        skipped = {**planned.skipped, **no_rails}
        matched = self._match(planned.rows)
        planned_rows = [*planned.rows, *self._search(num_adaptive, skipped)]
        self._num_total = sum(map(self._num_answers, planned_rows))
        self._num_total += sum(len(rail.texts) for rail in rails)
        rows, risks = [], []
        for row in planned_rows:
            kept, num_left_out = self._with_openings(row)
            if kept is None:
                skipped[row.name] = "the base has no compliant beginning of 40 tokens for any pair"
                continue
            self._answer(kept)
            answers = {n: self._answers_of(kept, c) for n, c in self._contenders.items()}
            rows.append(_row_figures(kept, answers, num_left_out))
            rated = {n: a for n, a in answers.items() if self._contenders[n].has_own_risk}
            risks += _risk_figures(kept, rated)
        found = [self._read(self._reader, rail) for rail in rails] if self._reader else []
        return Figures(
            rows=tuple(rows),
            risks=tuple(risks),
            rails=tuple(found),
            skipped=skipped,
            num_new=self._num_new,
            duration_s=time.perf_counter() - started_s,
            matched=matched,
        )

    def _search(self, size: int, skipped: dict[str, str]) -> list[Row]:
        """Return the row of attacks that were searched for against the pair under test."""
        if size == 0:
            return []
        ours = self._contenders.get("ours")
        if ours is None:
            skipped[ADAPTIVE] = "the search attacks the pair under test; add `ours`"
            return []
        self._tell("search for attacks on the pair")
        self._begin_new(0)
        found = adaptive_row(
            ours.engine,
            ours.identity,
            self._sources,
            size,
            self._suite.num_queries,
            self._store,
        )
        if isinstance(found, str):
            skipped[ADAPTIVE] = found
            return []
        return [found]

    def _match(self, rows: Sequence[Row]) -> Matched | None:
        """Add the ablations, at thresholds that touch as many harmless requests as ours does."""
        names = [name for name in ABLATION_NAMES if name in self._suite.contenders]
        if not names:
            return None
        self._tell("harmless requests that no row uses")
        ours = self._contenders["ours"]
        used = {case.id.split("|")[0] for row in rows for case in row.cases}
        requests = matching_requests(self._sources, used, self._suite.num_matching)
        self._begin_new(0)
        length = self._suite.max_new_tokens
        recorded = record(ours.engine, ours.identity, requests, SIGNALS, length, self._store)
        anchored = anchor_risks(ours, requests, self._store) if "anchor" in names else []
        matched = match_ablations(names, ours.engine.config.gate, recorded, anchored)
        for name in names:
            self._contenders[name] = make_ablation(name, ours, matched)
        return matched

    def _with_openings(self, row: Row) -> tuple[Row | None, int]:
        if not self._openings.has_found_all(row):
            self._tell(f"{row.title}: the base's own beginnings")
            self._begin_new(0)
        kept, num_left_out = self._openings.of_row(row)
        if num_left_out:
            self._num_total -= self._num_answers(row)
            self._num_total += 0 if kept is None else self._num_answers(kept)
        return kept, num_left_out

    def _answer(self, row: Row) -> None:
        """Let every contender answer, batch by batch, attacks before controls."""
        sides = [side for side in (row.harmful, row.harmless) if side]
        for batch in batches(self._contenders["base"], sides):
            for contender in self._contenders.values():
                chosen = self._chosen(contender, row)
                for side in sides:
                    cases = [side[index] for index in batch if index in chosen]
                    self._tell(f"{row.title}: {contender.title}")
                    self._ask(row, contender, cases)

    def _ask(self, row: Row, contender: Contender, cases: Sequence[Case]) -> None:
        length = self._suite.length_of(row.name)
        new = sum(self._answering.known(contender, case, length) is None for case in cases)
        if new:
            self._begin_new(new)
            self._answering.answer(contender, cases, length)
        self._num_done += len(cases)

    def _answers_of(self, row: Row, contender: Contender) -> "_Sides":
        chosen = sorted(self._chosen(contender, row))
        sides = []
        for side in (row.harmful, row.harmless):
            cases = [side[index] for index in chosen] if side else []
            base = self._contenders["base"]
            own, before = self._known(row, contender, cases), self._known(row, base, cases)
            is_base = contender.name == "base"
            sides.append(Answers(cases, own, None if is_base else before, contender.is_steered))
        return _Sides(*sides)

    def _known(self, row: Row, contender: Contender, cases: Sequence[Case]) -> list[Answer]:
        length = self._suite.length_of(row.name)
        found = [self._answering.known(contender, case, length) for case in cases]
        return [answer for answer in found if answer is not None]

    def _chosen(self, contender: Contender, row: Row) -> set[int]:
        """Return the indices of the pairs that a contender answers, evenly spaced."""
        size = self._suite.size_of(contender.name, row.name, len(row))
        return {index * len(row) // size for index in range(size)}

    def _num_answers(self, row: Row) -> int:
        num_sides = bool(row.harmful) + bool(row.harmless)
        return num_sides * sum(len(self._chosen(c, row)) for c in self._contenders.values())

    def _read(self, reader: RailReader, rail: Rail) -> RailFigures:
        self._tell(rail.title)
        num_unread = len(reader.unread(rail))
        if num_unread:
            self._begin_new(num_unread)

        def advance(num_read: int) -> None:
            self._num_done += num_read
            self._tell(rail.title)

        return reader.read(rail, advance)

    def _begin_new(self, number: int) -> None:
        if self._num_new == 0:
            tested = self._contenders.get("ours") or self._contenders["base"]
            self._on_first_new(tested.identity)
        self._num_new += number

    def _tell(self, title: str) -> None:
        self._on_progress(Doing(title, self._num_done, max(self._num_total, self._num_done)))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Answers of a contender to both sides of a row."""

    harmful: Answers
    harmless: Answers


def _row_figures(row: Row, answers: Mapping[str, _Sides], num_left_out: int) -> RowFigures:
    return RowFigures(
        name=row.name,
        title=row.title,
        no_control=row.no_control,
        harmful={n: a.harmful.figures() for n, a in answers.items() if a.harmful.cases},
        harmless={n: a.harmless.figures() for n, a in answers.items() if a.harmless.cases},
        num_left_out=num_left_out,
    )


def _risk_figures(row: Row, answers: Mapping[str, _Sides]) -> list[RiskFigures]:
    """Return how risk ranks a row; prefills are left out, as risk is read before them."""
    if not row.harmful or not row.harmless or row.name in OWN_OPENINGS:
        return []
    figures = []
    for name, sides in answers.items():
        risks = [
            [answer.risk for answer in side.answers if answer.risk is not None]
            for side in (sides.harmful, sides.harmless)
        ]
        if all(risks):
            figures.append(RiskFigures(row.name, row.title, name, auroc(*risks)))
    return figures
