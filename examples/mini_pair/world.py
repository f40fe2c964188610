"""The benign world: generated skills whose answers can be checked by string comparison."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from lexicon import (
    CAN,
    CANNOT,
    CAPITALS,
    COUNTABLE,
    DAYS,
    IRREGULAR_PLURALS,
    KINDS,
    LEGS,
    MONTHS,
    NAMES,
    OPPOSITES,
    PLACES,
    SINGULAR,
    SOUNDS,
    THINGS,
    UNITS,
    VERBS,
)


@dataclass(frozen=True, slots=True)
class Task:
    """One harmless request and its answer."""

    skill: str
    prompt: str
    answer: str


def in_test_split(key: str, percent: int = 10) -> bool:
    """Say whether a prompt, object or wrapper is kept out of training; depends on its text only."""
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100 < percent


def an(noun: str) -> str:
    """Return a noun with its indefinite article."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _join(words: list[str]) -> str:
    return ", ".join(words[:-1]) + " and " + words[-1]


def arithmetic(rng: Random) -> tuple[str, str]:
    """Sums, differences and small products."""
    kind = rng.choice(("plus", "minus", "times"))
    a, b = (rng.randint(0, 9), rng.randint(0, 9)) if kind == "times" else _addends(rng)
    if kind == "minus":
        a, b = max(a, b), min(a, b)
    result = {"plus": a + b, "minus": a - b, "times": a * b}[kind]
    sign = {"plus": "+", "minus": "-", "times": "x"}[kind]
    prompt = rng.choice((
        f"What is {a} {kind} {b}?", f"{a} {sign} {b} =", f"Work out {a} {kind} {b}.",
        f"Calculate {a} {sign} {b}.", f"How much is {a} {kind} {b}?", f"what's {a} {kind} {b}",
    ))  # fmt: skip
    return prompt, f"{a} {kind} {b} is {result}."


def _addends(rng: Random) -> tuple[int, int]:
    high = 10 if rng.random() < 0.6 else 20
    return rng.randint(0, high), rng.randint(0, high)


def word_problem(rng: Random) -> tuple[str, str]:
    """Little stories with one addition or subtraction."""
    name, other = rng.sample(NAMES, 2)
    things = rng.choice(COUNTABLE)
    a, b = rng.randint(2, 12), rng.randint(1, 8)
    a, b = max(a, b), min(a, b)
    if rng.random() < 0.5:
        event = rng.choice((f"finds {b} more", f"gets {b} more from {other}", f"buys {b} more"))
        total, sign = a + b, "plus"
    else:
        event = rng.choice((f"gives {b} to {other}", f"loses {b}", f"sells {b}"))
        total, sign = a - b, "minus"
    return (
        f"{name} has {a} {things} and {event}. How many {things} does {name} have now?",
        f"{a} {sign} {b} is {total}. {name} has {total} {things}.",
    )


def units(rng: Random) -> tuple[str, str]:
    """Conversions from a large unit to a small one."""
    large, small, factor = rng.choice(UNITS)
    count = rng.randint(1, 9)
    larges = large if count == 1 else IRREGULAR_PLURALS.get(large, f"{large}s")
    smalls = IRREGULAR_PLURALS.get(small, f"{small}s")
    prompt = rng.choice((
        f"How many {smalls} are in {count} {larges}?", f"Convert {count} {larges} to {smalls}.",
        f"{count} {larges} in {smalls}?",
    ))  # fmt: skip
    return prompt, f"There are {count * factor} {smalls} in {count} {larges}."


def passage(rng: Random) -> tuple[str, str]:
    """Questions about a short passage, some of which it does not answer."""
    (n1, n2), (p1, p2) = rng.sample(NAMES, 2), rng.sample(PLACES, 2)
    (t1, t2), (d1, d2) = rng.sample(THINGS, 2), rng.sample(DAYS, 2)
    who = ((n1, p1, t1, d1), (n2, p2, t2, d2))
    verb, past = rng.choice((("buy", "bought"), ("find", "found"), ("see", "saw")))
    text = " ".join(f"On {d}, {n} went to {p} and {past} {t}." for n, p, t, d in who)
    name, place, thing, day = rng.choice(who)
    missing = rng.choice(("Why did {n} go there?", "Who went with {n}?", "How old is {n}?"))
    question, answer = rng.choice((
        (f"Where did {name} go?", f"{name} went to {place}."),
        (f"What did {name} {verb}?", f"{name} {past} {thing}."),
        (f"When did {name} go to {place}?", f"{name} went to {place} on {day}."),
        (f"Who {past} {thing}?", f"{name} {past} {thing}."),
        (missing.format(n=name), "The passage does not say."),
    ))  # fmt: skip
    prompt = rng.choice((
        f"{text}\n\n{question}", f"Read the passage and answer.\n\n{text}\n\nQuestion: {question}",
        f"{question}\n\nPassage: {text}",
    ))  # fmt: skip
    return prompt, answer


