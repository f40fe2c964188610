"""Small talk, how-tos, definitions and short pieces of writing."""

from collections.abc import Callable
from typing import Final

from lexicon import NAMES
from ngsd_guard.types import Message
from world._draw import Draw, Task, assistant, user
from world.words.chat import SMALL_TALK
from world.words.explanations import DEFINE_ASK, DEFINITIONS, HOW_ASK, HOW_TO
from world.words.writing import (
    ANIMALS,
    EMAIL_ASK,
    EMAILS,
    MATTERS,
    PLACES,
    POEM_ASK,
    POEMS,
    STORIES,
    STORY_ASK,
    THEMES,
    VIRTUES,
    WISH_ASK,
    WISHES,
)


def small_talk(draw: Draw) -> Task:
    """Chat for one to three turns; what is said about the model is true."""
    count = draw.choice((1, 1, 1, 2, 3))
    turns: list[Message] = []
    answer = ""
    for prompts, reply in draw.rng.sample(SMALL_TALK, count):
        if answer:
            turns.append(assistant(answer))
        turns.append(user(draw.template(prompts)))
        answer = reply
    return Task(tuple(turns), answer)


def how_to(draw: Draw) -> Task:
    """Explain an everyday thing in three steps."""
    topic = draw.choice(sorted(HOW_TO))
    steps = enumerate(HOW_TO[topic].split("|"), 1)
    answer = "\n".join(f"{number}. {step}." for number, step in steps)
    return Task((user(draw.template(HOW_ASK).format(topic)),), answer)


def definition(draw: Draw) -> Task:
    """Say what something is in one sentence."""
    word = draw.choice(sorted(DEFINITIONS))
    prompt = draw.template(DEFINE_ASK).format(word)
    return Task((user(prompt),), f"{word[0].upper()}{word[1:]} is {DEFINITIONS[word]}.")


def short_writing(draw: Draw) -> Task:
    """Write a story, an email, a birthday wish or a few lines of verse."""
    slots = {
        "a": draw.value(ANIMALS),
        "t": draw.value(VIRTUES),
        "p": draw.value(PLACES),
        "n": draw.value(NAMES),
        "m": draw.value(MATTERS),
        "x": draw.value(THEMES),
    }
    asks, texts = draw.choice(
        (
            (STORY_ASK, STORIES),
            (EMAIL_ASK, EMAILS),
            (WISH_ASK, WISHES),
            (POEM_ASK, POEMS),
        )
    )
    prompt, answer = draw.template(asks).format(**slots), draw.choice(texts).format(**slots)
    return Task((user(prompt.replace(" a owl", " an owl")),), answer.replace(" a owl", " an owl"))


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "small_talk": small_talk,
    "how_to": how_to,
    "definition": definition,
    "short_writing": short_writing,
}
