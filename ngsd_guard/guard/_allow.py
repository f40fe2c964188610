"""Phrases that a policy exempts: cut out of a text before it is judged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ngsd_guard.guard._policy import RegexRule
from ngsd_guard.guard._subject import Subject, checked_turns
from ngsd_guard.types import Message

_NOBODY: Final[tuple[Message, ...]] = ({"role": "user", "content": ""},)


@dataclass(frozen=True, slots=True)
class Exemption:
    """A match of an allow rule."""

    owner: str
    """Name of the category whose rule it is; `policy` for the policy's own."""
    rule_index: int
    start: int
    """In characters of what it was cut out of."""
    end: int
    turn_index: int | None = None
    """The turn of the conversation, blank ones left out; None for the text that a category is
    scored on."""


class AllowList:
    """The allow rules of a policy or of one of its categories.

    What matches is cut out and the rest is judged, so that an allowed phrase cannot carry another
    one through.
    """

    def __init__(self, owner: str, rules: Sequence[str | RegexRule]) -> None:
        self._owner = owner
        self._patterns = [
            re.compile(re.escape(rule), re.IGNORECASE)
            if isinstance(rule, str)
            else re.compile(rule.regex)
            for rule in rules
        ]

    def matches(self, text: str) -> list[Exemption]:
        """Return what is exempt in a text, in order; where rules overlap, all of it."""
        found = [
            Exemption(self._owner, index, match.start(), match.end())
            for index, pattern in enumerate(self._patterns)
            for match in pattern.finditer(text)
            if match.end() > match.start()
        ]
        return sorted(found, key=lambda exemption: (exemption.start, exemption.end))


def cut_out(text: str, exemptions: Sequence[Exemption]) -> tuple[str, list[int] | None]:
    """Return a text without what is exempt, and where its characters stood.

    Returns:
        The rest, and for each of its characters and its end the index in `text`; None where
        nothing was cut.
    """
    if not exemptions:
        return text, None
    places, position = list[int](), 0
    for exemption in exemptions:
        places += range(position, max(position, exemption.start))
        position = max(position, exemption.end)
    places += range(position, len(text))
    return "".join(text[place] for place in places), [*places, len(text)]


@dataclass(frozen=True, slots=True)
class CutSubject:
    """A subject without what the policy exempts."""

    subject: Subject
    places: list[int] | None
    """Where the characters of its text stood; None where nothing was cut out of it."""
    exemptions: tuple[Exemption, ...]


def cut_subject(subject: Subject, allow: AllowList) -> CutSubject:
    """Return a subject without what is exempt in any of its turns."""
    found: list[Exemption] = []
    turns: list[Message] = []
    for index, turn in enumerate(subject.conversation):
        matches = [replace(match, turn_index=index) for match in allow.matches(turn["content"])]
        found += matches
        content, _ = cut_out(turn["content"], matches)
        turns.append({"role": turn["role"], "content": content})
    if not found:
        return CutSubject(subject, None, ())
    prompt: list[Message] = [
        {
            "role": turn["role"],
            "content": cut_out(turn["content"], allow.matches(turn["content"]))[0],
        }
        for turn in subject.prompt
    ]
    text, places = cut_out(subject.text, allow.matches(subject.text))
    rest = Subject(subject.stage, text, checked_turns(turns), checked_turns(prompt) or _NOBODY)
    return CutSubject(rest, places, tuple(found))
