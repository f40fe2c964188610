"""Skills about words and sentences: listing, sorting, picking, rewriting, facts, forms."""

from collections.abc import Callable
from typing import Final

from lexicon import CITIES, DAYS, JOBS, MONTHS, NAMES, RELATED, SINGULAR, SORTABLE, UNCOUNTED
from world._draw import Draw, Task, concludes, is_exactly, user
from world._text import an, capital
from world.words.exercises import (
    FORM_ASK,
    LAYOUTS,
    LIST_ASK,
    ODD_ASK,
    PERSON_TEXTS,
    PICK_ASK,
    PRONOUNS,
    REWRITES,
    SORT_ASK,
    VISIT_TEXTS,
)
from world.words.knowledge import (
    CAN,
    CAN_ASK,
    CANNOT,
    CAPITAL_ASK,
    CAPITALS,
    COLOUR_ASK,
    COLOURS_OF,
    COUNTRY_ASK,
    CYCLE_ASK,
    FACT_ASK,
    IS_ASK,
    KINDS,
    LEGS,
    LEGS_ASK,
    OPPOSITE_ASK,
    OPPOSITES,
    PLURALS,
    SOUND_ASK,
    SOUNDS,
    VERBS,
    YOUNG,
    YOUNG_ASK,
)

_NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five"}


