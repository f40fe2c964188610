"""What every skill consists of: a task, and the templates and slot values it is drawn from."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Literal, TypeVar

from ngsd_guard.types import Message
from splits import in_test_split, text_hash

Split = Literal["train", "new_slots", "new_templates"]
"""Training material, or test material with slot values or templates that training never shows."""
T = TypeVar("T")
_HELD_OUT_PERCENT = 12


def user(text: str) -> Message:
    """Return a user turn."""
    return {"role": "user", "content": text}


def assistant(text: str) -> Message:
    """Return an assistant turn."""
    return {"role": "assistant", "content": text}


def is_exactly(expected: str) -> Callable[[str], bool]:
    """Return a check for one text, whatever its case and outer blanks."""
    return lambda text: text.strip().lower() == expected.strip().lower()


def concludes(word: str) -> Callable[[str], bool]:
    """Return a check that the last "yes" or "no" of a text is the expected one."""
    return lambda text: re.findall(r"\b(?:yes|no)\b", text.lower())[-1:] == [word]


@dataclass(frozen=True, slots=True)
class Task:
    """A harmless conversation that waits for an answer."""

    messages: tuple[Message, ...]
    """Up to and including the user turn to be answered; earlier assistant turns are right."""
    answer: str
    """The answer to learn."""
    check: Callable[[str], bool] | None = None
    """Says whether some text is a right answer; None where only a reader could."""


class Draw:
    """Draws templates and slot values from one split; what is held out depends on its text only."""

    def __init__(self, rng: Random, split: Split = "train") -> None:
        self.rng = rng
        self.split: Split = split

    def template(self, options: Sequence[T]) -> T:
        """Draw a wording; in `new_templates`, one that training never shows."""
        part: tuple[T, ...] = _part(tuple(options), self.split == "new_templates")
        return self.rng.choice(part)

    def value(self, options: Sequence[T]) -> T:
        """Draw a slot value; in `new_slots`, one that training never shows."""
        part: tuple[T, ...] = _part(tuple(options), self.split == "new_slots")
        return self.rng.choice(part)

    def values(self, options: Sequence[T], count: int) -> list[T]:
        """Draw different slot values."""
        return self.rng.sample(_part(tuple(options), self.split == "new_slots"), count)

    def choice(self, options: Sequence[T]) -> T:
        """Draw something that is never held out: a fact to be known, or a form of the task."""
        return self.rng.choice(options)

    def accepts(self, combination: str) -> bool:
        """Say whether a combination of slot values, such as "47+38", belongs to this split.

        For slots too few to be held out one by one: draw again until it does.
        """
        return _is_held_out(combination) == (self.split == "new_slots")


def _is_held_out(key: object) -> bool:
    return in_test_split(str(key), _HELD_OUT_PERCENT)


def _hash(key: object) -> int:
    return text_hash(str(key))


@lru_cache(maxsize=4096)
def _part(options: tuple[T, ...], held_out: bool) -> tuple[T, ...]:
    """Return the held-out options (at least one where there are three or more), or the others."""
    if len(options) < 3:
        return options
    apart = {option for option in options if _is_held_out(option)} or {min(options, key=_hash)}
    if len(apart) == len(options):
        apart = {min(options, key=_hash)}
    return tuple(option for option in options if (option in apart) == held_out)
