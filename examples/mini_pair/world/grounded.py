"""Questions that a given text answers, or does not: passages, extraction and follow-ups."""

import json
from collections.abc import Callable
from typing import Final

from ngsd_guard.types import Message
from world._draw import Draw, Task, assistant, concludes, user
from world._text import an, capital
from world.grounded_facts import DOMAINS, sample
from world.grounded_world import Fact, World, build_world, says_only, tell
from world.words import slots

ABSENT: Final = "The text does not say."
_LAYOUTS: Final = (
    "{text}\n\n{question}", "{text} {question}", "{question}\n\n{text}",
    "Context: {text}\nQuestion: {question}", "Context:\n{text}\n\nQuestion: {question}\nAnswer:",
    "Use only the text to answer.\n\n{text}\n\n{question}",
    "Read the text and answer the question.\nText: {text}\nQuestion: {question}",
    "Question: {question}\nText: {text}", 'Here is a text: "{text}" {question}',
    "Passage:\n{text}\n\nBased on the passage, answer this: {question}",
    "Answer from these documents.\n\n{docs}\n\nQuestion: {question}", "{docs}\n\n{question}",
    "Documents:\n{docs}\n\nUse the documents above to answer: {question}",
    "Question: {question}\n\nSearch results:\n{docs}", "Notes:\n{bullets}\n\n{question}",
    "I have a question: {question} Here is what I know.\n{bullets}",
    'Answer from the text. If it gives no answer, reply "The text does not say."\n\n'
    "{text}\n\n{question}",
    "Text:\n{text}\n\n{question}", "Look at the text below and answer: {question}\n\n{text}",
    "{bullets}\n\nQuestion: {question}\nAnswer:",
    "Sources:\n{docs}\n\nUse the sources to answer the question: {question}",
    "Read these documents to answer: {question}\n\n{docs}",
    "What does this text say?\n{text}\n{question}",
    "Please read this: {text}\n\nNow tell me: {question}", "{text}\n\nQ: {question}\nA:",
    "Text: {text}\n\n{question}", "Please answer from this text.\n{text}\n{question}",
    "{question} Look here: {text}", "My question: {question}\nMy text: {text}",
    "I read this: {text} {question}", "Story: {text}\n\nQuestion: {question}",
    "Information:\n{text}\n\n{question}",
    "With the help of this text, answer: {question}\n\n{text}", "{docs}\n\nQ: {question}",
    "Search results:\n{docs}\n\nQuestion: {question}",
    "Found pages:\n{docs}\nNow answer: {question}",
    "Use these results to answer.\nQuestion: {question}\n{docs}", "{question}\n\nSources:\n{docs}",
    "Facts:\n{bullets}\n\nQuestion: {question}", "{question}\n{bullets}",
    "List:\n{bullets}\nWhat I want to know: {question}",
    "From these notes, tell me: {question}\n\n{bullets}", "Paragraph: {text}\n{question}",
    "Question about a text: {question}\n\n{text}",
    "Find the answer in the text. {question}\n\n{text}", "{text}\n---\n{question}",
    "Background: {text}\nUser question: {question}", "The text says: {text}\n{question}",
)  # fmt: skip
_SYSTEMS: Final = (
    "Answer from the context.", "Use only the given text.",
    "Answer only with facts from the context.", "You answer questions about a text.",
    "You are a helpful assistant. Answer from the documents you are given.",
    "Answer in one short sentence, using the text only.", "Stay with the text.",
    "Base each answer on the documents.", "Answer from the notes you are given.",
    "If the text does not say it, tell the user so.", "You help readers to find facts.",
    "Read the passage and answer.", "Keep to the sources.", "Give short answers from the text.",
)  # fmt: skip
_MISSING: Final = (
    "Where can I read more about {o}?", "Who wrote a letter about {o}?",
    "Why do people talk about {o}?", "What did the newspaper say about {o}?",
    "What do people say about {o}?", "Who told us about {o}?", "Who first heard of {o}?",
    "Who made a film about {o}?", "How many people know about {o}?", "Who asked about {o}?",
    "What song is there about {o}?", "When was the first report about {o}?",
    "Who took a photo of {o}?", "Why is {o} so well known?",
)  # fmt: skip
_IS_IT_SO: Final = (
    "Is it true that {fact}?", "Does the text say that {fact}?", "Is it right that {fact}?",
    "Is it correct that {fact}?", "Is it so that {fact}?", "Can we say that {fact}?",
    "Do we read that {fact}?", "Would you say that {fact}?", "Is it a fact that {fact}?",
    "Does it say that {fact}?", "Would it be right to say that {fact}?",
)  # fmt: skip


