"""A kind of fact, as the modules of words spell it out.

In wordings, {s}, {o} and {p} are the entity as subject, object and possessor, by name or pronoun;
{v} is the value and {a} the value with its article.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attribute:
    """A kind of fact, with its wordings."""

    key: str
    """The name as a JSON key."""
    options: tuple[str, ...]
    sentences: tuple[str, ...]
    questions: tuple[str, ...]
    """Ask for the value."""
    answer: str
    asks: tuple[str, ...]
    """Ask for yes or no."""
    reverse: tuple[str, ...] = ()
    """Ask for the entity."""
