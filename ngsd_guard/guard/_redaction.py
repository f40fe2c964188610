"""What is left of a text once its spans are redacted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ngsd_guard.canonical import Form
from ngsd_guard.guard._subject import Subject
from ngsd_guard.guard._verdict import Span
from ngsd_guard.types import Message

MARK: Final = "[redacted]"
"""What `Verdict.redacted` puts in place of a span, unless it is told otherwise."""


def without_spans(text: str, spans: Sequence[Span], mark: str) -> Form:
    """Return a text with a mark in place of each span, mapped to the original.

    Args:
        text: the text.
        spans: in order and without overlaps.
        mark: the replacement; may be empty.
    """
    form, pieces, left, right, done = Form.of(text), list[str](), list[int](), list[int](), 0
    for span in spans:
        pieces += [text[done : span.start], mark]
        left += [*form.starts[done : span.start], *[span.start] * len(mark)]
        right += [*form.ends[done : span.start], *[span.end] * len(mark)]
        done = span.end
    pieces.append(text[done:])
    return Form("".join(pieces), left + form.starts[done:], right + form.ends[done:])


def with_text(subject: Subject, text: str) -> Subject | None:
    """Return a subject with another text in place of its own.

    Returns:
        None where the text is not a turn of its conversation, such as that of tool calls.
    """
    turns = list(subject.conversation)
    for index in range(len(turns) - 1, -1, -1):
        if turns[index]["content"] == subject.text:
            changed: Message = {**turns[index], "content": text}
            turns[index] = changed
            conversation = tuple(turns)
            is_asked = subject.prompt == subject.conversation
            prompt = conversation if is_asked else subject.prompt
            return replace(subject, text=text, conversation=conversation, prompt=prompt)
    return None
