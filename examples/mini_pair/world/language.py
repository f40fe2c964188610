"""Skills about words and sentences: listing, sorting, picking, rewriting, facts, forms."""

from collections.abc import Callable
from typing import Final

from lexicon import (
    CAN,
    CANNOT,
    CAPITALS,
    CITIES,
    COLOURS_OF,
    DAYS,
    JOBS,
    KINDS,
    LEGS,
    MONTHS,
    NAMES,
    OPPOSITES,
    PLURALS,
    RELATED,
    SINGULAR,
    SORTABLE,
    SOUNDS,
    UNCOUNTED,
    VERBS,
    YOUNG,
)
from world._draw import Draw, Task, concludes, is_exactly, user

_NUMBERS: Final = {2: "two", 3: "three", 4: "four", 5: "five"}
_LIST_ASK: Final = (
    "Name {n} {k}.",
    "List {n} {k}.",
    "Tell me {n} {k}.",
    "Give me {n} {k}.",
    "Can you name {n} {k}?",
    "Please list {n} {k}.",
    "I need {n} {k}.",
    "What are {n} {k}?",
    "{n} {k} please",
    "Give {n} examples of {k}.",
    "Could you give me a list of {n} {k}?",
    "Write down {n} {k}.",
    "Which {k} do you know? Name {n}.",
    "Think of {n} {k}.",
    "I am looking for {n} {k}.",
    "Make a list of {n} {k}.",
    "Help me: I have to name {n} {k}.",
    "Mention {n} {k}.",
)
_SORT_ASK: Final = (
    "Sort these words: {}", "Put these words in alphabetical order: {}", "Sort alphabetically: {}",
    "Arrange these words from A to Z: {}", "Please sort this list by the alphabet: {}",
    "Order the words {} alphabetically.", "What is the alphabetical order of {}?", "sort {}",
    "Can you sort these words from A to Z? {}", "Here is a list: {}. Sort it alphabetically.",
    "Write {} in alphabetical order.", "I need these in alphabetical order: {}",
    "Alphabetical order, please: {}", "Bring these words into alphabetical order: {}",
    "Words: {}\nSort them from A to Z.", "How would a dictionary order these words: {}?",
    "Rearrange alphabetically: {}",
)  # fmt: skip
_PICK_ASK: Final = (
    "Which word comes {o}: {w}?",
    "What is the {o} word in this list: {w}?",
    "{w}\nName the {o} word.",
    "Give me the {o} word of: {w}",
    "Look at this list: {w}. What is the {o} word?",
    "Tell me the {o} word: {w}",
    "Here are some words: {w}. Which one is {o}?",
    "Pick the {o} word from {w}.",
    "the {o} word of {w}",
    "From the list {w}, choose the {o} word.",
    "Read the list and give the {o} word: {w}",
    "Which one is the {o} in {w}?",
    "Say the {o} word of this list: {w}",
    "List: {w}\nWhat comes {o}?",
    "Please find the {o} word: {w}",
    "Of the words {w}, which is the {o}?",
)
_ODD_ASK: Final = (
    "Find the odd one out: {}", "Which word does not belong: {}?", "What is the odd one out in {}?",
    "Odd one out: {}", "One of these does not fit: {}. Which one?", "{}\nWhich is the odd one out?",
    "Which of these words is different from the others: {}?", "Tell me the odd one out: {}",
    "Name the word that does not fit: {}", "Pick the word that does not belong: {}",
    "Look at these words: {}. Which is the odd one?", "which one does not fit? {}",
    "Here are some words: {}. One is of another kind. Which?", "Choose the odd one out of {}.",
    "Can you spot the odd one out? {}",
)  # fmt: skip
_REWRITES: Final[dict[str, tuple[str, ...]]] = {
    "past": (
        "Put this sentence in the past tense", "Rewrite in the past tense", "Change to the past",
        "Write this as if it happened yesterday, in the past tense", "Make it past tense",
        "Say this in the past tense", "Turn this into the past tense",
    ),
    "future": (
        "Rewrite this sentence in the future tense", "Put this in the future", "Use the word will",
        "Change to the future tense", "Make it future tense", "Say this in the future tense",
        "Turn this into the future tense",
    ),
    "negative": (
        "Make this sentence negative", "Turn this into a negative sentence", "Say the negative",
        "Rewrite this with not", "Negate this sentence", "Write the negative form",
        "Change this to a negative sentence",
    ),
    "question": (
        "Turn this sentence into a question", "Make this a question", "Rewrite as a question",
        "Ask this as a question", "Change this into a yes-or-no question", "Write it as a question",
        "Form a question from this sentence",
    ),
    "upper": (
        "Write this sentence in capital letters", "Use capital letters only", "Write in all caps",
        "Change to upper case", "Put this in capitals", "Make all the letters big",
        "Rewrite this in capital letters",
    ),
    "lower": (
        "Write this sentence in small letters", "Change to lower case", "Use small letters only",
        "Rewrite without capital letters", "Put this in lower case", "Make all the letters small",
        "Write everything in lower case",
    ),
    "polite": (
        "Make this request polite", "Say this politely", "Rewrite as a polite question",
        "Ask this more politely", "Turn this into a polite request", "Make this sound friendly",
        "Use could you",
    ),
    "plural": (
        "Give the plural", "Write the plural of this word", "Make this word plural",
        "Turn this into the plural", "What is the plural", "Change to the plural form",
        "Say this word in the plural",
    ),
}  # fmt: skip
_LAYOUTS: Final = (
    "{a}: {s}", "{a}.\n\n{s}", "{s}\n\n{a}.", "Please do this: {a}.\n{s}", '{a}: "{s}"',
    "{s} -> {a}", "Sentence: {s}\nTask: {a}.", "Here is a text: {s}\n{a}.", "{a}, please: {s}",
    "I have this text: {s} {a}.", "Text: {s}\n{a}.", "{a}.\nText: {s}", "Can you help? {a}: {s}",
    "My homework says: {a}. {s}", "{a}\n{s}",
)  # fmt: skip
_PRONOUNS: Final = {
    "I": "I", "You": "you", "He": "he", "She": "she", "We": "we", "They": "they",
}  # fmt: skip
_CAPITAL_ASK: Final = (
    "What is the capital of {}?", "Name the capital of {}.", "Tell me the capital of {}.",
    "capital of {}", "Which city is the capital of {}?", "What is the capital city of {}?",
    "Do you know the capital of {}?", "{}: what is its capital?", "I forgot the capital of {}.",
    "Give me the capital of {}.", "Which city is {}'s capital?", "what's the capital of {}",
    "Can you tell me the capital of {}?", "Quiz: the capital of {}?", "Say the capital of {}.",
)  # fmt: skip
_COUNTRY_ASK: Final = (
    "Which country has {} as its capital?", "{} is the capital of which country?",
    "Of which country is {} the capital?", "What country is {} the capital of?",
    "Name the country whose capital is {}.", "{} is a capital. Of which country?",
)  # fmt: skip
_OPPOSITE_ASK: Final = (
    "What is the opposite of {}?",
    "Give the opposite of {}.",
    "opposite of {}",
    "Tell me the opposite of the word {}.",
    "Which word is the opposite of {}?",
    "What word means the opposite of {}?",
    "Name the opposite of {}.",
    "{}: what is the opposite?",
    "I need the opposite of {}.",
    "Can you give me the opposite of {}?",
    "Which word says the opposite of {}?",
)
_SOUND_ASK: Final = (
    "What sound does {} make?", "What noise does {} make?", "Which sound does {} make?",
    "How does {} sound?", "Tell me what sound {} makes.", "what does {} do to make noise",
    "What do you hear when {} makes a noise?",
)  # fmt: skip
_LEGS_ASK: Final = (
    "How many legs does {} have?", "Tell me how many legs {} has.", "{}: how many legs?",
    "What number of legs does {} have?", "How many legs can you count on {}?",
    "Count the legs of {}.",
)  # fmt: skip
_CYCLE_ASK: Final = (
    "Which {w} comes {o} {x}?", "What is the {w} {o} {x}?", "Name the {w} {o} {x}.",
    "What {w} is {o} {x}?", "Tell me the {w} that comes {o} {x}.", "which {w} is right {o} {x}",
    "Do you know which {w} comes {o} {x}?",
)  # fmt: skip
_COLOUR_ASK: Final = (
    "What colour is {}?", "Which colour does {} have?", "Tell me the colour of {}.",
    "Name the colour of {}.", "what colour is {}", "Do you know what colour {} is?",
    "What is the colour of {}?",
)  # fmt: skip
_YOUNG_ASK: Final = (
    "What is a young {} called?", "What do you call a baby {}?", "Name the young of a {}.",
    "What is the young of a {}?", "What is the word for a young {}?", "How do we call a baby {}?",
    "Which word names a young {}?",
)  # fmt: skip
_IS_ASK: Final = (
    "Is {x} {k}?",
    "Would you call {x} {k}?",
    "Is it true that {x} is {k}?",
    "Yes or no: is {x} {k}?",
    "Tell me whether {x} is {k}.",
    "is {x} {k}",
    "Do you think {x} is {k}?",
    "{x}: is it {k}?",
    "I wonder if {x} is {k}.",
    "Can you say that {x} is {k}?",
    "Is {x} really {k}?",
    "My friend says {x} is {k}. Is that right?",
    "True or not: {x} is {k}?",
    "Quick question: is {x} {k}?",
    "Please answer yes or no. Is {x} {k}?",
    "Am I right that {x} is {k}?",
)
_CAN_ASK: Final = (
    "Can {x} {v}?", "Is {x} able to {v}?", "Tell me whether {x} can {v}.", "can {x} {v}",
    "Yes or no: can {x} {v}?", "Do you think {x} can {v}?", "Is it true that {x} can {v}?",
    "Is it possible for {x} to {v}?", "I wonder if {x} can {v}.", "Could {x} {v}?",
    "My friend says {x} can {v}. Is that right?", "Does {x} know how to {v}?",
)  # fmt: skip
_FACT_ASK: Final = (
    "Is {c} the capital of {n}?",
    "Is it true that {c} is the capital of {n}?",
    "Yes or no: is {c} the capital of {n}?",
    "is {c} the capital of {n}",
    "Tell me whether {c} is the capital of {n}.",
    "I think {c} is the capital of {n}. Is that right?",
    "Would it be right to say that {c} is the capital of {n}?",
)
_FORM_ASK: Final = (
    "Fill in the form.\n\n{t}\n\nForm:\n{f}",
    "{t}\n\nFill in this form with the facts:\n{f}",
    "Rewrite this text as a form with these lines:\n{f}\n\nText: {t}",
    "Copy the facts into this form.\n{f}\n\n{t}",
    "Text: {t}\nForm:\n{f}\nPlease fill in the form.",
    "Complete the form.\n{f}\nUse this text: {t}",
    "{t}\n\nPut this into the following form:\n{f}",
    "Read the text and fill in the blanks.\n\n{t}\n\n{f}",
    "Use this form:\n{f}\n\nHere is the text: {t}",
    "I have to fill in this form:\n{f}\n\nThis is what I know: {t}",
    "Write as a form:\n{f}\n\n{t}",
    "Take the details from the text.\n\n{t}\n\nAnswer in this form:\n{f}",
    "{t}\n\nGive me the details like this:\n{f}",
    "Please turn this into a form.\n{t}\n\nLines:\n{f}",
    "Extract the facts.\nText: {t}\nOutput:\n{f}",
    "Answer only with the filled form.\n{f}\n\n{t}",
)
_PERSON_TEXTS: Final = (
    "{Name} is {Age} years old, lives in {City} and works as {a_job}.",
    "My name is {Name}. I am {Age} and I live in {City}. I am {a_job}.",
    "This is {Name}, {a_job} from {City}, aged {Age}.",
    "In {City} there is {a_job} called {Name}, who is {Age}.",
    "At {Age}, {Name} moved to {City} to work as {a_job}.",
    "I met {Name} today, {a_job} of {Age} years. {Name} comes from {City}.",
)  # fmt: skip
_VISIT_TEXTS: Final = (
    "{Name} will come to {City} on {Day} with {Guests} guests.",
    "On {Day}, {Name} has a table in {City} for {Guests} guests.",
    "Please book {Guests} guests in {City} for {Day}. The name is {Name}.",
    "We expect {Guests} guests on {Day} in {City}; ask for {Name}.",
    "My name is {Name} and I would like to bring {Guests} guests to {City} on {Day}.",
)  # fmt: skip


