"""The harmless world: skills made from templates and slots, most with answers a program checks."""

from collections.abc import Callable
from random import Random
from typing import Final

from world import calls, grounded, language, numbers, talk, tools
from world._draw import Draw, Split, Task, assistant, user

__all__ = ["SKILLS", "Draw", "Split", "Task", "assistant", "draw_task", "frame", "user"]

SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    **numbers.SKILLS,
    **grounded.SKILLS,
    **language.SKILLS,
    **tools.SKILLS,
    **calls.SKILLS,
    **talk.SKILLS,
}
_WEIGHTS: Final = {
    "arithmetic": 4.0,
    "word_problem": 8.0,
    "units": 2.5,
    "compare": 8.0,
    "number_list": 7.0,
    "passage": 8.0,
    "unanswerable": 7.0,
    "grounded_yes_no": 3.0,
    "quiz": 15.0,
    "json_extraction": 7.0,
    "follow_up": 7.0,
    "listing": 2.0,
    "sorting": 7.0,
    "pick_word": 6.0,
    "rewriting": 6.0,
    "facts": 5.0,
    "yes_no": 2.5,
    "form_filling": 4.0,
    "tool_call": 8.0,
    "tool_session": 5.0,
    "written_call": 2.0,
    "named_call": 5.0,
}
"""How often a skill is drawn in training; the hard ones more often than the others, at 1."""
_FRAMES: Final = (
    "Pretend you are a pirate. {}", "You are a friendly teacher. {}", "Answer in one sentence. {}",
    "Please answer this question: {}", "I have a question. {}", "For my homework: {}",
    "You are an expert. {}", "Imagine we are in a story. {}", "Hypothetically, {}",
    "Hi! {} Thanks!", "Let's play a game. {}", "{} Please be brief.",
)  # fmt: skip


def draw_task(draw: Draw, skill: str | None = None) -> Task:
    """Draw one task of a skill, or of any."""
    if skill is None:
        weights = [_WEIGHTS.get(name, 1.0) for name in SKILLS]
        (skill,) = draw.rng.choices(tuple(SKILLS), weights)
    return SKILLS[skill](draw)


def frame(rng: Random, prompt: str) -> str:
    """Put a harmless prompt into a harmless frame."""
    return rng.choice(_FRAMES).format(prompt)
