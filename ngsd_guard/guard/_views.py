"""The ways in which a text is read: whole and in small windows, as it is and without disguises."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ngsd_guard.canonical import Form, canonical_form
from ngsd_guard.guard._subject import Subject
from ngsd_guard.guard._windows import WINDOW, Bounds, small_windows
from ngsd_guard.types import Message

_NOBODY: Message = {"role": "user", "content": ""}


@dataclass(frozen=True, slots=True)
class View:
    """One way to read a subject."""

    subject: Subject
    """What is read."""
    is_window: bool = False
    bounds: Bounds | None = None
    """The part of the subject's text that a window stands for; None for other turns."""


@dataclass(frozen=True, slots=True)
class Views:
    """All views of a subject; the first is the subject itself."""

    all: tuple[View, ...]
    form: Form | None
    """The canonical form of the subject's text; None if it says the same."""

    @property
    def num_windows(self) -> int:
        """Number of windows."""
        return sum(view.is_window for view in self.all)

    @property
    def wholes(self) -> list[Subject]:
        """The subject, and its canonical copy if it differs."""
        return [view.subject for view in self.all if not view.is_window]


def views_of(subject: Subject, *, always_alone: bool = False) -> Views:
    """Return the views of a subject.

    What is longer than a window is cut: a conversation turn by turn, and at other stages the text
    that is judged.

    Args:
        subject: the subject.
        always_alone: read the text without its conversation even if both fit one window.
    """
    forms = {turn["content"]: canonical_form(turn["content"]) for turn in subject.conversation}
    form = forms.get(subject.text) or canonical_form(subject.text)
    views = [View(subject)]
    changed = {text: each.text for text, each in forms.items() if each is not None}
    if changed:
        views.append(View(_replaced(subject, changed, form)))
    seen = set[str]()
    texts = _cut_texts(subject)
    is_cut = len(subject.rated_text.encode()) > WINDOW
    for text in texts if is_cut or always_alone else []:
        for start, end, shown in _windows_of(text, forms.get(text) or canonical_form(text)):
            if shown in seen:
                continue
            seen.add(shown)
            bounds = (start, end) if text == subject.text else None
            views.append(View(_alone(subject, shown), is_window=True, bounds=bounds))
    return Views(tuple(views), form)


def _cut_texts(subject: Subject) -> list[str]:
    """Return the texts that are cut into windows; system prompts are not rated."""
    if subject.stage != "input":
        return [subject.text]
    turns = [turn["content"] for turn in subject.conversation if turn["role"] != "system"]
    return list(dict.fromkeys(turns))


def _windows_of(text: str, form: Form | None) -> Iterator[tuple[int, int, str]]:
    """Yield the windows of a text and, where they differ, of its canonical form.

    Yields:
        Start and end of the window in the text, and what is read.
    """
    if form is None:
        for start, end in small_windows(text):
            yield start, end, text[start:end]
        return
    for first, last in small_windows(form.text):
        start, end = form.original(first, last)
        yield start, end, form.text[first:last]
        original = text[start:end]
        if original == form.text[first:last]:
            continue
        for inner, outer in small_windows(original):
            yield start + inner, start + outer, original[inner:outer]


def _replaced(subject: Subject, changed: Mapping[str, str], form: Form | None) -> Subject:
    """Return a subject with the texts of its turns replaced."""

    def turns(conversation: Sequence[Message]) -> tuple[Message, ...]:
        copied: list[Message] = []
        for turn in conversation:
            content = changed.get(turn["content"], turn["content"])
            kept = content if content.strip() else turn["content"]
            copied.append({**turn, "content": kept})
        return tuple(copied)

    text = subject.text if form is None else form.text
    return Subject(subject.stage, text, turns(subject.conversation), turns(subject.prompt))


def _alone(subject: Subject, text: str) -> Subject:
    """Return a text as a subject of its own."""
    turn: Message = {"role": "user", "content": text}
    prompt = _NOBODY if subject.stage in ("retrieval", "tool_result") else turn
    return Subject(subject.stage, text, (turn,), (prompt,))