def _join(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


def _has_word(word: str) -> Callable[[str], bool]:
    return lambda text: word.lower() in text.lower()


def _task(prompt: str, answer: str, check: Callable[[str], bool] | None = None) -> Task:
    return Task((user(prompt),), answer, check or is_exactly(answer))


def _apart(kind: str, other: str) -> bool:
    return kind != other and not any({kind, other} <= group for group in RELATED)


def listing(draw: Draw) -> Task:
    """Name some members of a kind."""
    kind = draw.choice(sorted(KINDS))
    count = draw.choice((2, 3, 3, 4, 5))
    number = draw.choice((_NUMBERS[count], str(count)))
    prompt = capital(draw.template(LIST_ASK).format(n=number, k=kind))
    members = KINDS[kind]

    def check(text: str) -> bool:
        said = text.lower().replace(".", " ").replace(",", " ").split()
        return sum(member.lower() in said for member in members) == count

    answer = f"{_NUMBERS[count].capitalize()} {kind} are {_join(members[:count])}."
    return _task(prompt, answer, check)


def sorting(draw: Draw) -> Task:
    """Sort words whose first letters differ; whole lists are held out, as words must be known."""
    while True:
        shown = draw.rng.sample(SORTABLE, draw.choice((3, 3, 4)))
        in_order = ", ".join(sorted(shown))
        if len({word[0] for word in shown}) == len(shown) and draw.accepts(in_order):
            break
    return _task(draw.template(SORT_ASK).format(", ".join(shown)), in_order)


def pick_word(draw: Draw) -> Task:
    """Pick a word by its place, or the odd one out."""
    if draw.rng.random() < 0.65:
        shown = draw.values((*SORTABLE, *NAMES), draw.choice((3, 4, 5)))
        order, index = draw.choice((("first", 0), ("second", 1), ("third", 2), ("last", -1)))
        prompt = draw.template(PICK_ASK).format(o=order, w=", ".join(shown))
        word = shown[index]
        return _task(prompt, f"The {order} word is {word}.", _only(word, shown))
    while True:
        kind, other = draw.rng.sample(sorted(KINDS), 2)
        odd = draw.choice(KINDS[other])
        shown = [*draw.rng.sample(KINDS[kind], draw.choice((2, 3))), odd]
        draw.rng.shuffle(shown)
        if _apart(kind, other) and odd not in KINDS[kind] and draw.accepts(", ".join(shown)):
            break
    prompt = draw.template(ODD_ASK).format(", ".join(shown))
    kinds = ", ".join(f"{SINGULAR[other if word == odd else kind]}: {word}" for word in shown)
    working = f"{capital(kinds)}. One is not {SINGULAR[kind]} but {SINGULAR[other]}: {odd}."
    return _task(prompt, f"{working} The odd one out is {odd}.", _only(odd, shown))


def _only(word: str, shown: list[str]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        *_, last = text.lower().rstrip(". ").split(". ")
        said = last.replace(",", " ").split()
        return [other for other in shown if other.lower() in said] == [word]

    return check


def rewriting(draw: Draw) -> Task:
    """Change the tense, kind, politeness, number or letters of a sentence."""
    forms = sorted(REWRITES)
    if draw.split == "train":
        forms += ["upper", "upper", "past"]  # each word's letters and past must be learnt by heart
    form = draw.choice(forms)
    ask, layout = draw.template(REWRITES[form]), draw.template(LAYOUTS)
    while True:
        sentence, answer = _rewritten(draw, form)
        if form == "plural" or draw.accepts(f"{form}: {sentence}"):
            break
    return _task(layout.format(a=ask, s=sentence), answer, _exact_case(answer))


def _rewritten(draw: Draw, form: str) -> tuple[str, str]:
    if form == "plural":
        word = draw.choice(sorted(PLURALS))
        return word, PLURALS[word]
    third, past, stem, rest = draw.choice(VERBS)
    if form == "polite":
        return f"{capital(stem)} {rest}.", f"Could you {stem} {rest}?"
    by_name = draw.rng.random() < 0.6
    subject = draw.value(NAMES) if by_name else draw.choice(sorted(PRONOUNS))
    inner = subject if by_name else PRONOUNS[subject]
    single = by_name or subject in ("He", "She")
    sentence = f"{subject} {third if single else stem} {rest}."
    answers = {
        "past": f"{subject} {past} {rest}.",
        "future": f"{subject} will {stem} {rest}.",
        "negative": f"{subject} {'does' if single else 'do'} not {stem} {rest}.",
        "question": f"{'Does' if single else 'Do'} {inner} {stem} {rest}?",
        "upper": sentence.upper(),
        "lower": sentence.lower(),
    }
    return sentence, answers[form]


def _exact_case(expected: str) -> Callable[[str], bool]:
    return lambda text: text.strip() == expected


def facts(draw: Draw) -> Task:
    """Answer from the facts of the little world, which must all be known."""
    form = draw.choice(
        ("capital", "capital", "opposite", "sound", "legs", "cycle", "cycle", "colour", "young")
    )
    if form == "capital":
        country = draw.choice(sorted(CAPITALS))
        city = CAPITALS[country].replace("_", " ")
        answer = f"The capital of {country} is {city}."
        if draw.rng.random() < 0.3:
            prompt = draw.template(COUNTRY_ASK).format(city)
            return _task(prompt, f"{city} is the capital of {country}.", _has_word(country))
        return _task(draw.template(CAPITAL_ASK).format(country), answer, _has_word(city))
    if form == "opposite":
        word = draw.choice(sorted(OPPOSITES))
        opposite = OPPOSITES[word]
        prompt = capital(draw.template(OPPOSITE_ASK).format(word))
        return _task(prompt, f"The opposite of {word} is {opposite}.", _has_word(opposite))
    if form == "cycle":
        cycle, what = draw.choice(((DAYS, "day"), (MONTHS, "month")))
        index = draw.rng.randrange(len(cycle))
        step, order = draw.choice(((1, "after"), (-1, "before")))
        found = cycle[(index + step) % len(cycle)]
        prompt = draw.template(CYCLE_ASK).format(w=what, o=order, x=cycle[index])
        return _task(prompt, f"{found} comes {order} {cycle[index]}.", _has_word(found))
    if form == "colour":
        thing = draw.choice(sorted(COLOURS_OF))
        prompt = draw.template(COLOUR_ASK).format(thing)
        colour = COLOURS_OF[thing]
        return _task(prompt, f"{capital(thing)} is {colour}.", _has_word(colour))
    if form == "young":
        animal = draw.choice(sorted(YOUNG))
        prompt = draw.template(YOUNG_ASK).format(animal).replace("a owl", "an owl")
        answer = f"A young {animal} is called {an(YOUNG[animal])}."
        return _task(prompt, answer, _has_word(YOUNG[animal]))
    if form == "sound":
        animal = draw.choice(sorted(SOUNDS))
        prompt = draw.template(SOUND_ASK).format(an(animal))
        return _task(prompt, f"{capital(an(animal))} {SOUNDS[animal]}.", _has_word(SOUNDS[animal]))
    animal = draw.choice(sorted(LEGS))
    count = str(LEGS[animal] or "no")
    prompt = capital(draw.template(LEGS_ASK).format(an(animal)))
    return _task(prompt, f"{capital(an(animal))} has {count} legs.", _has_word(f"{count} leg"))


def yes_no(draw: Draw) -> Task:
    """Answer questions of kind, ability and fact with yes or no."""
    form = draw.choice(("kind", "kind", "kind", "ability", "fact"))
    is_true = draw.rng.random() < 0.5
    if form == "kind":
        return _kind_question(draw, is_true)
    if form == "ability":
        noun = draw.choice(sorted(CAN if is_true else CANNOT))
        verb = (CAN if is_true else CANNOT)[noun]
        prompt = draw.template(CAN_ASK).format(x=an(noun), v=verb)
        can, word = ("can", "yes") if is_true else ("cannot", "no")
        return _task(prompt, f"{capital(an(noun))} {can} {verb}, so {word}.", concludes(word))
    while True:
        country, other = draw.rng.sample(sorted(CAPITALS), 2)
        city = CAPITALS[country if is_true else other].replace("_", " ")
        if is_true or draw.accepts(f"{city} {country}"):
            break
    prompt = draw.template(FACT_ASK).format(c=city, n=country)
    right, word = CAPITALS[country].replace("_", " "), "yes" if is_true else "no"
    return _task(prompt, f"The capital of {country} is {right}, so {word}.", concludes(word))


def _kind_question(draw: Draw, is_true: bool) -> Task:
    while True:
        kind, other = draw.rng.sample(sorted(KINDS), 2)
        word = draw.choice(KINDS[kind])
        apart = _apart(kind, other) and word not in KINDS[other]
        if is_true or (apart and draw.accepts(f"{word} {other}")):
            break
    thing = word if kind in UNCOUNTED else an(word)
    named = SINGULAR[kind if is_true else other]
    prompt = capital(draw.template(IS_ASK).format(x=thing, k=named))
    answer = f"{capital(thing)} is {SINGULAR[kind]}, so {'yes' if is_true else 'no'}."
    return _task(prompt, answer, concludes("yes" if is_true else "no"))


def form_filling(draw: Draw) -> Task:
    """Copy the facts of a sentence into a form."""
    name, city = draw.value(NAMES), draw.value(CITIES)
    if draw.rng.random() < 0.6:
        values = {"Name": name, "Age": str(draw.value(range(18, 90))), "City": city}
        values["Job"] = draw.value(JOBS)
        text = draw.template(PERSON_TEXTS).format(**values, a_job=an(values["Job"]))
    else:
        values = {"Name": name, "City": city, "Day": draw.choice(DAYS)}
        values["Guests"] = str(draw.value(range(2, 60)))
        text = draw.template(VISIT_TEXTS).format(**values)
    fields = draw.rng.sample(sorted(values), draw.choice((2, 3, 4)))
    blank = draw.choice(("", " ...", " ___"))
    form = "\n".join(f"{field}:{blank}" for field in fields)
    prompt = draw.template(FORM_ASK).format(t=text, f=form)
    answer = "\n".join(f"{field}: {values[field]}" for field in fields)
    return _task(prompt, answer)


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "listing": listing,
    "sorting": sorting,
    "pick_word": pick_word,
    "rewriting": rewriting,
    "facts": facts,
    "yes_no": yes_no,
    "form_filling": form_filling,
}