def an(noun: str) -> str:
    """Return a noun with its indefinite article."""
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


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
    prompt = _capital(draw.template(_LIST_ASK).format(n=number, k=kind))
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
    return _task(draw.template(_SORT_ASK).format(", ".join(shown)), in_order)


def pick_word(draw: Draw) -> Task:
    """Pick a word by its place, or the odd one out."""
    if draw.rng.random() < 0.65:
        shown = draw.values((*SORTABLE, *NAMES), draw.choice((3, 4, 5)))
        order, index = draw.choice((("first", 0), ("second", 1), ("third", 2), ("last", -1)))
        prompt = draw.template(_PICK_ASK).format(o=order, w=", ".join(shown))
        word = shown[index]
        return _task(prompt, f"The {order} word is {word}.", _only(word, shown))
    while True:
        kind, other = draw.rng.sample(sorted(KINDS), 2)
        odd = draw.choice(KINDS[other])
        shown = [*draw.rng.sample(KINDS[kind], draw.choice((2, 3))), odd]
        draw.rng.shuffle(shown)
        if _apart(kind, other) and odd not in KINDS[kind] and draw.accepts(", ".join(shown)):
            break
    prompt = draw.template(_ODD_ASK).format(", ".join(shown))
    kinds = ", ".join(f"{word}: {SINGULAR[other if word == odd else kind]}" for word in shown)
    return _task(prompt, f"{_capital(kinds)}. The odd one out is {odd}.", _only(odd, shown))


