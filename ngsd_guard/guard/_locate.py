"""Location of findings in a flagged text, and the neuron's trace along it."""

from collections.abc import Callable, Sequence
from typing import Final

from ngsd_guard.guard._findings import INJECTION, Findings
from ngsd_guard.guard._text import sentence_bounds, sentence_spans, token_bounds
from ngsd_guard.guard._verdict import Span, SpanKind, Stage, TokenTrace

DOCUMENTS: Final[tuple[Stage, ...]] = ("retrieval", "tool_result")
"""Stages at which a flagged text is judged sentence by sentence."""
_Decode = Callable[[Sequence[int]], str]


def spans_of_scan(found: Findings, decode: _Decode) -> tuple[Span, ...]:
    """Return the sentences of an answer in which the neuron reached the threshold."""
    scan, threshold = found.scan, found.potential_threshold
    if scan is None or threshold is None or found.subject.stage != "output":
        return ()
    hot = [index for index, charged in enumerate(scan.charged) if not charged < threshold]
    if not hot:
        return ()
    bounds = token_bounds(decode, scan.token_ids, found.subject.text)
    return sentence_spans(found.subject.text, [bounds[index] for index in hot], "harm")


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
