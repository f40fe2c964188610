"""Positions of tokens and sentences in a text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Final

from ngsd_guard.decoding import TextStream
from ngsd_guard.guard._verdict import Span, SpanKind

_SENTENCE: Final = re.compile(
    r"""\S[^\n]*?(?: (?<![.!?\u2026]) [.!?\u2026]++ ["')\]\u201d\u2019]*+ (?=\s)
                  | [\u3002\uff01\uff1f] | (?=\n) | \Z )""",
    re.VERBOSE,
)
_LOOKAHEAD: Final = 32
_CERTAIN: Final = 4


def sentence_bounds(text: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence, without surrounding whitespace.

    A line break ends a sentence.
    """
    found = []
    for match in _SENTENCE.finditer(text):
        end = match.start() + len(match.group().rstrip())
        found.append((match.start(), end))
    return found


def token_bounds(
    decode: Callable[[Sequence[int]], str], token_ids: Sequence[int], text: str
) -> list[tuple[int, int]]:
    """Return start and end of each token in a text.

    If a character consists of several tokens, each of them spans the entire character.

    Args:
        decode: returns the text of tokens.
        token_ids: tokens of the text, with its control tokens broken up.
        text: the text.
    """
    stream = TextStream(decode)
    ends, total, pieces = list[int](), 0, list[str]()
    for token_id in token_ids:
        piece, _ = stream.push(token_id)
        pieces.append(piece)
        total += len(piece)
        ends.append(total)
    shown = "".join(pieces)
    rest = decode(token_ids)[len(shown) :] if token_ids else ""
    shown += rest
    if ends:
        ends[-1] += len(rest)
    places = align(text, shown)
    bounds, start = list[tuple[int, int]](), 0
    for index, end in enumerate(ends):
        later = bisect_right(ends, start, lo=index)
        reach = end if end > start else ends[later] if later < len(ends) else start
        bounds.append((places[start], places[reach]))
        start = end
    return bounds


def align(text: str, shown: str) -> list[int]:
    """Return the positions in `text` of each character of `shown`, and of its end.

    The two differ slightly: in control tokens that were broken up or omitted, invalid bytes, and
    spaces that a tokenizer drops.
    """
    if text == shown:
        return list(range(len(text) + 1))
    subsequence = _without_dropped(text, shown) or _without_added(text, shown)
    if subsequence is not None:
        return subsequence
    places, at, index = list[int](), 0, 0
    while index < len(shown):
        if at < len(text) and shown[index] == text[at]:
            places.append(at)
            at, index = at + 1, index + 1
            continue
        added, dropped = _next_match(text, at, shown, index)
        places += [min(at + min(step, dropped), len(text)) for step in range(added)]
        at, index = at + dropped, index + added
    return [*(min(place, len(text)) for place in places), len(text)]


def _without_dropped(text: str, shown: str) -> list[int] | None:
    """Return the positions if `shown` is `text` with characters removed; else None."""
    places, at = list[int](), -1
    for character in shown:
        at = text.find(character, at + 1)
        if at < 0:
            return None
        places.append(at)
    return [*places, len(text)]


def _without_added(text: str, shown: str) -> list[int] | None:
    """Return the positions if `shown` is `text` with characters added; else None."""
    found = _without_dropped(shown, text)
    if found is None:
        return None
    places, at = list[int](), 0
    for index in range(len(shown)):
        places.append(at)
        if index == found[at] and at < len(text):
            at += 1
    return [*places, len(text)]


def _next_match(text: str, at: int, shown: str, index: int) -> tuple[int, int]:
    """Return how many characters of `shown` and `text` to skip until they agree."""
    for total in range(1, _LOOKAHEAD):
        for added in range(total + 1):
            dropped = total - added
            ahead = shown[index + added : index + added + _CERTAIN]
            if ahead and text.startswith(ahead, at + dropped):
                return added, dropped
    return 1, 1


def sentence_spans(text: str, parts: Sequence[tuple[int, int]], kind: SpanKind) -> tuple[Span, ...]:
    """Return the sentences that overlap with parts of a text; adjacent ones form one span."""
    sentences = sentence_bounds(text)
    starts, ends = [start for start, _ in sentences], [end for _, end in sentences]
    touched = set[int]()
    for start, end in parts:
        first, last = bisect_right(ends, start), bisect_left(starts, max(end, start + 1))
        if first >= last:  # a space between two sentences belongs to the first
            first, last = max(0, first - 1), first or 1
        touched.update(range(first, min(last, len(sentences))))
    return merge_spans([Span(*sentences[index], kind) for index in sorted(touched)], text)


def merge_spans(spans: Sequence[Span], text: str) -> tuple[Span, ...]:
    """Return spans in order; those that overlap or are separated only by whitespace are merged."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        last = merged[-1] if merged else None
        if last is None or (
            span.start >= last.end
            and (last.kind != span.kind or text[last.end : span.start].strip())
        ):
            merged.append(span)
        else:
            kind = last.kind if last.kind == span.kind else "harm"
            merged[-1] = Span(last.start, max(last.end, span.end), kind)
    return tuple(merged)
