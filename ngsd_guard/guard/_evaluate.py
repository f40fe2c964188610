"""Judging of a text: quick signals first, then the other signals if the text is suspicious."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ngsd_guard.errors import ContextOverflowError
from ngsd_guard.guard._allow import AllowList, CutSubject, cut_subject
from ngsd_guard.guard._decide import action_of
from ngsd_guard.guard._findings import Findings, reaches
from ngsd_guard.guard._harm import HARM_STAGES, harm_of
from ngsd_guard.guard._locate import DOCUMENTS, Locator, place, trace_of
from ngsd_guard.guard._policy import Policy, StagePolicy
from ngsd_guard.guard._probe import Probe
from ngsd_guard.guard._reader import PairReader, Scan
from ngsd_guard.guard._redaction import MARK, with_text, without_spans
from ngsd_guard.guard._refused import beside_refusal
from ngsd_guard.guard._signals import Signals
from ngsd_guard.guard._subject import Subject, read_subject
from ngsd_guard.guard._text import merge_spans
from ngsd_guard.guard._verdict import CheckRequest, Span, Stage
from ngsd_guard.guard._views import views_of
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import Judging, side_by_side
from ngsd_guard.risk import ProbeReader
from ngsd_guard.types import Message

_MAX_CHARACTERS_PER_TOKEN: Final = 16
"""Upper bound, by which a text can be too long without encoding it."""
_MAX_REDACTIONS: Final = 3
"""How often what is left of a text is redacted again before all of it is."""


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
        self._signals = Signals(pair, policy)
        self._locator = Locator(self._signals, pair.base.decode, policy)
        reader = pair.risk_reader
        self._probe = Probe(reader, policy) if isinstance(reader, ProbeReader) else None
        self._document_probe = _document_probe(pair, policy)
        self._allow = AllowList("policy", policy.allow)

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
        found = yield from self._finding(original, explain, check_time)
        if action_of(found, self._policy) == "redact":
            found.spans = yield from self._cleaning(original, found, check_time)
        return found

    def _finding(
        self, original: Subject, explain: bool, check_time: Callable[[], None]
    ) -> Judging[Findings]:
        cut = _without_refusal(cut_subject(original, self._allow))
        subject, stage = cut.subject, self._policy.stages.of(original.stage)
        found = Findings(subject, len(original.text), exemptions=list(cut.exemptions))
        if not subject.conversation:  # the entire text is exempt, or a refusal
            return found
        # This reader rates what is asked, so that an answer has to be read by itself as well.
        is_unread = subject.stage == "output" and self._pair.config.reflection.reader == "expert"
        found.views = views_of(subject, always_alone=is_unread)
        check_time()
        if self._probe is not None:
            self._probe.signals(found, explain=explain, check_time=check_time)
        else:
            yield from self._signals.reading(found, check_time)
            if self._document_probe is not None and subject.stage in DOCUMENTS:
                self._document_probe.read_document(found, check_time)
        found.potential_threshold = self.potential_threshold(subject.stage)
        # Below `look_closer` the expert is not used; it costs more than everything else.
        is_harmless = not reaches(found.risk, stage.look_closer)
        if found.potential_threshold is not None and (explain or not is_harmless):
            yield from self._scanning(found, explain, check_time)
        check_time()
        if stage.harm_threshold is not None and subject.stage in HARM_STAGES:
            asks = not is_harmless and self._signals.asks_the_base
            refusal = (yield from self._refusal(found.suspects[-1])) if asks else None
            found.categories.append(harm_of(found.ratings, refusal, stage.harm_threshold))
        yield from self._look_closer(found, stage, explain)
        if found.is_flagged(stage):
            spans = yield from self._locator.locating(found, check_time)
            placed = [Span(*place(span.start, span.end, cut.places), span.kind) for span in spans]
            found.spans = merge_spans(placed, original.text)
        if explain:
            decode = self._pair.base.decode
            found.trace = trace_of(found, self._policy.probe, decode, cut.places)
        return found

    def _cleaning(
        self, original: Subject, found: Findings, check_time: Callable[[], None]
    ) -> Judging[tuple[Span, ...]]:
        """Return the spans without which nothing is found in a text; perhaps all of it.

        What is left is judged with a mark in place of each span, and put together without one.
        """
        text, spans = original.text, found.spans
        whole = (Span(0, len(text), spans[0].kind if spans else "text"),)
        for _ in range(_MAX_REDACTIONS):
            if not spans or spans == whole:
                return whole
            forms = {
                form.text: form for form in (without_spans(text, spans, m) for m in (MARK, ""))
            }
            left = [(form, with_text(original, shown)) for shown, form in forms.items()]
            rests = [(form, rest) for form, rest in left if rest and rest.text.strip()]
            jobs = [self._finding(rest, False, check_time) for _, rest in rests]
            results = yield from side_by_side(jobs)
            actions = {action_of(result, self._policy) for result in results}
            if actions <= {"allow", "flag"}:
                return spans if len(rests) == len(left) else whole
            if actions - {"allow", "flag", "redact"}:
                return whole
            more = [
                Span(*form.original(span.start, span.end), span.kind)
                for (form, _), result in zip(rests, results, strict=True)
                if action_of(result, self._policy) == "redact"
                for span in result.spans or (Span(0, len(form.text), "text"),)
            ]
            spans = merge_spans([*spans, *more], text)
        return whole

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

    def _scanning(
        self, found: Findings, explain: bool, check_time: Callable[[], None]
    ) -> Judging[None]:
        """Run the neuron along an answer and its canonical copy, or after the riskiest view."""
        risk = found.risk or 0.0
        if found.subject.stage == "output":
            jobs = [
                self._reader.scanning(
                    subject.prompt,
                    self._reader.encode(subject.text),
                    risk=risk,
                    explain=explain,
                    check_time=check_time,
                )
                for subject in found.views.wholes
            ]
            found.scan, *copies = yield from side_by_side(jobs)
            found.copy_scan = copies[0] if copies else None
            return
        probes = [self._probing(subject, risk, explain, check_time) for subject in found.suspects]
        scans = yield from side_by_side(probes)
        found.scan = max(scans, key=lambda scan: scan.peak_potential)

    def _probing(
        self, subject: Subject, risk: float, explain: bool, check_time: Callable[[], None]
    ) -> Judging[Scan]:
        """Run the neuron along the policy's opening after a request."""
        reader, scans = self._reader, list[Scan]()
        opening = reader.encode(self._policy.probe)
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
            here = self._signals.categories_at(found.subject.stage)
            rest = [c for c in here if c.scored != "always"]
            found.categories += yield from self._signals.scoring(found, found.suspects, rest)


def _without_refusal(cut: CutSubject) -> CutSubject:
    """Return an answer without its refusal, and without what was asked.

    Whoever refuses is not to blame for the question.
    """
    subject, places = cut.subject, cut.places
    kept = beside_refusal(subject.text) if subject.stage == "output" else None
    if kept is None:
        return cut
    text = "\n".join(subject.text[start:end] for start, end in kept)
    indices = [index for start, end in kept for index in range(start, end + 1)]
    alone: Message = {"role": "user", "content": text}
    rest = replace(subject, text=text, conversation=(alone,) if kept else ())
    back = indices if places is None else [places[index] for index in indices]
    return replace(cut, subject=rest, places=back or [0])


def _document_probe(pair: Pair, policy: Policy) -> Probe | None:
    """Return what looks for instructions in documents beside a reader that cannot."""
    config = pair.config.reflection
    if config.reader != "expert" or config.probe is None or not config.probe.reads_documents:
        return None
    return Probe(ProbeReader(config, pair.base), policy)
