"""Phrases that a policy allows, which are removed from a text before it is judged."""

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
    """Name of the category with the rule; `policy` for a rule of the policy."""
    rule_index: int
    start: int
    """First character of the match."""
    end: int
    """End of the match, exclusive, in characters."""
    turn_index: int | None = None
    """Index of the turn, not counting blank ones; None for the text that a category is scored
    on."""


class AllowList:
    """The allow rules of a policy or of one of its categories.

    Matches are removed and the rest is judged, so that an allowed phrase does not exempt the text
    around it.
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
        """Return all matches in a text, in order; they may overlap."""
        found = [
            Exemption(self._owner, index, match.start(), match.end())
            for index, pattern in enumerate(self._patterns)
            for match in pattern.finditer(text)
            if match.end() > match.start()
        ]
        return sorted(found, key=lambda exemption: (exemption.start, exemption.end))


def cut_out(text: str, exemptions: Sequence[Exemption]) -> tuple[str, list[int] | None]:
    """Return a text without the exempt parts, and the original positions of its characters.

    Returns:
        The rest, and the index in `text` of each of its characters and its end; None instead of
        the indices if nothing was removed.
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
    """A subject without the exempt parts."""

    subject: Subject
    places: list[int] | None
    """Original positions of the characters of its text; None if nothing was removed."""
    exemptions: tuple[Exemption, ...]


def cut_subject(subject: Subject, allow: AllowList) -> CutSubject:
    """Return a subject without the exempt parts of its turns."""
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