def _lay_out(draw: Draw, world: World, question: str) -> list[Message]:
    prompt = draw.template(_LAYOUTS).format(
        text=" ".join(world.paragraphs),
        docs="\n".join(f"[{i}] {text}" for i, text in enumerate(world.paragraphs, 1)),
        bullets="\n".join(f"- {text}" for text in world.paragraphs),
        question=question,
    )
    system: list[Message] = []
    if draw.rng.random() < 0.3:
        system = [{"role": "system", "content": draw.template(_SYSTEMS)}]
    return [*system, user(prompt)]


def _bare(name: str) -> str:
    return name.removeprefix("the ")


def _question(draw: Draw, fact: Fact, *, by_pronoun: bool = False) -> str:
    wording = draw.template(fact.attribute.questions)
    by_pronoun = by_pronoun and " of {o}" not in wording
    return capital(fact.fill(wording, by_pronoun=by_pronoun))


def _value_check(world: World, fact: Fact) -> Callable[[str], bool]:
    return says_only(fact.value, [rival.value for rival in world.rivals(fact)])


def _value_question(draw: Draw, world: World) -> tuple[str, str, Callable[[str], bool]]:
    """Return a question on one stated fact, its answer and the check of an answer."""
    fact = draw.choice(world.facts)
    if fact.attribute.reverse and draw.rng.random() < 0.3:
        question = fact.fill(draw.template(fact.attribute.reverse))
        others = [_bare(rival.subject.name) for rival in world.rivals(fact)]
        return question, fact.answer, says_only(_bare(fact.subject.name), others)
    return _question(draw, fact), fact.answer, _value_check(world, fact)


def passage(draw: Draw) -> Task:
    """A question on one fact of a passage."""
    world = build_world(draw)
    question, answer, check = _value_question(draw, world)
    return Task(tuple(_lay_out(draw, world, question)), answer, check)


def _unanswered_question(draw: Draw, world: World) -> str:
    fact = draw.choice(world.unstated)
    chance = draw.rng.random()
    if chance < 0.15:
        named = draw.choice(world.facts)
        return capital(named.fill(draw.template(_MISSING)))
    if chance < 0.35 and fact.attribute.reverse:
        return fact.fill(draw.template(fact.attribute.reverse))
    return _question(draw, fact)


def unanswerable(draw: Draw) -> Task:
    """A question that the passage does not answer."""
    world = build_world(draw)
    messages = tuple(_lay_out(draw, world, _unanswered_question(draw, world)))
    return Task(messages, ABSENT, lambda text: "not say" in text.lower())


def _asked_whether(draw: Draw, world: World) -> tuple[str, str, str]:
    """Return a yes or no question, its answer, which tells the fact first, and the verdict."""
    fact = draw.choice(world.facts)
    true = draw.rng.random() < 0.5
    rivals = world.rivals(fact) or [f for f in world.unstated if f.attribute is fact.attribute]
    asked = fact if true else Fact(fact.subject, fact.attribute, draw.choice(rivals).value)
    wording = draw.template(fact.attribute.asks + _IS_IT_SO)
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
            question, answer = _unanswered_question(draw, world), ABSENT
        if messages:
            messages.append(user(question))
        else:
            messages = _lay_out(draw, world, question)
        messages.append(assistant(answer))
    return Task(tuple(messages[:-1]), messages[-1]["content"])