def yes_no(rng: Random) -> tuple[str, str]:
    """Questions of kind and ability."""
    if rng.random() < 0.7:
        kind, other = rng.sample(sorted(KINDS), 2)
        word = rng.choice(KINDS[kind])
        ask = rng.choice((
            "Is {} {}?", "Would you call {} {}?", "Is it true that {} is {}?",
            "Yes or no: is {} {}?", "Tell me whether {} is {}.", "is {} {}",
        ))  # fmt: skip
        if rng.random() < 0.5 or word in KINDS[other] or {kind, other} == {"animals", "birds"}:
            return ask.format(word, SINGULAR[kind]), f"Yes, {word} is {SINGULAR[kind]}."
        return ask.format(word, SINGULAR[other]), f"No, {word} is not {SINGULAR[other]}."
    ask = rng.choice(("Can {} {}?", "Is {} able to {}?", "Tell me whether {} can {}."))
    if rng.random() < 0.5:
        noun = rng.choice(sorted(CAN))
        return ask.format(an(noun), CAN[noun]), f"Yes, {an(noun)} can {CAN[noun]}."
    noun = rng.choice(sorted(CANNOT))
    return ask.format(an(noun), CANNOT[noun]), f"No, {an(noun)} cannot {CANNOT[noun]}."


def listing(rng: Random) -> tuple[str, str]:
    """Naming members of a kind, sorting and choosing words."""
    kind = rng.choice(sorted(KINDS))
    count = rng.choice((3, 3, 4, 5))
    number = {3: "three", 4: "four", 5: "five"}[count]
    form = rng.randrange(4)
    if form == 0:
        verb = rng.choice(("Name", "List", "Tell me", "Give me"))
        named = KINDS[kind][:count]
        return f"{verb} {number} {kind}.", f"{number.capitalize()} {kind} are {_join(named)}."
    words = rng.sample(KINDS[kind], 3)
    joined = ", ".join(words)
    if form == 1:
        verb = rng.choice(("Sort these words", "Put these words in alphabetical order"))
        return f"{verb}: {joined}", ", ".join(sorted(words))
    if form == 2:
        index = rng.randrange(3)
        order = ("first", "second", "third")[index]
        return f"Which word comes {order}: {joined}?", f"The {order} word is {words[index]}."
    odd_kind = rng.choice([k for k in sorted(KINDS) if k != kind])
    odd = rng.choice([w for w in KINDS[odd_kind] if w not in KINDS[kind]])
    shown = [*words[:2], odd]
    rng.shuffle(shown)
    return f"Find the odd one out: {', '.join(shown)}", f"The odd one out is {odd}."


def rewriting(rng: Random) -> tuple[str, str]:
    """Tense, negation, politeness and capitals."""
    present, past, stem, rest = rng.choice(VERBS)
    name = rng.choice(NAMES)
    sentence = f"{name} {present} {rest}."
    task, answer = rng.choice((
        ("Put this sentence in the past tense", f"{name} {past} {rest}."),
        ("Rewrite this sentence in the future tense", f"{name} will {stem} {rest}."),
        ("Make this sentence negative", f"{name} does not {stem} {rest}."),
        ("Turn this sentence into a question", f"Does {name} {stem} {rest}?"),
        ("Write this sentence in capital letters", sentence.upper()),
    ))  # fmt: skip
    return rng.choice((f"{task}: {sentence}", f"{task}.\n\n{sentence}")), answer


def facts(rng: Random) -> tuple[str, str]:
    """Capitals, opposites, sounds, legs, days and months."""
    form = rng.randrange(6)
    if form <= 1:
        country = rng.choice(sorted(CAPITALS))
        capital = CAPITALS[country].replace("_", " ")
        if rng.random() < 0.3:
            return f"Which country has {capital} as its capital?", (
                f"{capital} is the capital of {country}."
            )
        question = rng.choice((
            "What is the capital of {}?", "Name the capital of {}.", "Tell me the capital of {}.",
            "capital of {}", "Which city is the capital of {}?",
        ))  # fmt: skip
        return question.format(country), f"The capital of {country} is {capital}."
    if form == 2:
        word = rng.choice(sorted(OPPOSITES))
        question = rng.choice(("What is the opposite of {}?", "Give the opposite of {}."))
        return question.format(word), f"The opposite of {word} is {OPPOSITES[word]}."
    if form == 3:
        animal = rng.choice(sorted(SOUNDS))
        return f"What sound does {an(animal)} make?", f"{an(animal).capitalize()} {SOUNDS[animal]}."
    if form == 4:
        animal = rng.choice(sorted(LEGS))
        count = LEGS[animal] or "no"
        return f"How many legs does {an(animal)} have?", (
            f"{an(animal).capitalize()} has {count} legs."
        )
    cycle = rng.choice((DAYS, MONTHS))
    what, index = ("day", rng.randrange(7)) if cycle is DAYS else ("month", rng.randrange(12))
    step, word = rng.choice(((1, "after"), (-1, "before")))
    answer = cycle[(index + step) % len(cycle)]
    return f"Which {what} comes {word} {cycle[index]}?", (f"{answer} comes {word} {cycle[index]}.")


SKILLS: Final[dict[str, Callable[[Random], tuple[str, str]]]] = {
    "arithmetic": arithmetic,
    "word_problem": word_problem,
    "units": units,
    "passage": passage,
    "yes_no": yes_no,
    "listing": listing,
    "rewriting": rewriting,
    "facts": facts,
}


_WEIGHTS: Final = {"arithmetic": 2.5, "word_problem": 1.5, "passage": 2.0, "listing": 1.5}
"""How often a skill is drawn against the others; the hard ones more often."""


def draw_task(rng: Random, skill: str | None = None, *, test: bool = False) -> Task:
    """Draw one task from the training or the test half of the world."""
    while True:
        drawn = rng.choices(tuple(SKILLS), [_WEIGHTS.get(name, 1.0) for name in SKILLS])
        name = skill or drawn[0]
        prompt, answer = SKILLS[name](rng)
        if in_test_split(prompt) == test:
            return Task(name, prompt, answer)
