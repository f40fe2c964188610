"""Questions that a given text answers, or does not: passages, extraction and follow-ups."""

import json
from collections.abc import Callable
from typing import Final

from ngsd_guard.types import Message
from world._draw import Draw, Task, assistant, concludes, user
from world._text import an, capital
from world.grounded_facts import DOMAINS, sample
from world.grounded_world import Fact, World, build_world, says_only, tell
from world.words.passages import (
    ABOUT_ME,
    AND,
    FIELDS,
    IS_IT_SO,
    JSON_PROMPTS,
    LAYOUTS,
    MISSING,
    SYSTEMS,
)

ABSENT: Final = "The text does not say."


def _lay_out(draw: Draw, world: World, question: str) -> list[Message]:
    prompt = draw.template(LAYOUTS).format(
        text=" ".join(world.paragraphs),
        docs="\n".join(f"[{i}] {text}" for i, text in enumerate(world.paragraphs, 1)),
        bullets="\n".join(f"- {text}" for text in world.paragraphs),
        question=question,
    )
    system: list[Message] = []
    if draw.rng.random() < 0.3:
        system = [{"role": "system", "content": draw.template(SYSTEMS)}]
    return [*system, user(prompt)]


def _bare(name: str) -> str:
    return name.removeprefix("the ")


def _question(draw: Draw, fact: Fact, *, by_pronoun: bool = False) -> str:
    wording = draw.template(fact.attribute.questions)
    by_pronoun = by_pronoun and " of {o}" not in wording
    return capital(fact.fill(wording, by_pronoun=by_pronoun))


def _value_check(world: World, fact: Fact) -> Callable[[str], bool]:
    return says_only(fact.value, [rival.value for rival in world.rivals(fact)])


def _search(world: World, wanted: Fact) -> str:
    """Return the working of a question for the entity: who has which value, until it is found.

    A small model finds what follows a match, and hardly what stands before it; going through the
    passage needs no looking back.
    """
    seen: list[str] = []
    for fact in world.facts:
        if fact.attribute is wanted.attribute:
            seen.append(f"{fact.value}: {_bare(fact.subject.name)}")
        if fact == wanted:
            break
    return f"{capital(', '.join(seen))}. " if seen else ""


def _ends_on_only(expected: str, others: list[str]) -> Callable[[str], bool]:
    """Return a check that the last sentence names one entity, and none of the others."""
    check = says_only(expected, others)
    return lambda text: check(text.rpartition(". ")[2])


def _value_question(draw: Draw, world: World) -> tuple[str, str, Callable[[str], bool]]:
    """Return a question on one stated fact, its answer and the check of an answer."""
    fact = draw.choice(world.facts)
    if fact.attribute.reverse and draw.rng.random() < 0.3:
        question = fact.fill(draw.template(fact.attribute.reverse))
        others = [_bare(rival.subject.name) for rival in world.rivals(fact)]
        check = _ends_on_only(_bare(fact.subject.name), others)
        return question, _search(world, fact) + fact.answer, check
    return _question(draw, fact), fact.answer, _value_check(world, fact)


def passage(draw: Draw) -> Task:
    """A question on one fact of a passage."""
    world = build_world(draw)
    question, answer, check = _value_question(draw, world)
    return Task(tuple(_lay_out(draw, world, question)), answer, check)


def _unanswered_question(draw: Draw, world: World) -> tuple[str, str]:
    """Return a question that the passage leaves open, and the answer."""
    fact = draw.choice(world.unstated)
    chance = draw.rng.random()
    if chance < 0.15:
        named = draw.choice(world.facts)
        return capital(named.fill(draw.template(MISSING))), ABSENT
    if chance < 0.35 and fact.attribute.reverse:
        question = fact.fill(draw.template(fact.attribute.reverse))
        return question, _search(world, fact) + ABSENT
    return _question(draw, fact), ABSENT


def unanswerable(draw: Draw) -> Task:
    """A question that the passage does not answer."""
    world = build_world(draw)
    question, answer = _unanswered_question(draw, world)
    messages = tuple(_lay_out(draw, world, question))
    return Task(messages, answer, lambda text: "not say" in text.lower())


def _asked_whether(draw: Draw, world: World) -> tuple[str, str, str]:
    """Return a yes or no question, its answer, which tells the fact first, and the verdict."""
    fact = draw.choice(world.facts)
    true = draw.rng.random() < 0.5
    rivals = world.rivals(fact) or [f for f in world.unstated if f.attribute is fact.attribute]
    asked = fact if true else Fact(fact.subject, fact.attribute, draw.choice(rivals).value)
    wording = draw.template(fact.attribute.asks + IS_IT_SO)
    question = capital(asked.fill(wording.replace("{fact}", asked.clause)))
    word = "yes" if true else "no"
    return question, f"{capital(fact.clause)}, so {word}.", word


def grounded_yes_no(draw: Draw) -> Task:
    """A yes or no question on one fact of a passage."""
    world = build_world(draw)
    question, answer, word = _asked_whether(draw, world)
    return Task(tuple(_lay_out(draw, world, question)), answer, concludes(word))