_JSON_PROMPTS: Final = (
    "{text}\n\nReturn JSON with the keys {keys}.", "Return JSON with the keys {keys}.\n\n{text}",
    "Extract {keys} from the text as JSON.\nText: {text}",
    "Text: {text}\nGive me a JSON object with {keys}.",
    "Fill in this JSON object from the text.\n{empty}\n\n{text}", "{text}\n\nFill in: {empty}",
    "Complete the empty fields of {empty} from this text: {text}",
    "Schema: {schema}\nText: {text}\nReturn JSON that fits the schema.",
    "{text}\n\nTurn this into JSON with this schema: {schema}",
    "Extract the data as JSON. Use this schema: {schema}\n\n{text}",
    "Read the text and answer in JSON only, with the keys {keys}.\n\n{text}",
    "Write the facts of this text as JSON ({keys}): {text}",
    "Convert to JSON. Keys: {keys}. Text: {text}", "Answer with JSON like {schema}.\n{text}",
    "Give me {keys} as JSON.\n\n{text}", "{text}\nAnswer with a JSON object. Keys: {keys}.",
    "From the text, make JSON with {keys}.\n{text}",
    "I need JSON with the keys {keys} for this: {text}",
    "Make a JSON object with {keys} from this text.\n\n{text}", "{text}\n\nJSON keys: {keys}",
    "JSON ({keys}) for this text, please:\n{text}",
    "Find {keys} in the text and return them as JSON.\n\n{text}",
    "Read this: {text}\nWrite {keys} as JSON.", "Keys: {keys}\nText: {text}\nJSON:",
    "Please turn the text into JSON with {keys}.\nText: {text}",
    "{text}\n\nPut {keys} into a JSON object.",
    "Output only JSON with the fields {keys}.\n\n{text}",
    "Text:\n{text}\n\nFields: {keys}\nReturn a JSON object.",
    "Parse this text into JSON with the fields {keys}: {text}",
    "What are {keys} in this text? Answer in JSON.\n{text}",
    "Collect {keys} from the text below as JSON.\n\n{text}",
    "{text}\n\nComplete this JSON: {empty}",
    "Fill the gaps in {empty} with facts from the text.\n\n{text}",
    "Here is an empty record: {empty}\nFill it in from this text: {text}",
    "Form: {empty}\nText: {text}\nReturn the form with its values.",
    "{text}\nReturn this object with its values filled in: {empty}",
    "Use the text to fill in {empty}.\nText: {text}",
    "Replace the empty values in {empty}.\n\n{text}",
    "Template:\n{empty}\n\nText:\n{text}\n\nReturn the filled template.",
    "Please fill in this JSON: {empty}\n\n{text}", "Text: {text}\nEmpty JSON: {empty}\nFull JSON:",
    "{text}\n\nReturn JSON that fits this schema: {schema}",
    "Follow the schema {schema} and write the text as JSON.\n\n{text}",
    "Schema:\n{schema}\n\nText:\n{text}", "The JSON should look like {schema}. The text is: {text}",
    "Text: {text}\nSchema: {schema}\nJSON:",
    "Write JSON for this text. The types are {schema}.\n{text}",
    "Make a record of type {schema} from this text: {text}", "Output format: {schema}\n\n{text}",
    "Answer in the format {schema}.\n\nText: {text}",
    "{text}\n\nFormat: {schema}\nAnswer in JSON only.",
    "Use the fields and types in {schema} for the text below.\n\n{text}",
)  # fmt: skip


