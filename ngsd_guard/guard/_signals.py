"""Risk and category scores of a text, as the worst of its views."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from ngsd_guard.guard._allow import AllowList, cut_out
from ngsd_guard.guard._findings import INJECTION, Findings, finite, reaches
from ngsd_guard.guard._policy import Category, Policy
from ngsd_guard.guard._subject import Subject
from ngsd_guard.guard._verdict import CategoryScore, Span, SpanKind, Stage
from ngsd_guard.guard._views import View
from ngsd_guard.guard._windows import window_risk
from ngsd_guard.messages import validate_messages
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Judging, side_by_side
from ngsd_guard.risk import CategoryScorer
from ngsd_guard.types import Message, RiskScores

_MAX_TOGETHER: Final = 32
"""Views that are read together, which bounds the memory of a long text."""


class Signals:
    """Reads risk and categories of texts with a pair.

    Args:
        pair: base and expert.
        policy: categories, thresholds and exemptions.
    """

    def __init__(self, pair: Pair, policy: Policy) -> None:
        self._pair = pair
        self._policy = policy
        self._scorer = CategoryScorer(pair.base)
        self._allow = {c.name: AllowList(c.name, c.allow) for c in policy.categories}

    @property
    def asks_the_base(self) -> bool:
        """Whether the base can judge texts; a reader that asks it nothing says that it cannot."""
        return self._pair.config.reflection.reader == "rubric"

    def categories_at(self, stage: Stage) -> list[Category]:
        """Return the categories that the base is asked about at a stage."""
        if not self.asks_the_base:
            return []
        return [c for c in self._policy.categories if stage in c.stages]

    def reading(self, found: Findings, check_time: Callable[[], None]) -> Judging[None]:
        """Rate all views of a text and score the categories that are always scored."""
        here = self.categories_at(found.subject.stage)
        always = [c for c in here if c.scored == "always"]
        results: list[tuple[View, RiskScores, list[CategoryScore]]] = []
        views = found.views.all
        for start in range(0, len(views), _MAX_TOGETHER):
            check_time()
            chunk = views[start : start + _MAX_TOGETHER]
            jobs = [self._both(found, view, always) for view in chunk]
            outcomes = yield from side_by_side(jobs)
            results += [(view, *outcome) for view, outcome in zip(chunk, outcomes, strict=True)]
        self._take_worst(found, results)

    def rating(self, conversation: Sequence[Message]) -> Judging[RiskScores]:
        """Rate a conversation."""
        ratings = yield from self._pair.risk_reader.judging(validate_messages(conversation))
        finite(ratings.risk)
        return ratings

    def scoring(
        self, found: Findings, subjects: Sequence[Subject], categories: Sequence[Category]
    ) -> Judging[list[CategoryScore]]:
        """Score some views of a text for categories; the highest score of each counts."""
        jobs = [self._scoring(found, subject, categories) for subject in subjects]
        return worst_scores((yield from side_by_side(jobs)))

    def score(self, text: str, categories: Sequence[Category]) -> Judging[list[float]]:
        """Return how far a text matches each category, 0 to 10."""
        descriptions = [category.description for category in categories]
        scores = yield from self._scorer.judging(text, descriptions)
        return [finite(score) for score in scores]

    def _both(
        self, found: Findings, view: View, always: Sequence[Category]
    ) -> Judging[tuple[RiskScores, list[CategoryScore]]]:
        jobs: list[Judging[Any]] = [
            self.rating(view.subject.conversation),
            self._scoring(found, view.subject, always),
        ]
        rating, scores = yield from side_by_side(jobs)
        if not view.is_window:
            return rating, scores
        num_windows = found.views.num_windows
        rating = replace(rating, risk=window_risk(rating.risk, num_windows))
        return rating, [_as_window(score, num_windows) for score in scores]

    def _take_worst(
        self, found: Findings, results: Sequence[tuple[View, RiskScores, list[CategoryScore]]]
    ) -> None:
        worst, found.ratings, _ = max(results, key=lambda result: result[1].risk)
        found.riskiest = worst.subject
        found.categories += worst_scores([scores for _, _, scores in results])
        threshold = self._policy.stages.of(found.subject.stage).risk_threshold
        spans = list[Span]()
        for view, rating, scores in results:
            names = [score.name for score in scores if score.flagged and not score.shadow]
            if view.bounds is not None and (names or reaches(rating.risk, threshold)):
                kind: SpanKind = "injection" if INJECTION in names else "harm"
                spans.append(Span(*view.bounds, kind))
        found.window_spans = tuple(spans)

    def _scoring(
        self, found: Findings, subject: Subject, categories: Sequence[Category]
    ) -> Judging[list[CategoryScore]]:
        text = subject.rated_text if subject.stage == "input" else subject.text
        scores: dict[str, float] = {}
        plain: list[Category] = []
        for category in categories:
            matches = self._allow[category.name].matches(text)
            if not matches:
                plain.append(category)
                continue
            if subject is found.subject:
                found.exemptions += matches
            rest, _ = cut_out(text, matches)
            alone = (yield from self.score(rest, [category])) if rest.strip() else [0.0]
            scores[category.name] = alone[0]
        together = yield from self.score(text, plain)
        scores |= dict(zip([c.name for c in plain], together, strict=True))
        return [
            CategoryScore(
                category.name,
                scores[category.name],
                category.threshold,
                reaches(scores[category.name], category.threshold),
                category.shadow,
            )
            for category in categories
        ]


def worst_scores(scores: Sequence[Sequence[CategoryScore]]) -> list[CategoryScore]:
    """Return the highest score of each category, given the scores of several views."""
    return [max(column, key=lambda score: score.score) for column in zip(*scores, strict=True)]


def _as_window(score: CategoryScore, num_windows: int) -> CategoryScore:
    value = window_risk(score.score, num_windows)
    return replace(score, score=value, flagged=reaches(value, score.threshold))