def quiz(draw: Draw) -> Task:
    """Several questions of all kinds on one passage: more to learn from the same reading."""
    world = build_world(draw)
    messages: list[Message] = []
    for _ in range(draw.choice((3, 4, 5, 6))):
        chance = draw.rng.random()
        if chance < 0.55:
            question, answer, _ = _value_question(draw, world)
        elif chance < 0.8:
            question, answer, _ = _asked_whether(draw, world)
        else:
            question, answer = _unanswered_question(draw, world)
        if messages:
            messages.append(user(question))
        else:
            messages = _lay_out(draw, world, question)
        messages.append(assistant(answer))
    return Task(tuple(messages[:-1]), messages[-1]["content"])


def _field(draw: Draw, key: str) -> str:
    """Return a name for a JSON field; in training often another one, or spelled otherwise."""
    if draw.split != "train" or draw.rng.random() < 0.5:
        return key
    key = draw.rng.choice((key, *FIELDS.get(key, ())))
    spaced = key.replace("_", " ")
    camel = spaced.title().replace(" ", "")
    camel = camel[0].lower() + camel[1:]
    return draw.rng.choice((key, key, spaced, camel, spaced.title(), f"the_{key}", key.upper()))


def json_extraction(draw: Draw) -> Task:
    """A text to be turned into JSON with given keys."""
    domain = draw.choice(DOMAINS)
    (subject,) = domain.subjects(draw, 1)
    facts = [
        Fact(subject, kind, sample(draw, kind.options, 1)[0])
        for kind in draw.rng.sample(domain.attributes, len(domain.attributes))
    ]
    if domain.refers_back:
        facts.sort(key=lambda fact: domain.attributes.index(fact.attribute))
    record: dict[str, str | int] = {"name": _bare(subject.name)}
    for fact in facts:
        number = fact.value.isdigit()
        record[fact.attribute.key] = int(fact.value) if number else fact.value
    keys = draw.rng.sample(list(record), draw.rng.randint(2, len(record)))
    wanted = {_field(draw, key): record[key] for key in keys}
    if len(wanted) < len(keys):
        wanted = {key: record[key] for key in keys}
    prompt = _fill_json(draw.template(JSON_PROMPTS), wanted, tell(draw, facts))

    def check(text: str) -> bool:
        try:
            return bool(json.loads(text) == wanted)
        except ValueError:
            return False

    return Task((user(prompt),), json.dumps(wanted, ensure_ascii=False), check)


def _fill_json(prompt: str, wanted: dict[str, str | int], text: str) -> str:
    whole = {key: isinstance(value, int) for key, value in wanted.items()}
    return prompt.format(
        text=text,
        keys=", ".join(f'"{key}"' for key in wanted),
        empty=json.dumps({key: 0 if number else "" for key, number in whole.items()}),
        schema=json.dumps({key: "integer" if n else "string" for key, n in whole.items()}),
    )


def follow_up(draw: Draw) -> Task:
    """A conversation whose last question needs the turns before it."""
    return _told(draw) if draw.rng.random() < 0.3 else _asked_on(draw)


def _asked_on(draw: Draw) -> Task:
    world = build_world(draw, complete=True)
    fact = draw.choice(world.facts)
    messages = _lay_out(draw, world, _question(draw, fact))
    asked = {fact}
    for _ in range(draw.choice((1, 1, 2, 3))):
        same = [f for f in world.facts if f.subject == fact.subject and f not in asked]
        rivals = [f for f in world.rivals(fact) if f not in asked]
        if not same + rivals:
            break
        messages.append(assistant(fact.answer))
        fact = draw.choice(same if same and (not rivals or draw.rng.random() < 0.5) else rivals)
        if fact in same:
            question = _question(draw, fact, by_pronoun=True)
        else:
            question = draw.template(AND).format(short=fact.subject.short)
        messages.append(user(question))
        asked.add(fact)
    return Task(tuple(messages), fact.answer, _value_check(world, fact))


def _told(draw: Draw) -> Task:
    chosen = draw.rng.sample(ABOUT_ME, draw.choice((1, 2, 2, 3)))
    told = [(topic, sample(draw, topic[0], 1)[0]) for topic in chosen]
    messages = []
    for (_, sentences, reply, _, _), value in told:
        sentence = draw.template(sentences).format(v=value, a=an(value))
        messages += [user(sentence), assistant(reply.format(v=value))]
    (_, _, _, answer, questions), value = draw.choice(told)
    messages.append(user(draw.template(questions)))
    return Task(
        tuple(messages),
        answer.format(v=value, a=an(value)),
        says_only(value, [other for _, other in told if other != value]),
    )


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "passage": passage,
    "unanswerable": unanswerable,
    "grounded_yes_no": grounded_yes_no,
    "json_extraction": json_extraction,
    "follow_up": follow_up,
    "quiz": quiz,
}
