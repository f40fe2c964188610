"""Location of findings in a flagged text, and the neuron's trace along it."""

from collections.abc import Callable, Sequence
from typing import Final

from ngsd_guard.canonical import canonical_form
from ngsd_guard.guard._findings import INJECTION, Findings, reaches
from ngsd_guard.guard._policy import Policy
from ngsd_guard.guard._signals import Signals
from ngsd_guard.guard._text import merge_spans, sentence_bounds, sentence_spans, token_bounds
from ngsd_guard.guard._verdict import Span, SpanKind, Stage, TokenTrace
from ngsd_guard.prefill import Judging, side_by_side
from ngsd_guard.types import Message

DOCUMENTS: Final[tuple[Stage, ...]] = ("retrieval", "tool_result")
"""Stages at which a flagged text is judged sentence by sentence."""
_Decode = Callable[[Sequence[int]], str]


class Locator:
    """Finds the places of findings in flagged texts.

    Args:
        signals: judges parts of documents.
        decode: returns the text of tokens.
        policy: thresholds, and how many parts are judged.
    """

    def __init__(self, signals: Signals, decode: _Decode, policy: Policy) -> None:
        self._signals = signals
        self._decode = decode
        self._policy = policy

    def locating(self, found: Findings, check_time: Callable[[], None]) -> Judging[Sequence[Span]]:
        """Return the spans of the findings in a flagged text."""
        if found.injection_spans:
            return found.injection_spans
        if found.subject.stage == "tool_args":  # JSON with a hole is no call
            return ()
        if found.subject.stage not in DOCUMENTS:
            return _and_windows(spans_of_scan(found, self._decode), found.window_spans)
        stage = self._policy.stages.of(found.subject.stage)
        names = {score.name for score in found.counted} if self._signals.asks_the_base else set()
        categories = [c for c in self._policy.categories if c.name in names]
        text, is_risky = found.subject.text, found.is_risky(stage)

        def kind_of(sentence: str) -> Judging[SpanKind | None]:
            check_time()
            scores = yield from self._signals.score(sentence, categories)
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
            ratings = yield from self._signals.rating([alone])
            return "harm" if reaches(ratings.risk, stage.risk_threshold) else None

        parts = document_parts(text, self._policy.max_located)
        sentences = [text[start:end] for start, end in parts]
        forms = [canonical_form(sentence) for sentence in sentences]
        copies = [form.text for form in forms if form is not None and form.text.strip()]
        kinds = yield from side_by_side([kind_of(each) for each in (*sentences, *copies)])
        of_copies = dict(zip(copies, kinds[len(parts) :], strict=True))
        worse = [
            kind or (of_copies.get(form.text) if form is not None else None)
            for kind, form in zip(kinds, forms, strict=False)
        ]
        return spans_of_document(found, parts, worse)


def spans_of_scan(found: Findings, decode: _Decode) -> tuple[Span, ...]:
    """Return the sentences of an answer in which the neuron reached the threshold."""
    threshold = found.potential_threshold
    if threshold is None or found.subject.stage != "output" or not found.views.all:
        return ()
    spans: list[Span] = []
    scans = [scan for scan in (found.scan, found.copy_scan) if scan is not None]
    for scan, subject in zip(scans, found.views.wholes, strict=False):
        hot = [index for index, charged in enumerate(scan.charged) if not charged < threshold]
        if not hot:
            continue
        bounds = token_bounds(decode, scan.token_ids, subject.text)
        places = [bounds[index] for index in hot]
        form = found.views.form if scan is found.copy_scan else None
        if form is not None:
            places = [form.original(start, end) for start, end in places]
        spans += sentence_spans(found.subject.text, places, "harm")
    return merge_spans(spans, found.subject.text)


def _and_windows(spans: Sequence[Span], windows: Sequence[Span]) -> list[Span]:
    """Return spans, and the flagged windows that hold none of them."""

    def is_explained(window: Span) -> bool:
        return any(span.start < window.end and window.start < span.end for span in spans)

    return [*spans, *(window for window in windows if not is_explained(window))]


def document_parts(text: str, max_parts: int) -> list[tuple[int, int]]:
    """Return the sentences of a document, grouped if there are more than `max_parts`."""
    bounds = sentence_bounds(text)
    size = max(-(-len(bounds) // max_parts), 1)
    return [
        (bounds[first][0], bounds[min(first + size, len(bounds)) - 1][1])
        for first in range(0, len(bounds), size)
    ]


def spans_of_document(
    found: Findings, parts: Sequence[tuple[int, int]], kinds: Sequence[SpanKind | None]
) -> tuple[Span, ...]:
    """Return the parts of a document with a finding.

    Args:
        found: findings about the entire document.
        parts: parts of the document, in order.
        kinds: kind of finding in each part.

    Returns:
        Spans in order; a single span over the entire text if no part has a finding by itself.
    """
    text = found.subject.text
    spans: list[Span] = []
    for (start, end), kind in zip(parts, kinds, strict=True):
        if kind is None:
            continue
        if kind == "injection":  # the rest of the line is taken to be part of it
            end = _end_of_line(text, end)
        if spans and start < spans[-1].end:
            continue
        spans.append(Span(start, end, kind))
    spans = _and_windows(spans, found.window_spans)
    if spans:
        return tuple(spans)
    is_injection = any(score.name == INJECTION for score in found.counted)
    return (Span(0, len(text), "injection" if is_injection else "harm"),)


def _end_of_line(text: str, place: int) -> int:
    found = text.find("\n", place)
    return len(text) if found < 0 else found


def trace_of(
    found: Findings, opening: str, decode: _Decode, places: list[int] | None
) -> tuple[TokenTrace, ...]:
    """Return the neuron's trace at each token of the answer or the probe.

    Args:
        found: findings with a scan made with `explain=True`.
        opening: the policy's probe, which is scanned at the stage `input`.
        decode: returns the text of tokens.
        places: original positions of the characters of the text; None if nothing was removed.
    """
    scan, is_output = found.scan, found.subject.stage == "output"
    if scan is None:
        return ()
    text = found.subject.text if is_output else opening
    bounds = token_bounds(decode, scan.token_ids, text)
    if is_output:
        bounds = [place(start, end, places) for start, end in bounds]
    bounds += [(len(text), len(text))] * (len(scan.charged) - len(bounds))
    return tuple(
        TokenTrace(
            index=index,
            text_start=start,
            text_end=end,
            current=scan.currents[index],
            membrane_potential=scan.membrane[index],
            spiked=scan.spiked[index],
            base_tokens=scan.base_tokens[index],
            expert_tokens=scan.expert_tokens[index],
            charged_potential=scan.charged[index],
        )
        for index, (start, end) in enumerate(bounds)
    )


def place(start: int, end: int, places: list[int] | None) -> tuple[int, int]:
    """Return the original position of a part of a text, including parts removed within it."""
    if places is None:
        return start, end
    return places[start], places[end - 1] + 1 if end > start else places[start]