def _only(word: str, shown: list[str]) -> Callable[[str], bool]:
    def check(text: str) -> bool:
        *_, last = text.lower().rstrip(". ").split(". ")
        said = last.replace(",", " ").split()
        return [other for other in shown if other.lower() in said] == [word]

    return check


def rewriting(draw: Draw) -> Task:
    """Change the tense, kind, politeness, number or letters of a sentence."""
    form = draw.choice(sorted(_REWRITES))
    ask, layout = draw.template(_REWRITES[form]), draw.template(_LAYOUTS)
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
        return f"{_capital(stem)} {rest}.", f"Could you {stem} {rest}?"
    by_name = draw.rng.random() < 0.6
    subject = draw.value(NAMES) if by_name else draw.choice(sorted(_PRONOUNS))
    inner = subject if by_name else _PRONOUNS[subject]
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
            prompt = draw.template(_COUNTRY_ASK).format(city)
            return _task(prompt, f"{city} is the capital of {country}.", _has_word(country))
        return _task(draw.template(_CAPITAL_ASK).format(country), answer, _has_word(city))
    if form == "opposite":
        word = draw.choice(sorted(OPPOSITES))
        opposite = OPPOSITES[word]
        prompt = _capital(draw.template(_OPPOSITE_ASK).format(word))
        return _task(prompt, f"The opposite of {word} is {opposite}.", _has_word(opposite))
    if form == "cycle":
        cycle, what = draw.choice(((DAYS, "day"), (MONTHS, "month")))
        index = draw.rng.randrange(len(cycle))
        step, order = draw.choice(((1, "after"), (-1, "before")))
        found = cycle[(index + step) % len(cycle)]
        prompt = draw.template(_CYCLE_ASK).format(w=what, o=order, x=cycle[index])
        return _task(prompt, f"{found} comes {order} {cycle[index]}.", _has_word(found))
    if form == "colour":
        thing = draw.choice(sorted(COLOURS_OF))
        prompt = draw.template(_COLOUR_ASK).format(thing)
        colour = COLOURS_OF[thing]
        return _task(prompt, f"{_capital(thing)} is {colour}.", _has_word(colour))
    if form == "young":
        animal = draw.choice(sorted(YOUNG))
        prompt = draw.template(_YOUNG_ASK).format(animal).replace("a owl", "an owl")
        answer = f"A young {animal} is called {an(YOUNG[animal])}."
        return _task(prompt, answer, _has_word(YOUNG[animal]))
    if form == "sound":
        animal = draw.choice(sorted(SOUNDS))
        prompt = draw.template(_SOUND_ASK).format(an(animal))
        return _task(prompt, f"{_capital(an(animal))} {SOUNDS[animal]}.", _has_word(SOUNDS[animal]))
    animal = draw.choice(sorted(LEGS))
    count = str(LEGS[animal] or "no")
    prompt = _capital(draw.template(_LEGS_ASK).format(an(animal)))
    return _task(prompt, f"{_capital(an(animal))} has {count} legs.", _has_word(f"{count} leg"))


