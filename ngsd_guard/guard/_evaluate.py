"""Judging of a text: quick signals first, then the other signals if the text is suspicious."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from ngsd_guard.errors import ContextOverflowError
from ngsd_guard.guard._allow import AllowList, cut_out, cut_subject
from ngsd_guard.guard._findings import INJECTION, Findings, finite, reaches
from ngsd_guard.guard._harm import HARM_STAGES, harm_of
from ngsd_guard.guard._locate import (
    DOCUMENTS,
    document_parts,
    place,
    spans_of_document,
    spans_of_scan,
    trace_of,
)
from ngsd_guard.guard._policy import Category, Policy, StagePolicy
from ngsd_guard.guard._probe import Probe
from ngsd_guard.guard._reader import PairReader, Scan
from ngsd_guard.guard._subject import Subject, read_subject
from ngsd_guard.guard._text import merge_spans
from ngsd_guard.guard._verdict import CategoryScore, CheckRequest, Span, SpanKind, Stage
from ngsd_guard.messages import validate_messages
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Judging, side_by_side
from ngsd_guard.risk import CategoryScorer, ProbeReader
from ngsd_guard.types import Message, RiskScores

_MAX_CHARACTERS_PER_TOKEN: Final = 16
"""Upper bound, by which a text can be too long without encoding it."""


class Evaluator:
    """Judges texts with a pair, according to a policy.

    Args:
        pair: base and expert.
        policy: the policy.
    """

    def __init__(self, pair: Pair, policy: Policy) -> None:
        self._pair = pair
        self._policy = policy
        self._reader = PairReader(pair)
        self._scorer = CategoryScorer(pair.base)
        reader = pair.risk_reader
        self._probe = Probe(reader, policy) if isinstance(reader, ProbeReader) else None
        self._document_probe = _document_probe(pair, policy)
        self._allow = AllowList("policy", policy.allow)
        self._allow_of = {c.name: AllowList(c.name, c.allow) for c in policy.categories}

    def potential_threshold(self, stage: Stage) -> float | None:
        """Return the potential that flags a text; None if the neuron is not used."""
        threshold = self._policy.stages.of(stage).potential_threshold
        if stage not in ("input", "output"):
            return None
        return self._pair.config.gate.v_threshold if threshold == "gate" else threshold

    def judging(
        self, request: CheckRequest, *, explain: bool, check_time: Callable[[], None]
    ) -> Judging[Findings | None]:
        """Judge a text; can run together with other judgings. None if there is nothing to judge.

        Raises:
            InvalidRequestError: the request cannot be judged as text.
            ContextOverflowError: the text is too long.
            DecodingError: a model failed.
        """
        original = read_subject(request)
        if not original.conversation:
            return None
        self._check_size(original)
        cut = cut_subject(original, self._allow)
        subject, stage = cut.subject, self._policy.stages.of(request.stage)
        found = Findings(subject, len(original.text), exemptions=list(cut.exemptions))
        if not subject.conversation:  # the entire text is exempt
            return found
        check_time()
        if self._probe is not None:
            self._probe.signals(found, explain=explain, check_time=check_time)
        else:
            yield from self._quick_signals(found)
            if self._document_probe is not None and request.stage in DOCUMENTS:
                self._document_probe.read_document(found, check_time)
        found.potential_threshold = self.potential_threshold(subject.stage)
        # Below `look_closer` the expert is not used; it costs more than everything else.
        is_harmless = not reaches(found.risk, stage.look_closer)
        if found.potential_threshold is not None and (explain or not is_harmless):
            found.scan = yield from self._scanning(subject, found.risk or 0.0, explain, check_time)
        check_time()
        if stage.harm_threshold is not None and subject.stage in HARM_STAGES:
            asks = not is_harmless and self._asks_the_base
            refusal = (yield from self._refusal(subject)) if asks else None
            found.categories.append(harm_of(found.ratings, refusal, stage.harm_threshold))
        yield from self._look_closer(found, stage, explain)
        if found.is_flagged(stage):
            spans = yield from self._locating(found, stage, check_time)
            placed = [Span(*place(span.start, span.end, cut.places), span.kind) for span in spans]
            found.spans = merge_spans(placed, original.text)
        if explain:
            decode = self._pair.base.decode
            found.trace = trace_of(found, self._policy.probe, decode, cut.places)
        return found

    def _check_size(self, subject: Subject) -> None:
        """Refuse a text that is too long to judge: an unread text must not count as clean."""
        text = subject.rated_text
        allowed = self._policy.max_windows * (self._reader.context_length // 2)
        if len(text.encode()) <= allowed:  # a token has at least one byte
            return
        num_tokens = len(text) // _MAX_CHARACTERS_PER_TOKEN
        if num_tokens <= allowed:
            num_tokens = len(self._reader.encode(text))
        if num_tokens > allowed:
            raise ContextOverflowError(num_tokens, allowed, what="a check (policy: max_windows)")

    def _quick_signals(self, found: Findings) -> Judging[None]:
        """Rate a text and score the categories that are always scored, in one pass if possible."""
        here = self._categories_at(found.subject.stage)
        always = [c for c in here if c.scored == "always"]
        jobs: list[Judging[Any]] = [
            self._rating(found.subject.conversation),
            self._scoring(found, always),
        ]
        found.ratings, scores = yield from side_by_side(jobs)
        found.categories += scores

    @property
    def _asks_the_base(self) -> bool:
        """Whether the base can judge texts; a reader that asks it nothing says that it cannot."""
        return self._pair.config.reflection.reader == "rubric"

    def _categories_at(self, stage: Stage) -> list[Category]:
        if not self._asks_the_base:
            return []
        return [c for c in self._policy.categories if stage in c.stages]

    def _rating(self, conversation: Sequence[Message]) -> Judging[RiskScores]:
        ratings = yield from self._pair.risk_reader.judging(validate_messages(conversation))
        finite(ratings.risk)
        return ratings

    def _scanning(
        self, subject: Subject, risk: float, explain: bool, check_time: Callable[[], None]
    ) -> Judging[Scan]:
        reader = self._reader
        if subject.stage == "output":
            token_ids = reader.encode(subject.text)
            return (
                yield from reader.scanning(
                    subject.prompt, token_ids, risk=risk, explain=explain, check_time=check_time
                )
            )
        opening, scans = reader.encode(self._policy.probe), []
        for prompt in self._prompts(subject.prompt, subject.rated_text, len(opening) + 1):
            scan = yield from reader.scanning(
                prompt, opening, risk=risk, after_text=True, explain=explain, check_time=check_time
            )
            scans.append(scan)
        return max(scans, key=lambda scan: scan.peak_potential)

    def _refusal(self, subject: Subject) -> Judging[float]:
        """Return the probability that the expert starts its answer with a refusal."""
        asked = list(subject.prompt) or [{"role": "user", "content": subject.text}]
        while len(asked) > 1 and asked[-1]["role"] == "assistant":
            asked.pop()
        opening, chances = self._reader.encode(self._policy.refusal), []
        for prompt in self._prompts(asked, subject.rated_text, len(opening)):
            chances.append((yield from self._reader.chance(prompt, opening)))
        return max(chances)

    def _prompts(
        self, prompt: Sequence[Message], text: str, num_tokens: int
    ) -> list[Sequence[Message]]:
        """Return the prompt if it leaves room for the tokens, otherwise windows of the text."""
        if self._reader.fits(prompt, num_tokens):
            return [prompt]
        return [({"role": "user", "content": window},) for window in self._windows(text)]

    def _windows(self, text: str) -> Iterator[str]:
        token_ids = self._reader.encode(text)
        size = max(self._reader.context_length // 2, 1)
        stride = max(size // 2, 1)
        for start in range(0, max(len(token_ids) - size, 0) + stride, stride):
            yield self._pair.base.decode(token_ids[start : start + size])

    def _look_closer(self, found: Findings, stage: StagePolicy, explain: bool) -> Judging[None]:
        """Score the remaining categories if the text is suspicious."""
        is_suspicious = reaches(found.risk, stage.look_closer) or found.is_flagged(stage)
        if explain or is_suspicious:
            here = self._categories_at(found.subject.stage)
            rest = [c for c in here if c.scored != "always"]
            found.categories += yield from self._scoring(found, rest)

    def _scoring(
        self, found: Findings, categories: Sequence[Category]
    ) -> Judging[list[CategoryScore]]:
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
            alone = (yield from self._score(rest, [category])) if rest.strip() else [0.0]
            scores[category.name] = alone[0]
        together = yield from self._score(text, plain)
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

    def _score(self, text: str, categories: Sequence[Category]) -> Judging[list[float]]:
        descriptions = [category.description for category in categories]
        scores = yield from self._scorer.judging(text, descriptions)
        return [finite(score) for score in scores]

    def _locating(
        self, found: Findings, stage: StagePolicy, check_time: Callable[[], None]
    ) -> Judging[tuple[Span, ...]]:
        """Return the spans of the findings in a flagged text."""
        if found.injection_spans:
            return found.injection_spans
        if found.subject.stage not in DOCUMENTS:
            return spans_of_scan(found, self._pair.base.decode)
        names = {score.name for score in found.counted} if self._asks_the_base else set[str]()
        categories = [c for c in self._policy.categories if c.name in names]
        text, is_risky = found.subject.text, found.is_risky(stage)

        def kind_of(sentence: str) -> Judging[SpanKind | None]:
            check_time()
            scores = yield from self._score(sentence, categories)
            shown = [
                category.name
                for category, score in zip(categories, scores, strict=True)
                if reaches(score, category.threshold)
            ]
            if INJECTION in shown:
                return "injection"
            if shown:
                return "harm"
            if not is_risky:
                return None
            alone: Message = {"role": "user", "content": sentence}
            ratings = yield from self._rating([alone])
            return "harm" if reaches(ratings.risk, stage.risk_threshold) else None

        parts = document_parts(text, self._policy.max_located)
        kinds = yield from side_by_side([kind_of(text[start:end]) for start, end in parts])
        return spans_of_document(found, parts, kinds)


def _document_probe(pair: Pair, policy: Policy) -> Probe | None:
    """Return what looks for instructions in documents beside a reader that cannot."""
    config = pair.config.reflection
    if config.reader != "expert" or config.probe is None or not config.probe.reads_documents:
        return None
    return Probe(ProbeReader(config, pair.base), policy)