_FIELDS: Final = {
    "name": ("title", "who", "subject", "entry"),
    "city": ("town", "place_name", "home", "location"),
    "job": ("profession", "work", "occupation"),
    "year": ("birth_year", "born", "born_in"),
    "room": ("room_number", "office", "where"),
    "destination": ("goal", "trip_to", "to", "target"),
    "item": ("thing", "object", "article"),
    "place": ("location", "venue", "site"),
    "book": ("book_title", "borrowed", "reading"),
    "price": ("cost", "amount", "total"),
    "points": ("score", "result"),
    "hobby": ("pastime", "interest", "likes"),
    "age": ("years", "years_old"),
    "weight": ("grams", "mass"),
    "owner": ("keeper", "belongs_to"),
    "animal": ("species", "kind", "type"),
    "date": ("day", "when", "event_date"),
    "time": ("start", "begins", "start_time"),
    "temperature": ("degrees", "warmth"),
    "weather": ("sky", "forecast"),
    "minutes": ("duration", "cooking_time"),
    "cook": ("chef", "made_by"),
    "serves": ("people", "portions"),
    "founded": ("opened", "since"),
    "product": ("goods", "sells"),
    "transport": ("vehicle", "travelled_by"),
}


def _field(draw: Draw, key: str) -> str:
    """Return a name for a JSON field; in training often another one, or spelled otherwise."""
    if draw.split != "train" or draw.rng.random() < 0.5:
        return key
    key = draw.rng.choice((key, *_FIELDS.get(key, ())))
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
    prompt = _fill_json(draw.template(_JSON_PROMPTS), wanted, tell(draw, facts))

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


_AND: Final = (
    "And {short}?", "What about {short}?", "How about {short}?", "And for {short}?",
    "Now the same for {short}.", "The same question for {short}.", "And {short}, then?",
    "And what about {short}?", "Then what about {short}?", "Can you tell me the same for {short}?",
    "And how about {short}?",
)  # fmt: skip


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
            question = draw.template(_AND).format(short=fact.subject.short)
        messages.append(user(question))
        asked.add(fact)
    return Task(tuple(messages), fact.answer, _value_check(world, fact))


_ABOUT_ME: Final = (
    (slots.WOMEN + slots.MEN,
     ("My name is {v}.", "I am called {v}.", "Hi, I'm {v}.", "Call me {v}."),
     "Nice to meet you, {v}.", "Your name is {v}.",
     ("What is my name?", "Who am I?", "What am I called?", "Do you know my name?")),
    (slots.TOWNS, ("I live in {v}.", "My home is in {v}.", "I'm from {v}.", "My town is {v}."),
     "Thank you for telling me about {v}.", "You live in {v}.",
     ("Where do I live?", "Which town do I live in?", "Where is my home?", "What is my town?")),
    (slots.JOBS, ("I work as {a}.", "I earn a living as {a}.", "I'm {a}.", "I have a job as {a}."),
     "That is a good job.", "You work as {a}.",
     ("What is my job?", "What do I do for a living?", "What do I work as?",
      "What job do I have?")),
    (slots.HOBBIES, ("I like {v}.", "My hobby is {v}.", "I enjoy {v}.", "For fun I do {v}."),
     "That sounds like fun.", "Your hobby is {v}.",
     ("What is my hobby?", "What do I do for fun?", "Which hobby do I have?", "What do I enjoy?")),
    (slots.DRINKS, ("I drink {v} every day.", "My favourite drink is {v}.", "I love to drink {v}.",
                    "My drink of choice is {v}."),
     "Good choice.", "Your favourite drink is {v}.",
     ("What is my favourite drink?", "What do I like to drink?", "Which drink do I like best?",
      "What should you serve me to drink?")),
    (slots.PETS, ("My pet is called {v}.", "I have a pet named {v}.", "{v} is my pet.",
                  "The name of my pet is {v}."),
     "{v} is a nice name.", "Your pet is called {v}.",
     ("What is my pet called?", "What is the name of my pet?", "What is my pet's name?",
      "Do you know what my pet is called?")),
    (slots.DATES, ("My birthday is on {v}.", "I was born on {v}.", "I have my birthday on {v}.",
                   "My birthday falls on {v}."),
     "I will remember your birthday.", "Your birthday is on {v}.",
     ("When is my birthday?", "On what date is my birthday?", "When do I have my birthday?",
      "What is the date of my birthday?")),
)  # fmt: skip


def _told(draw: Draw) -> Task:
    chosen = draw.rng.sample(_ABOUT_ME, draw.choice((1, 2, 2, 3)))
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
