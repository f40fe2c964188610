"""What a guard makes of a probe: risk, named families, and instructions in documents."""

from collections.abc import Callable, Sequence
from typing import Final

from ngsd_guard.canonical import canonical_form
from ngsd_guard.guard._allow import AllowList, cut_out
from ngsd_guard.guard._findings import INJECTION, Findings, reaches
from ngsd_guard.guard._injection import DocumentWindows
from ngsd_guard.guard._locate import DOCUMENTS, place
from ngsd_guard.guard._policy import Category, Policy
from ngsd_guard.guard._subject import Subject
from ngsd_guard.guard._text import merge_spans
from ngsd_guard.guard._verdict import CategoryScore, Span
from ngsd_guard.guard._windows import window_risk
from ngsd_guard.risk import ProbeReader
from ngsd_guard.types import Message

_MIDDLE: Final = 5.0
"""Score at which a facet is crossed; the threshold of a family that the policy does not know."""
_BATCH: Final = 16
"""Windows that are read between two looks at the clock."""


class Probe:
    """Judges texts with a pair's probe.

    Args:
        reader: the probe.
        policy: thresholds, stages and exemptions of the categories that it knows.
    """

    def __init__(self, reader: ProbeReader, policy: Policy) -> None:
        self._reader = reader
        self._policy = policy
        self._categories = {category.name: category for category in policy.categories}
        self._allow = {c.name: AllowList(c.name, c.allow) for c in policy.categories}

    def signals(self, found: Findings, *, explain: bool, check_time: Callable[[], None]) -> None:
        """Add risk, categories and places to what was found in a text.

        A document is read for instructions alone where the probe has a facet for them, and rated
        like a request where it has none.

        Args:
            found: in the text so far.
            explain: keep the scores of families that were not crossed, too.
            check_time: raises when the time is over.

        Raises:
            ContextOverflowError: the chat template alone leaves no room for a text.
            DecodingError: the hidden states are NaN or infinite.
        """
        stage = found.subject.stage
        if stage in DOCUMENTS and self._reader.reads_injection:
            self.read_document(found, check_time)
            return
        scores = self._worst(found, check_time)
        found.ratings = self._reader.rating(scores)
        for name in self._reader.named_facets:
            # A family names what is risky; it does not make a text risky.
            score = min(scores[name], found.ratings.risk)
            self._name(found, name, score, explain=explain)

    def _worst(self, found: Findings, check_time: Callable[[], None]) -> dict[str, float]:
        """Return the highest score of each facet in any view of a text."""
        views, num_windows = found.views.all, found.views.num_windows
        worst: dict[str, float] = {}
        highest, threshold = -1.0, self._policy.stages.of(found.subject.stage).risk_threshold
        spans = list[Span]()
        for start in range(0, len(views), _BATCH):
            check_time()
            chunk = views[start : start + _BATCH]
            columns = self._reader.facet_scores_of([_rated(view.subject) for view in chunk])
            for view, scores in zip(chunk, columns, strict=True):
                if view.is_window:
                    scores = {
                        name: window_risk(score, num_windows) for name, score in scores.items()
                    }
                risk = self._reader.rating(scores).risk
                if risk > highest:
                    highest, found.riskiest = risk, view.subject
                if view.bounds is not None and reaches(risk, threshold):
                    spans.append(Span(*view.bounds, "harm"))
                worst = {name: max(score, worst.get(name, 0.0)) for name, score in scores.items()}
        found.window_spans = tuple(spans)
        return worst

    def _name(self, found: Findings, name: str, score: float, *, explain: bool) -> None:
        """Add a family that is crossed to the categories, if the policy looks for it here."""
        subject, category = found.subject, self._categories.get(name)
        if category is None:
            crossed = reaches(score, _MIDDLE)
            if crossed or explain:  # the policy says nothing of it, so that it flags nothing
                found.categories.append(CategoryScore(name, score, _MIDDLE, crossed, True))
            return
        if subject.stage not in category.stages:
            return
        matches = self._allow[name].matches(subject.rated_text)
        if matches:
            rest, _ = cut_out(subject.rated_text, matches)
            alone: Message = {"role": "user", "content": rest}
            found.exemptions += matches
            score = self._reader.facet_scores([alone])[name] if rest.strip() else 0.0
        crossed = reaches(score, category.threshold)
        if crossed or explain:
            found.categories.append(
                CategoryScore(name, score, category.threshold, crossed, category.shadow)
            )

    def read_document(self, found: Findings, check_time: Callable[[], None]) -> None:
        """Score the windows of a document, and of its canonical form, for instructions.

        The worst is the document's score.

        In windows that are flagged, the sentences that are flagged alone are the spans; all of
        their sentences where none is.

        Raises as `signals` does.
        """
        category = self._categories.get(INJECTION)
        if category is None or found.subject.stage not in category.stages:
            return
        matches = self._allow[INJECTION].matches(found.subject.text)
        found.exemptions += matches
        text, places = cut_out(found.subject.text, matches)
        worst, spans = self._injections(text, category, check_time)
        form = canonical_form(text)
        if form is not None:
            highest, copies = self._injections(form.text, category, check_time)
            worst = max(worst, highest)
            spans += [Span(*form.original(each.start, each.end), each.kind) for each in copies]
        found.categories.append(
            CategoryScore(
                INJECTION,
                worst,
                category.threshold,
                reaches(worst, category.threshold),
                category.shadow,
            )
        )
        found.injection_spans = tuple(
            Span(*place(span.start, span.end, places), span.kind)
            for span in merge_spans(spans, text)
        )

    def _injections(
        self, text: str, category: Category, check_time: Callable[[], None]
    ) -> tuple[float, list[Span]]:
        """Return the highest score of a text's windows, and the sentences that are flagged."""
        document = DocumentWindows.of(text)
        scores = self._injection_scores(document.texts(text), check_time)
        suspects = document.within([reaches(score, category.threshold) for score in scores])
        alone = [text[slice(*document.sentences[index])] for index in suspects]
        of_each = zip(suspects, self._injection_scores(alone, check_time), strict=True)
        kept = [index for index, score in of_each if reaches(score, category.threshold)]
        return max(scores, default=0.0), list(document.spans(kept or suspects))

    def _injection_scores(
        self, texts: Sequence[str], check_time: Callable[[], None]
    ) -> list[float]:
        scores = list[float]()
        for start in range(0, len(texts), _BATCH):
            check_time()
            scores += self._reader.injection_scores(texts[start : start + _BATCH])
        return scores


def _rated(subject: Subject) -> Sequence[Message]:
    """Return a request as it is, and an answer or a call with what it answers, as one text."""
    if subject.stage == "input":
        return subject.conversation
    return [{"role": "user", "content": subject.rated_text}]
