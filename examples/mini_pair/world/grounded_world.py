"""Passages: facts about a few entities of one kind, told in sentences."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from world._draw import Draw
from world._text import an, capital
from world.grounded_facts import DOMAINS, Domain, Subject, sample
from world.words import slots
from world.words.attribute import Attribute

_FRAMES: Final = (
    ("Here is what we know.", ""), ("This was in the paper.", ""), ("A short note.", ""),
    ("", "That is all for now."), ("", "More news will follow."), ("", "Thank you for reading."),
    ("Sent by Mr {surname}.", ""), ("", "Written for {company}."),
)  # fmt: skip
"""Sentences before and after the facts that fit any passage."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one attribute of an entity."""

    subject: Subject
    attribute: Attribute
    value: str

    def fill(self, wording: str, *, by_pronoun: bool = False) -> str:
        """Return a wording about this fact."""
        name = self.subject.name
        s, o, p = self.subject.pronouns if by_pronoun else (name, name, f"{name}'s")
        return wording.format(s=s, o=o, p=p, v=self.value, a=an(self.value))

    @property
    def clause(self) -> str:
        """The answer sentence, to be used inside another."""
        return self.fill(self.attribute.answer)[:-1]

    @property
    def answer(self) -> str:
        """The answer sentence."""
        return capital(self.clause) + "."


@dataclass(frozen=True, slots=True)
class World:
    """A passage, the facts it states, and others of the same kinds that it does not."""

    domain: Domain
    paragraphs: tuple[str, ...]
    facts: tuple[Fact, ...]
    unstated: tuple[Fact, ...]

    def rivals(self, fact: Fact) -> list[Fact]:
        """Return what else is stated of the same attribute."""
        return [
            other for other in self.facts if other.attribute is fact.attribute and other != fact
        ]


def mentions(text: str, value: str) -> bool:
    """Say whether a text contains a value as whole words and numbers."""
    pattern = rf"(?<![\w.:]){re.escape(value)}(?!\w|[.:]\d)"
    return re.search(pattern, text, re.IGNORECASE) is not None


def says_only(expected: str, rivals: Sequence[str]) -> Callable[[str], bool]:
    """Return a check for a text that contains one value and no other candidate."""
    return lambda text: (
        mentions(text, expected) and not any(mentions(text, rival) for rival in rivals)
    )


def build_world(draw: Draw, *, complete: bool = False) -> World:
    """Draw a passage; a complete one states the same attributes of every entity."""
    while True:
        domain = draw.choice(DOMAINS)
        count = draw.choice((2, 2, 3, 3, 4))
        subjects = domain.subjects(draw, count + 1)
        table = [[Fact(s, a, v) for s, v in zip(subjects, values, strict=True)]
                 for a in domain.attributes
                 for values in [sample(draw, a.options, count + 1)]]  # fmt: skip
        extras = {"surname": draw.value(slots.SURNAMES), "company": draw.value(slots.COMPANIES)}
        known = [fact.value for row in table for fact in row] + [s.short for s in subjects]
        words = [*known, *extras.values()]
        if not any(mentions(b, a) for a in words for b in words if a is not b):
            break
    wanted = 2 if count < 4 and (complete or draw.rng.random() < 0.7) else 1
    kinds = draw.rng.sample(range(len(table)), min(wanted, len(table)))
    if domain.refers_back:
        kinds = sorted({0, *kinds}) if count < 4 else [0]
    paragraphs, facts, unstated = [], [], []
    for index in range(count):
        stated = [table[kind][index] for kind in kinds]
        if not complete and len(stated) > 1 and draw.rng.random() < 0.3:
            unstated.append(stated.pop())
        unstated += [row[index] for kind, row in enumerate(table) if kind not in kinds]
        facts += stated
        paragraphs.append(tell(draw, stated))
    unstated += [table[kind][count] for kind in kinds]
    before, after = (part.format(**extras) for part in draw.template(domain.frames + _FRAMES))
    paragraphs[0] = f"{before} {paragraphs[0]}".strip()
    paragraphs[-1] = f"{paragraphs[-1]} {after}".strip()
    return World(domain, tuple(paragraphs), tuple(facts), tuple(unstated))


def tell(draw: Draw, facts: Sequence[Fact]) -> str:
    """Return facts about one entity as sentences."""
    sentences: list[str] = []
    for fact in facts:
        wording = draw.template(fact.attribute.sentences)
        by_pronoun = bool(sentences) and " of {o}" not in wording
        sentences.append(capital(fact.fill(wording, by_pronoun=by_pronoun)))
    return " ".join(sentences)
