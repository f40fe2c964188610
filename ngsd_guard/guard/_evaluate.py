"""How a text is judged: quick signals first, categories where they make one look closer."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ngsd_guard.engine import Engine
from ngsd_guard.errors import ContextOverflowError
from ngsd_guard.guard._allow import AllowList, cut_out, cut_subject
from ngsd_guard.guard._findings import INJECTION, Findings, finite, reaches
from ngsd_guard.guard._locate import (
    DOCUMENTS,
    place,
    spans_of_document,
    spans_of_scan,
    trace_of,
)
from ngsd_guard.guard._policy import Category, Policy, StagePolicy
from ngsd_guard.guard._reader import PairReader, Scan
from ngsd_guard.guard._subject import Subject, read_subject
from ngsd_guard.guard._text import merge_spans
from ngsd_guard.guard._verdict import CategoryScore, CheckRequest, Span, SpanKind, Stage
from ngsd_guard.reflection import CategoryScorer
from ngsd_guard.types import Message

_MAX_CHARACTERS_PER_TOKEN: Final = 16
"""A text with more has more tokens than are judged; it need not be encoded to know that."""


class Evaluator:
    """Judges texts with a pair, by a policy.

    Args:
        engine: the pair.
        policy: what to look for.
    """

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine = engine
        self._policy = policy
        self._reader = PairReader(engine)
        self._scorer = CategoryScorer(engine.base)
        self._allow = AllowList("policy", policy.allow)
        self._allow_of = {c.name: AllowList(c.name, c.allow) for c in policy.categories}

    def potential_threshold(self, stage: Stage) -> float | None:
        """Return the potential that flags a text; None where the neuron is not asked."""
        threshold = self._policy.stages.of(stage).potential_threshold
        if stage not in ("input", "output"):
            return None
        return self._engine.config.gate.v_threshold if threshold == "gate" else threshold

    def evaluate(
        self, request: CheckRequest, *, explain: bool, check_time: Callable[[], None]
    ) -> Findings | None:
        """Judge a text; None where there is nothing to judge.

        Raises:
            InvalidRequestError: it cannot be judged as text.
            ContextOverflowError: it is longer than what is judged.
            DecodingError: a model failed.
        """
        given = read_subject(request)
        if not given.conversation:
            return None
        self._check_size(given)
        cut = cut_subject(given, self._allow)
        subject, stage = cut.subject, self._policy.stages.of(request.stage)
        found = Findings(subject, len(given.text), exemptions=list(cut.exemptions))
        if not subject.conversation:  # all of it is exempt
            return found
        check_time()
        found.risk = self._rate(subject.conversation)
        found.potential_threshold = self.potential_threshold(subject.stage)
        # Below `look_closer` the neuron counts for nothing, and it costs more than all the rest.
        is_harmless = found.risk < stage.look_closer
        if found.potential_threshold is not None and (explain or not is_harmless):
            found.scan = self._scan(subject, found.risk, explain, check_time)
        check_time()
        self._score_categories(found, stage, explain)
        if found.is_flagged(stage):
            spans = self._locate(found, stage, check_time)
            placed = [Span(*place(span.start, span.end, cut.places), span.kind) for span in spans]
            found.spans = merge_spans(placed, given.text)
        if explain:
            decode = self._engine.base.decode
            found.trace = trace_of(found, self._policy.probe, decode, cut.places)
        return found

    def _check_size(self, subject: Subject) -> None:
        """Refuse a text longer than what is judged: what nobody has read is not clean."""
        text = subject.rated_text
        allowed = self._policy.max_windows * (self._reader.context_length // 2)
        if len(text.encode()) <= allowed:  # a token has a byte at least
            return
        num_tokens = len(text) // _MAX_CHARACTERS_PER_TOKEN
        if num_tokens <= allowed:
            num_tokens = len(self._reader.encode(text))
        if num_tokens > allowed:
            raise ContextOverflowError(num_tokens, allowed, what="a check (policy: max_windows)")

    def _rate(self, conversation: Sequence[Message]) -> float:
        return finite(self._engine.reflect(conversation).risk)

    def _scan(
        self, subject: Subject, risk: float, explain: bool, check_time: Callable[[], None]
    ) -> Scan:
        reader = self._reader
        if subject.stage == "output":
            token_ids = reader.encode(subject.text)
            return reader.scan(
                subject.prompt, token_ids, risk=risk, explain=explain, check_time=check_time
            )
        opening = reader.encode(self._policy.probe)
        prompts = [subject.prompt]
        if not reader.fits(subject.prompt, len(opening) + 1):
            prompts = [({"role": "user", "content": w},) for w in self._windows(subject.rated_text)]
        scans = [
            reader.scan(
                prompt, opening, risk=risk, behind=True, explain=explain, check_time=check_time
            )
            for prompt in prompts
        ]
        return max(scans, key=lambda scan: scan.peak_potential)

    def _windows(self, text: str) -> Iterator[str]:
        token_ids = self._reader.encode(text)
        size = max(self._reader.context_length // 2, 1)
        stride = max(size // 2, 1)
        for start in range(0, max(len(token_ids) - size, 0) + stride, stride):
            yield self._engine.base.decode(token_ids[start : start + size])

    def _score_categories(self, found: Findings, stage: StagePolicy, explain: bool) -> None:
        """Score the categories that are always scored, and the rest where there is reason to."""
        here = [c for c in self._policy.categories if found.subject.stage in c.stages]
        found.categories += self._scores(found, [c for c in here if c.scored == "always"])
        is_suspicious = reaches(found.risk, stage.look_closer) or found.is_flagged(stage)
        if explain or is_suspicious:
            found.categories += self._scores(found, [c for c in here if c.scored != "always"])

    def _scores(self, found: Findings, categories: Sequence[Category]) -> list[CategoryScore]:
        subject = found.subject
        text = subject.rated_text if subject.stage == "input" else subject.text
        scores: dict[str, float] = {}
        plain: list[Category] = []
        for category in categories:
            matches = self._allow_of[category.name].matches(text)
            if not matches:
                plain.append(category)
                continue
            found.exemptions += matches
            rest, _ = cut_out(text, matches)
            scores[category.name] = self._score(rest, [category])[0] if rest.strip() else 0.0
        scores |= dict(zip([c.name for c in plain], self._score(text, plain), strict=True))
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

    def _score(self, text: str, categories: Sequence[Category]) -> list[float]:
        descriptions = [category.description for category in categories]
        return [finite(score) for score in self._scorer.scores(text, descriptions)]

    def _locate(
        self, found: Findings, stage: StagePolicy, check_time: Callable[[], None]
    ) -> tuple[Span, ...]:
        """Return where in a flagged text it is."""
        if found.subject.stage not in DOCUMENTS:
            return spans_of_scan(found, self._engine.base.decode)
        names = {score.name for score in found.counted}
        categories = [c for c in self._policy.categories if c.name in names]
        is_risky = found.is_risky(stage)

        def kind_of(sentence: str) -> SpanKind | None:
            check_time()
            scores = zip(categories, self._score(sentence, categories), strict=True)
            shown = [category.name for category, s in scores if reaches(s, category.threshold)]
            if INJECTION in shown:
                return "injection"
            if shown:
                return "harm"
            alone: Message = {"role": "user", "content": sentence}
            if is_risky and reaches(self._rate([alone]), stage.risk_threshold):
                return "harm"
            return None

        return spans_of_document(found, kind_of, self._policy.max_located)