def yes_no(draw: Draw) -> Task:
    """Answer questions of kind, ability and fact with yes or no."""
    form = draw.choice(("kind", "kind", "kind", "ability", "fact"))
    is_true = draw.rng.random() < 0.5
    if form == "kind":
        return _kind_question(draw, is_true)
    if form == "ability":
        noun = draw.choice(sorted(CAN if is_true else CANNOT))
        verb = (CAN if is_true else CANNOT)[noun]
        prompt = draw.template(_CAN_ASK).format(x=an(noun), v=verb)
        can, word = ("can", "yes") if is_true else ("cannot", "no")
        return _task(prompt, f"{_capital(an(noun))} {can} {verb}, so {word}.", concludes(word))
    while True:
        country, other = draw.rng.sample(sorted(CAPITALS), 2)
        city = CAPITALS[country if is_true else other].replace("_", " ")
        if is_true or draw.accepts(f"{city} {country}"):
            break
    prompt = draw.template(_FACT_ASK).format(c=city, n=country)
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
    prompt = _capital(draw.template(_IS_ASK).format(x=thing, k=named))
    answer = f"{_capital(thing)} is {SINGULAR[kind]}, so {'yes' if is_true else 'no'}."
    return _task(prompt, answer, concludes("yes" if is_true else "no"))


def form_filling(draw: Draw) -> Task:
    """Copy the facts of a sentence into a form."""
    name, city = draw.value(NAMES), draw.value(CITIES)
    if draw.rng.random() < 0.6:
        values = {"Name": name, "Age": str(draw.value(range(18, 90))), "City": city}
        values["Job"] = draw.value(JOBS)
        text = draw.template(_PERSON_TEXTS).format(**values, a_job=an(values["Job"]))
    else:
        values = {"Name": name, "City": city, "Day": draw.choice(DAYS)}
        values["Guests"] = str(draw.value(range(2, 60)))
        text = draw.template(_VISIT_TEXTS).format(**values)
    fields = draw.rng.sample(sorted(values), draw.choice((2, 3, 4)))
    blank = draw.choice(("", " ...", " ___"))
    form = "\n".join(f"{field}:{blank}" for field in fields)
    prompt = draw.template(_FORM_ASK).format(t=text, f=form)
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
