"""The facts that generated passages are about: attributes, and domains that put them together.

In wordings, {s}, {o} and {p} are the entity as subject, object and possessor, by name or pronoun;
{v} is the value and {a} the value with its article.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from world._draw import Draw
from world._text import invented_name, invented_word
from world.words import slots

_FEW = 55
_IT: Final = ("it", "it", "its")
_SHE: Final = ("she", "her", "her")
_HE: Final = ("he", "him", "his")


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what a fact is about."""

    name: str
    pronouns: tuple[str, str, str]
    short: str
    """The name in a follow-up question, such as "the red one"."""


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


@dataclass(frozen=True, slots=True)
class Domain:
    """A kind of passage."""

    subjects: Callable[[Draw, int], list[Subject]]
    attributes: tuple[Attribute, ...]
    frames: tuple[tuple[str, str], ...]
    """Sentences before and after the facts; they use {surname} and {company}."""
    refers_back: bool = False
    """Whether "it" in the other sentences is what the first attribute's sentence names."""


_FIRMS: Final = ("Books", "Foods", "Trading", "Works", "Brothers", "Motors", "Group", "Studios")
_INVENTED: Final[dict[tuple[str, ...], Callable[[Draw], str]]] = {
    **dict.fromkeys((slots.TOWNS, slots.WOMEN + slots.MEN, slots.PETS), invented_name),
    **dict.fromkeys((slots.THINGS, slots.PLACES, slots.ANIMALS), invented_word),
    slots.TITLES: lambda draw: f"The {invented_name(draw)}",
    slots.COMPANIES: lambda draw: f"{invented_name(draw)} {draw.rng.choice(_FIRMS)}",
}


def _invent(draw: Draw, invent: Callable[[Draw], str], count: int) -> list[str]:
    values: list[str] = []
    while len(values) < count:
        value = invent(draw)
        if value not in values and draw.accepts(value):
            values.append(value)
    return values


def sample(draw: Draw, options: tuple[str, ...], count: int) -> list[str]:
    """Draw different values, held out only where there are many; in training some are made up."""
    invent = _INVENTED.get(options)
    if invent and draw.split == "train" and draw.rng.random() < 0.3:
        return _invent(draw, invent, count)
    return draw.rng.sample(options, count) if len(options) < _FEW else draw.values(options, count)


def _people(draw: Draw, count: int) -> list[Subject]:
    women, men = set(slots.WOMEN), set(slots.MEN)
    names = sample(draw, slots.WOMEN + slots.MEN, count)
    return [
        Subject(
            name, _SHE if name in women else _HE if name in men else draw.choice((_SHE, _HE)), name
        )
        for name in names
    ]


def _pets(draw: Draw, count: int) -> list[Subject]:
    return [Subject(name, _IT, name) for name in sample(draw, slots.PETS, count)]


def _products(draw: Draw, count: int) -> list[Subject]:
    (thing,) = sample(draw, slots.THINGS, 1)
    colours = draw.rng.sample(slots.COLOURS, count)
    return [Subject(f"the {colour} {thing}", _IT, f"the {colour} one") for colour in colours]


def _dishes(draw: Draw, count: int) -> list[Subject]:
    dish = draw.choice(slots.DISHES)
    foods = draw.values(slots.FOODS, count)
    return [Subject(f"the {food} {dish}", _IT, f"the {food} {dish}") for food in foods]


def _the(prefix: str, options: tuple[str, ...]) -> Callable[[Draw, int], list[Subject]]:
    def subjects(draw: Draw, count: int) -> list[Subject]:
        names = [f"{prefix}{value}" for value in sample(draw, options, count)]
        return [Subject(name, _IT, name) for name in names]

    return subjects


_MOVED: Final = Attribute(
    "city", slots.TOWNS,
    ("{s} moved to {v}.", "{s} has moved to {v}.", "{s} went to live in {v}.",
     "{s} made a new home in {v}.", "{s} settled in {v}.", "{s} now lives in {v}.",
     "{s} found a flat in {v}.", "{p} new home is in {v}.", "{s} bought a house in {v}.",
     "{v} is where {s} lives now."),
    ("Where did {s} move?", "Which town did {s} move to?", "What town did {s} settle in?",
     "Where did {s} go to live?", "Where is {p} new home?", "Where does {s} live now?",
     "In which town is {p} new home?", "What town does {s} live in now?",
     "To which place did {s} move?", "Where did {s} settle?"),
    "{s} moved to {v}.",
    ("Did {s} move to {v}?", "Did {s} go to live in {v}?", "Does {s} live in {v} now?",
     "Is {p} new home in {v}?", "Has {s} moved to {v}?"),
    ("Who moved to {v}?", "Who went to live in {v}?", "Who settled in {v}?",
     "Which person moved to {v}?", "Who lives in {v} now?", "Whose new home is in {v}?",
     "Who has moved to {v}?"),
)  # fmt: skip
_BORN: Final = Attribute(
    "year", slots.YEARS,
    ("{s} was born in {v}.", "{p} year of birth is {v}.", "{p} birth year was {v}.",
     "{s} came into the world in {v}.", "{s} was born in the year {v}.",
     "The year {s} was born was {v}.", "{s} is a child of {v}.", "{p} life began in {v}."),
    ("When was {s} born?", "In what year was {s} born?", "What is {p} year of birth?",
     "Which year was {s} born in?", "What year was {s} born?", "In which year was {s} born?",
     "What is {p} birth year?", "When did {p} life begin?"),
    "{s} was born in {v}.",
    ("Was {s} born in {v}?", "Is {p} year of birth {v}?", "Did {p} life begin in {v}?",
     "Is {p} birth year {v}?", "Was {v} the year {s} was born?"),
    ("Who was born in {v}?", "Which person was born in {v}?", "Whose year of birth is {v}?",
     "Who came into the world in {v}?", "Whose birth year is {v}?", "Who was born in the year {v}?",
     "Whose life began in {v}?"),
)  # fmt: skip
_JOB: Final = Attribute(
    "job", slots.JOBS,
    ("{s} works as {a}.", "{s} is {a}.", "{s} has a job as {a}.", "{s} earns a living as {a}.",
     "{s} is employed as {a}.", "{s} makes a living as {a}.", "{p} job is that of {a}.",
     "{s} was hired as {a}.", "{s} trained as {a} and does that work now.",
     "By profession, {s} is {a}."),
    ("What is {p} job?", "What does {s} do for a living?", "What does {s} work as?",
     "What job does {s} have?", "What is {p} profession?", "What kind of work does {s} do?",
     "What was {s} hired as?", "What is {p} work?", "Which job does {s} have?",
     "How does {s} earn a living?"),
    "{s} works as {a}.",
    ("Is {s} {a}?", "Does {s} work as {a}?", "Was {s} hired as {a}?", "Is {p} job that of {a}?",
     "Does {s} earn a living as {a}?"),
    ("Who works as {a}?", "Who is the {v}?", "Who is {a}?", "Which person is {a}?",
     "Who was hired as {a}?", "Who earns a living as {a}?", "Who has a job as {a}?"),
)  # fmt: skip
_ROOM: Final = Attribute(
    "room", slots.ROOMS,
    ("{s} is in {v}.", "{s} can be found in {v}.", "{p} desk is in {v}.", "{s} sits in {v}.",
     "{s} uses {v}.", "{s} works in {v}.", "You will find {o} in {v}.", "{p} place is {v}.",
     "{s} has moved into {v}.", "Visitors can meet {o} in {v}."),
    ("Which room is {s} in?", "Where can I find {o}?", "Where does {s} sit?", "What is {p} room?",
     "In which room is {p} desk?", "Where does {s} work?", "Where will I find {o}?",
     "Which room does {s} use?", "What room is {s} in?", "Where is {p} desk?"),
    "{s} is in {v}.",
    ("Is {s} in {v}?", "Does {s} sit in {v}?", "Is {p} desk in {v}?", "Can {o} be found in {v}?",
     "Does {s} use {v}?"),
    ("Who is in {v}?", "Who sits in {v}?", "Who uses {v}?", "Who can be found in {v}?",
     "Who works in {v}?", "Whose desk is in {v}?", "Which person is in {v}?"),
)  # fmt: skip
_JOINED: Final = Attribute(
    "start_date", slots.FULL_DATES,
    ("{s} joined on {v}.", "{s} has been here since {v}.", "{s} started work on {v}.",
     "{p} first day was {v}.", "{s} came to the team on {v}.", "{s} began work on {v}.",
     "{s} signed up on {v}.", "{p} start date was {v}."),
    ("When did {s} join?", "On what date did {s} start work?", "When was {p} first day?",
     "Since when has {s} been here?", "When did {s} start?", "What is {p} start date?",
     "When did {s} begin work?", "On which day did {s} join?",
     "On what date did {s} come to the team?"),
    "{s} started on {v}.",
    ("Did {s} start on {v}?", "Did {s} join on {v}?", "Was {p} first day {v}?",
     "Is {v} the day {s} started?", "Did {s} begin work on {v}?"),
    ("Who joined on {v}?", "Who started on {v}?", "Who has been here since {v}?",
     "Whose first day was {v}?", "Who began work on {v}?", "Whose start date was {v}?",
     "Which person joined on {v}?"),
)  # fmt: skip
_TRIP: Final = Attribute(
    "destination", slots.TOWNS,
    ("{s} travelled to {v}.", "{s} took a trip to {v}.", "{s} went on holiday to {v}.",
     "{s} spent a week in {v}.", "{s} visited {v}.", "{s} made a journey to {v}.",
     "{p} trip was to {v}.", "{s} flew off to {v}.", "{s} saw the sights of {v}.",
     "{s} stayed in {v} for some days."),
    ("Where did {s} travel?", "Which town did {s} visit?", "Where did {s} go on holiday?",
     "Where was {p} trip to?", "Where did {s} spend a week?", "Where did {s} go?",
     "Which town did {s} travel to?", "To which place did {s} take a trip?",
     "What town did {s} see?", "Where did {s} stay?"),
    "{s} travelled to {v}.",
    ("Did {s} travel to {v}?", "Did {s} go to {v}?", "Was {p} trip to {v}?", "Did {s} visit {v}?",
     "Did {s} take a trip to {v}?"),
    ("Who travelled to {v}?", "Who visited {v}?", "Who went to {v}?", "Whose trip was to {v}?",
     "Who took a trip to {v}?", "Which person visited {v}?", "Who stayed in {v}?"),
)  # fmt: skip
_BY: Final = Attribute(
    "transport", slots.TRANSPORT,
    ("{s} travelled by {v}.", "{s} went by {v}.", "{s} made the journey by {v}.",
     "{s} got there by {v}.", "{s} used a {v} for the trip.", "{s} chose to go by {v}.",
     "The trip was made by {v}; {s} liked that.", "{s} took a {v}."),
    ("How did {s} travel?", "How did {s} get there?", "How did {s} make the journey?",
     "What did {s} travel by?", "By what means did {s} travel?", "What did {s} use for the trip?",
     "How did {s} go?", "What means of transport did {s} choose?"),
    "{s} went by {v}.",
    ("Did {s} travel by {v}?", "Did {s} go by {v}?", "Did {s} take a {v}?",
     "Did {s} get there by {v}?", "Did {s} use a {v}?"),
    ("Who travelled by {v}?", "Who went by {v}?", "Who got there by {v}?",
     "Who made the journey by {v}?", "Who took a {v}?", "Who used a {v}?",
     "Which person travelled by {v}?"),
)  # fmt: skip
_LEFT: Final = Attribute(
    "departure_date", slots.DATES,
    ("{s} left on {v}.", "{s} set off on {v}.", "{s} started the journey on {v}.",
     "{p} trip began on {v}.", "{s} got going on {v}.", "{s} was off on {v}.",
     "On {v}, {s} left home.", "{s} departed on {v}."),
    ("When did {s} leave?", "On what date did {s} set off?", "When did {p} trip begin?",
     "What day did {s} leave?", "On which day did {s} leave?", "When did {s} set off?",
     "What date did {s} depart?", "On what date did {p} trip begin?"),
    "{s} left on {v}.",
    ("Did {s} leave on {v}?", "Did {s} set off on {v}?", "Did {p} trip begin on {v}?",
     "Was {v} the day {s} left?", "Did {s} depart on {v}?"),
    ("Who left on {v}?", "Who set off on {v}?", "Whose trip began on {v}?",
     "Who started the journey on {v}?", "Who departed on {v}?", "Which person left on {v}?",
     "Who left home on {v}?"),
)  # fmt: skip
_LOST: Final = Attribute(
    "item", slots.THINGS,
    ("{s} lost {a}.", "{s} is looking for {a}.", "{s} has reported {a} as lost.",
     "{s} is missing {a}.", "{s} cannot find {a}.", "{s} left {a} behind.",
     "{s} asks if anyone has seen {a}.", "{s} would like {a} back."),
    ("What did {s} lose?", "What is {s} looking for?", "What is {s} missing?",
     "Which item did {s} lose?", "What can {s} not find?", "What did {s} leave behind?",
     "What has {s} lost?", "Which thing is {s} looking for?"),
    "{s} lost {a}.",
    ("Did {s} lose {a}?", "Is {s} looking for {a}?", "Did {s} leave {a} behind?",
     "Is {s} missing {a}?", "Has {s} lost {a}?"),
    ("Who lost {a}?", "Who is looking for {a}?", "Who is missing {a}?", "Which person lost {a}?",
     "Who has lost {a}?", "Who left {a} behind?", "Who cannot find {a}?"),
)  # fmt: skip
_SEEN: Final = Attribute(
    "place", slots.PLACES,
    ("{s} last had it at the {v}.", "{s} thinks it was left at the {v}.", "{s} lost it at the {v}.",
     "{s} last saw it at the {v}.", "{s} still had it at the {v}.",
     "{s} believes that it is still at the {v}.", "{s} put it down at the {v}.",
     "{s} forgot it at the {v}."),
    ("Where did {s} lose it?", "Where does {s} think it was left?", "Where did {s} last see it?",
     "At which place did {s} last have it?", "Where did {s} forget it?",
     "Where did {s} put it down?", "Where does {s} believe it is?",
     "In which place did {s} lose it?"),
    "{s} lost it at the {v}.",
    ("Did {s} lose it at the {v}?", "Did {s} last see it at the {v}?",
     "Did {s} forget it at the {v}?", "Does {s} think it was left at the {v}?",
     "Did {s} put it down at the {v}?"),
)  # fmt: skip
_BORROWED: Final = Attribute(
    "book", slots.TITLES,
    ('{s} borrowed "{v}".', '{s} took out "{v}".', '{s} has "{v}" on loan.',
     '{s} went home with "{v}".', '{s} is reading "{v}".', '{s} picked "{v}" from the shelf.',
     '{s} signed for "{v}".', 'The book "{v}" is with {o}.'),
    ("Which book did {s} borrow?", "What did {s} take out?", "What book does {s} have?",
     "Which title does {s} have on loan?", "What is {s} reading?", "Which book did {s} take out?",
     "What did {s} borrow?", "What is the title of {p} book?"),
    '{s} borrowed "{v}".',
    ('Did {s} borrow "{v}"?', 'Does {s} have "{v}"?', 'Did {s} take out "{v}"?',
     'Is {s} reading "{v}"?', 'Did {s} go home with "{v}"?'),
    ('Who borrowed "{v}"?', 'Who took out "{v}"?', 'Who has "{v}"?',
     'Which reader has "{v}" on loan?', 'Who is reading "{v}"?', 'Who signed for "{v}"?',
     'Which person borrowed "{v}"?'),
)  # fmt: skip
_DUE: Final = Attribute(
    "due_date", slots.DATES,
    ("{s} must return it by {v}.", "{s} has to bring it back by {v}.", "{p} loan ends on {v}.",
     "{s} can keep it until {v}.", "{s} should hand it in by {v}.",
     "{s} needs to give it back by {v}.", "{v} is when {s} must return it.",
     "{s} may have it until {v}."),
    ("When must {s} return it?", "By when must {s} bring it back?", "When does {p} loan end?",
     "Until when can {s} keep it?", "By which date must {s} return it?",
     "Until what date can {s} have it?", "When is it due back from {o}?",
     "When should {s} hand it in?"),
    "{s} must return it by {v}.",
    ("Must {s} return it by {v}?", "Does {p} loan end on {v}?", "Can {s} keep it until {v}?",
     "Should {s} hand it in by {v}?", "Must {s} give it back by {v}?"),
)  # fmt: skip
_BOUGHT: Final = Attribute(
    "item", slots.THINGS,
    ("{s} bought {a}.", "{s} picked out {a}.", "{s} went home with {a}.", "{s} got {a}.",
     "{s} chose {a}.", "{s} paid for {a}.", "{s} carried {a} out of the shop.",
     "{s} took home {a}.", "{s} found {a} and bought it.", "{s} wanted {a} and got it."),
    ("What did {s} buy?", "What did {s} get?", "What did {s} choose?", "Which item did {s} buy?",
     "What did {s} pick out?", "What did {s} take home?", "What did {s} pay for?",
     "What did {s} go home with?", "Which thing did {s} choose?", "What has {s} bought?"),
    "{s} bought {a}.",
    ("Did {s} buy {a}?", "Did {s} choose {a}?", "Did {s} pick out {a}?", "Did {s} take home {a}?",
     "Did {s} get {a}?"),
    ("Who bought {a}?", "Who got {a}?", "Who chose {a}?", "Which person bought {a}?",
     "Who took home {a}?", "Who picked out {a}?", "Who paid for {a}?"),
)  # fmt: skip
_PAID: Final = Attribute(
    "price", slots.PRICES,
    ("{s} paid {v}.", "{s} spent {v}.", "{p} bill was {v}.", "{s} handed over {v}.",
     "{s} paid a price of {v}.", "It came to {v} for {o}.", "The bill for {o} was {v}.",
     "{s} gave the cashier {v}."),
    ("How much did {s} pay?", "How much did {s} spend?", "What was {p} bill?", "What did {s} pay?",
     "How much money did {s} hand over?", "What did it cost {o}?", "What was the bill for {o}?",
     "How much money did {s} spend?", "What price did {s} pay?"),
    "{s} paid {v}.",
    ("Did {s} pay {v}?", "Was {p} bill {v}?", "Did {s} spend {v}?", "Was the bill for {o} {v}?",
     "Did {s} hand over {v}?"),
    ("Who paid {v}?", "Who spent {v}?", "Whose bill was {v}?", "Which person paid {v}?",
     "Who handed over {v}?", "Who gave the cashier {v}?", "Who paid a price of {v}?"),
)  # fmt: skip
_POINTS: Final = Attribute(
    "points", slots.numbers(2, 99),
    ("{s} scored {v} points.", "{s} got {v} points.", "{s} finished with {v} points.",
     "{p} score was {v} points.", "{s} ended on {v} points.", "{s} made {v} points.",
     "{s} won {v} points.", "The result for {o} was {v} points.", "{s} earned {v} points.",
     "{s} has a total of {v} points."),
    ("How many points did {s} score?", "What was {p} score?", "How many points did {s} get?",
     "What score did {s} finish with?", "How many points did {s} earn?",
     "How many points does {s} have?", "What was the result for {o}?",
     "How many points did {s} win?", "What did {s} score?"),
    "{s} scored {v} points.",
    ("Did {s} score {v} points?", "Was {p} score {v} points?", "Did {s} get {v} points?",
     "Did {s} earn {v} points?", "Did {s} finish with {v} points?"),
    ("Who scored {v} points?", "Who got {v} points?", "Who finished with {v} points?",
     "Which player scored {v} points?", "Who earned {v} points?", "Who won {v} points?",
     "Whose score was {v} points?"),
)  # fmt: skip
_HOBBY: Final = Attribute(
    "hobby", slots.HOBBIES,
    ("{s} enjoys {v}.", "{p} hobby is {v}.", "{s} likes {v}.", "{s} loves {v}.",
     "{s} spends weekends on {v}.", "{s} is fond of {v}.", "In free hours {s} goes in for {v}.",
     "{p} favourite pastime is {v}.", "{s} is keen on {v}.", "Nothing beats {v} for {o}."),
    ("What is {p} hobby?", "What does {s} enjoy?", "What does {s} like?",
     "What does {s} do for fun?", "Which hobby does {s} have?", "What is {s} fond of?",
     "What is {p} favourite pastime?", "What is {s} keen on?", "What does {s} love?",
     "What does {s} spend weekends on?"),
    "{s} enjoys {v}.",
    ("Does {s} enjoy {v}?", "Is {p} hobby {v}?", "Is {s} keen on {v}?", "Does {s} like {v}?",
     "Is {v} {p} favourite pastime?"),
    ("Who enjoys {v}?", "Whose hobby is {v}?", "Who likes {v}?", "Who loves {v}?",
     "Who is keen on {v}?", "Who is fond of {v}?", "Whose favourite pastime is {v}?"),
)  # fmt: skip
_AGE: Final = Attribute(
    "age", slots.numbers(18, 90),
    ("{s} is {v} years old.", "{s} is {v}.", "{p} age is {v}.", "{s} has turned {v}.",
     "{s} is aged {v}.", "{s} is now {v} years of age.", "{s} had a birthday and is {v}.",
     "The age of {o} is {v}."),
    ("How old is {s}?", "What is {p} age?", "What age is {s}?", "How many years old is {s}?",
     "What is the age of {o}?", "How many years of age is {s}?", "How old has {s} turned?",
     "At what age is {s} now?"),
    "{s} is {v} years old.",
    ("Is {s} {v} years old?", "Is {p} age {v}?", "Is {s} aged {v}?", "Has {s} turned {v}?",
     "Is the age of {o} {v}?"),
    ("Who is {v} years old?", "Whose age is {v}?", "Who is {v}?", "Which person is {v}?",
     "Who is aged {v}?", "Who has turned {v}?", "Who is {v} years of age?"),
)  # fmt: skip
_PRICE: Final = Attribute(
    "price", slots.PRICES,
    ("{s} costs {v}.", "{s} is {v}.", "The price of {o} is {v}.", "{s} sells for {v}.",
     "You can buy {o} for {v}.", "{s} is on sale for {v}.", "{s} can be yours for {v}.",
     "We sell {o} for {v}.", "For {o} you pay {v}.", "{p} price is {v}."),
    ("How much does {s} cost?", "What is the price of {o}?", "What does {s} cost?",
     "How much is {s}?", "What does {s} sell for?", "What is {p} price?",
     "How much do I pay for {o}?", "What is {s} on sale for?", "For how much can I buy {o}?",
     "How much money is {s}?"),
    "{s} costs {v}.",
    ("Does {s} cost {v}?", "Is the price of {o} {v}?", "Does {s} sell for {v}?",
     "Is {s} on sale for {v}?", "Is {p} price {v}?"),
    ("What costs {v}?", "Which one costs {v}?", "Which one sells for {v}?",
     "What can I buy for {v}?", "Which one is on sale for {v}?", "What sells for {v}?",
     "Which one is {v}?"),
)  # fmt: skip
_AISLE: Final = Attribute(
    "aisle", slots.numbers(1, 80),
    ("{s} is in aisle {v}.", "{s} can be found in aisle {v}.", "Look for {o} in aisle {v}.",
     "We keep {o} in aisle {v}.", "{s} stands in aisle {v}.", "Go to aisle {v} for {o}.",
     "You will see {o} in aisle {v}.", "{p} place is aisle {v}."),
    ("Which aisle is {s} in?", "Where is {s}?", "In which aisle can I find {o}?",
     "Where can I find {o}?", "What aisle is {s} in?", "Which aisle do I go to for {o}?",
     "In what aisle is {s}?", "Where do you keep {o}?"),
    "{s} is in aisle {v}.",
    ("Is {s} in aisle {v}?", "Can I find {o} in aisle {v}?", "Do you keep {o} in aisle {v}?",
     "Is {o} found in aisle {v}?", "Does {s} stand in aisle {v}?"),
    ("Which one is in aisle {v}?", "What is in aisle {v}?", "What can I find in aisle {v}?",
     "Which one can be found in aisle {v}?", "Which one stands in aisle {v}?",
     "What do you keep in aisle {v}?", "Which item is in aisle {v}?"),
)  # fmt: skip
_WEIGHT: Final = Attribute(
    "weight", slots.codes("", 100, 990),
    ("{s} weighs {v} grams.", "The weight of {o} is {v} grams.", "{p} weight is {v} grams.",
     "On the scale, {s} shows {v} grams.", "{s} has a weight of {v} grams.",
     "{s} comes to {v} grams.", "It is {v} grams that {s} weighs.", "{s} is {v} grams heavy."),
    ("How much does {s} weigh?", "What is the weight of {o}?", "How heavy is {s}?",
     "How many grams does {s} weigh?", "What does {s} weigh?", "What is {p} weight?",
     "How many grams does {s} have?", "How many grams is {s}?"),
    "{s} weighs {v} grams.",
    ("Does {s} weigh {v} grams?", "Is the weight of {o} {v} grams?", "Is {p} weight {v} grams?",
     "Does {s} come to {v} grams?", "Is {s} {v} grams heavy?"),
    ("What weighs {v} grams?", "Which one weighs {v} grams?",
     "Which one has a weight of {v} grams?", "What has a weight of {v} grams?",
     "Which item weighs {v} grams?", "What comes to {v} grams?", "Which one is {v} grams heavy?"),
)  # fmt: skip
_OWNER: Final = Attribute(
    "owner", slots.WOMEN + slots.MEN,
    ("{s} belongs to {v}.", "{v} owns {o}.", "{s} lives with {v}.", "{p} owner is {v}.",
     "The owner of {o} is {v}.", "{v} takes care of {o}.", "{s} is the pet of {v}.",
     "{v} looks after {o}.", "{s} shares a home with {v}.", "{v} came in with {o}."),
    ("Who owns {o}?", "Who does {s} belong to?", "Who is {p} owner?", "Who does {s} live with?",
     "Who takes care of {o}?", "Whose pet is {s}?", "Who is the owner of {o}?",
     "Who has {o} as a pet?"),
    "{s} belongs to {v}.",
    ("Does {s} belong to {v}?", "Is {v} the owner of {o}?", "Does {v} own {o}?",
     "Is {s} the pet of {v}?", "Does {s} live with {v}?"),
    ("Which animal belongs to {v}?", "Which pet does {v} own?", "Which pet lives with {v}?",
     "What is the name of the pet that {v} owns?", "Which pet belongs to {v}?",
     "Which animal does {v} take care of?", "What is {v}'s pet called?"),
)  # fmt: skip
_SPECIES: Final = Attribute(
    "animal", slots.ANIMALS,
    ("{s} is {a}.", "{s} is a very friendly {v}.", "{s} is a little {v}.", "{s} is a lovely {v}.",
     "{s} is a young {v}.", "{s} is a big {v}.", "{s} is a gentle {v}.",
     "{s} is a clever {v}."),
    ("What kind of animal is {s}?", "What animal is {s}?", "What is {s}?",
     "Which sort of animal is {s}?", "What sort of pet is {s}?", "What kind of pet is {s}?",
     "Which animal is {s}?", "What type of animal is {s}?"),
    "{s} is {a}.",
    ("Is {s} {a}?", "Is the pet called {s} {a}?", "Is {s} a kind of {v}?", "Is {a} what {s} is?",
     "Is the {v} called {s}?"),
    ("Which pet is {a}?", "Who is {a}?", "What is the name of the {v}?", "What is the {v} called?",
     "Which one is {a}?", "What name does the {v} have?", "Which animal is {a}?"),
)  # fmt: skip
_WHEN: Final = Attribute(
    "date", slots.DATES,
    ("{s} is on {v}.", "{s} takes place on {v}.", "{s} will be held on {v}.",
     "The date of {o} is {v}.", "Come to {o} on {v}.", "{v} is the day of {o}.",
     "You can see {o} on {v}.", "Everyone meets for {o} on {v}.", "We will have {o} on {v}."),
    ("On which day is {s}?", "On what date is {s}?", "On which date does {s} take place?",
     "What is the date of {o}?", "On what date will {s} be held?", "When is {s}?",
     "When does {s} take place?", "What day is {s} on?", "On which date will {s} be held?"),
    "{s} is on {v}.",
    ("Is {s} on {v}?", "Does {s} take place on {v}?", "Will {s} be held on {v}?",
     "Is the date of {o} {v}?", "Is {v} the day of {o}?"),
    ("What is on {v}?", "What takes place on {v}?", "Which event is on {v}?",
     "What will be held on {v}?", "Which event takes place on {v}?",
     "Which event will be held on {v}?", "What can I see on {v}?"),
)  # fmt: skip
_VENUE: Final = Attribute(
    "place", slots.PLACES,
    ("{s} is at the {v}.", "{s} takes place at the {v}.", "{s} will be held at the {v}.",
     "The place for {o} is the {v}.", "Go to the {v} for {o}.", "The {v} is where {s} will be.",
     "We have {o} at the {v}.", "You will find {o} at the {v}."),
    ("Where is {s}?", "Where does {s} take place?", "Where will {s} be held?",
     "What is the place for {o}?", "At which place is {s}?", "Where should I go for {o}?",
     "In what place will {s} be held?", "Where can I find {o}?"),
    "{s} is at the {v}.",
    ("Is {s} at the {v}?", "Does {s} take place at the {v}?", "Will {s} be held at the {v}?",
     "Is the place for {o} the {v}?", "Should I go to the {v} for {o}?"),
    ("What is at the {v}?", "Which event is at the {v}?", "What takes place at the {v}?",
     "What will be held at the {v}?", "Which event takes place at the {v}?",
     "Which event will be held at the {v}?", "What can I find at the {v}?"),
)  # fmt: skip
_STARTS: Final = Attribute(
    "time", slots.TIMES,
    ("{s} starts at {v}.", "{s} begins at {v}.", "The start of {o} is at {v}.",
     "Doors open for {o} at {v}, when it starts.", "{s} opens at {v}.", "We start {o} at {v}.",
     "{s} gets going at {v}.", "Be there for {o} at {v}, when it starts."),
    ("At what time does {s} start?", "What time does {s} begin?", "What is the start time of {o}?",
     "At what hour does {s} begin?", "When does {s} start?", "When does {s} begin?",
     "What time is {s}?", "At which time does {s} open?"),
    "{s} starts at {v}.",
    ("Does {s} start at {v}?", "Does {s} begin at {v}?", "Is the start of {o} at {v}?",
     "Does {s} open at {v}?", "Is {v} the start time of {o}?"),
    ("What starts at {v}?", "Which one starts at {v}?", "What begins at {v}?",
     "Which one begins at {v}?", "What opens at {v}?", "Which event starts at {v}?",
     "Which event begins at {v}?"),
)  # fmt: skip
_DEPARTS: Final = Attribute(
    "departure_time", slots.TIMES,
    ("{s} leaves at {v}.", "{s} departs at {v}.", "{s} takes off at {v}.",
     "The departure time of {o} is {v}.", "{s} is due to leave at {v}.",
     "{s} is in the air from {v} on.", "The plane of {o} starts at {v}.", "{s} goes at {v}."),
    ("When does {s} leave?", "What time does {s} depart?", "At what time does {s} take off?",
     "What is the departure time of {o}?", "At what time does {s} leave?", "When does {s} depart?",
     "When does {s} take off?", "What time is {s} due to leave?"),
    "{s} leaves at {v}.",
    ("Does {s} leave at {v}?", "Does {s} depart at {v}?", "Does {s} take off at {v}?",
     "Is the departure time of {o} {v}?", "Is {s} due to leave at {v}?"),
    ("Which flight leaves at {v}?", "Which flight departs at {v}?", "What leaves at {v}?",
     "Which flight takes off at {v}?", "Which flight is due to leave at {v}?",
     "What departs at {v}?", "What takes off at {v}?"),
)  # fmt: skip
_GATE: Final = Attribute(
    "gate", slots.numbers(1, 80),
    ("{s} boards at gate {v}.", "{s} is at gate {v}.", "The gate for {o} is {v}.",
     "{s} leaves from gate {v}.", "Go to gate {v} for {o}.", "Passengers of {o} wait at gate {v}.",
     "{s} uses gate {v}.", "Gate {v} is open for {o}."),
    ("Which gate is {s} at?", "What is the gate for {o}?", "At which gate does {s} board?",
     "What gate does {s} leave from?", "What gate is {s} at?", "Which gate does {s} use?",
     "Which gate do I need for {o}?", "At what gate do passengers of {o} wait?"),
    "{s} is at gate {v}.",
    ("Is {s} at gate {v}?", "Does {s} board at gate {v}?", "Does {s} leave from gate {v}?",
     "Does {s} use gate {v}?", "Is the gate for {o} {v}?"),
    ("Which flight is at gate {v}?", "Which flight boards at gate {v}?",
     "Which flight leaves from gate {v}?", "What is at gate {v}?", "Which flight uses gate {v}?",
     "What boards at gate {v}?", "What leaves from gate {v}?"),
)  # fmt: skip
_FLIES: Final = Attribute(
    "destination", slots.TOWNS,
    ("{s} goes to {v}.", "{s} flies to {v}.", "{s} is bound for {v}.", "{s} lands in {v}.",
     "{s} takes you to {v}.", "{v} is where {s} goes.", "{s} is on its way to {v}.",
     "The destination of {o} is {v}."),
    ("Where does {s} go?", "Where does {s} fly to?", "Which city is {s} bound for?",
     "Where does {s} land?", "What is the destination of {o}?", "Which town does {s} go to?",
     "Which town does {s} fly to?", "Where does {s} take you?"),
    "{s} goes to {v}.",
    ("Does {s} go to {v}?", "Does {s} fly to {v}?", "Is {s} bound for {v}?",
     "Is the destination of {o} {v}?", "Does {s} land in {v}?"),
    ("Which flight goes to {v}?", "Which flight is bound for {v}?", "What flies to {v}?",
     "Which flight lands in {v}?", "Which flight flies to {v}?", "What goes to {v}?",
     "What is bound for {v}?"),
)  # fmt: skip
_DEGREES: Final = Attribute(
    "temperature", slots.numbers(2, 70),
    ("{s} will have {v} degrees.", "In {o} the temperature will be {v} degrees.",
     "Expect {v} degrees in {o}.", "{s} will reach {v} degrees.", "It will be {v} degrees in {o}.",
     "People in {o} will have {v} degrees.", "{s} can expect {v} degrees.",
     "The thermometer in {o} will show {v} degrees."),
    ("How warm will it be in {o}?", "What will the temperature be in {o}?",
     "How many degrees will {s} have?", "What temperature will {s} reach?",
     "How many degrees will it be in {o}?", "What will the thermometer in {o} show?",
     "How many degrees can {s} expect?", "How warm will {s} be?"),
    "{s} will have {v} degrees.",
    ("Will {s} have {v} degrees?", "Will it be {v} degrees in {o}?", "Can {s} expect {v} degrees?",
     "Will the temperature in {o} be {v} degrees?", "Will {s} reach {v} degrees?"),
    ("Which town will have {v} degrees?", "Where will it be {v} degrees?",
     "Which town will reach {v} degrees?", "Where is {v} degrees expected?",
     "Which town can expect {v} degrees?", "Where will the temperature be {v} degrees?",
     "Where will the thermometer show {v} degrees?"),
)  # fmt: skip
_SKY: Final = Attribute(
    "weather", slots.SKIES,
    ("{s} will be {v}.", "In {o} it will be {v}.", "The weather in {o} will be {v}.",
     "Expect a {v} day in {o}.", "{s} will have {a} day.", "It looks {v} in {o}.",
     "There is {a} day ahead in {o}.", "People in {o} should plan for {a} day."),
    ("What will the weather be like in {o}?", "What is the forecast for {o}?",
     "How will the weather be in {o}?", "What kind of day will {s} have?",
     "How does it look in {o}?", "What weather will {s} have?", "What kind of day is ahead in {o}?",
     "What will it be like in {o}?"),
    "{s} will be {v}.",
    ("Will {s} be {v}?", "Will it be {v} in {o}?", "Will the weather in {o} be {v}?",
     "Will {s} have {a} day?", "Does it look {v} in {o}?"),
    ("Which town will be {v}?", "Where will it be {v}?", "Where will the weather be {v}?",
     "Which town will have a {v} day?", "Where does it look {v}?",
     "Which town can expect {a} day?", "Where will the day be {v}?"),
)  # fmt: skip
_MINUTES: Final = Attribute(
    "minutes", slots.numbers(5, 95),
    ("{s} takes {v} minutes.", "{s} is ready in {v} minutes.", "{s} needs {v} minutes.",
     "Cook {o} for {v} minutes.", "It takes {v} minutes to make {o}.",
     "{s} must cook for {v} minutes.", "After {v} minutes {s} is done.", "Give {o} {v} minutes."),
    ("How long does {s} take?", "How many minutes does {s} need?", "How long should I cook {o}?",
     "In how many minutes is {s} ready?", "How many minutes does {s} take?",
     "How long must {s} cook?", "How long does it take to make {o}?",
     "After how many minutes is {s} done?"),
    "{s} takes {v} minutes.",
    ("Does {s} take {v} minutes?", "Is {s} ready in {v} minutes?", "Does {s} need {v} minutes?",
     "Must {s} cook for {v} minutes?", "Is {s} done after {v} minutes?"),
    ("What takes {v} minutes?", "Which dish takes {v} minutes?", "Which dish needs {v} minutes?",
     "Which dish is ready in {v} minutes?", "Which dish is done after {v} minutes?",
     "What needs {v} minutes?", "Which dish must cook for {v} minutes?"),
)  # fmt: skip
_COOK: Final = Attribute(
    "cook", slots.WOMEN + slots.MEN,
    ("{s} was made by {v}.", "{v} made {o}.", "{v} cooked {o}.", "The cook of {o} was {v}.",
     "{v} prepared {o}.", "{s} is the work of {v}.", "It was {v} who made {o}.",
     "{v} brought {o}."),
    ("Who made {o}?", "Who cooked {o}?", "Who was {s} made by?", "Who was the cook of {o}?",
     "Who prepared {o}?", "Who brought {o}?", "Whose work is {s}?", "By whom was {s} made?"),
    "{v} made {o}.",
    ("Did {v} make {o}?", "Was {s} made by {v}?", "Did {v} cook {o}?", "Did {v} prepare {o}?",
     "Was {v} the cook of {o}?"),
    ("What did {v} make?", "Which dish did {v} make?", "What did {v} cook?",
     "Which dish was made by {v}?", "Which dish did {v} cook?", "What did {v} prepare?",
     "What was made by {v}?"),
)  # fmt: skip
_SERVES: Final = Attribute(
    "serves", slots.numbers(2, 60),
    ("{s} serves {v} people.", "{s} is enough for {v} people.", "{s} feeds {v} people.",
     "There is enough of {o} for {v} people.", "{s} makes enough for {v} people.",
     "{v} people can eat {o}.", "We share {o} among {v} people.",
     "{s} fills {v} plates, one for each of {v} people."),
    ("How many people does {s} serve?", "How many people does {s} feed?",
     "How many people is {s} enough for?", "For how many people is {s}?", "How many can eat {o}?",
     "How many people can eat {o}?", "Among how many people do we share {o}?",
     "For how many is {s} enough?"),
    "{s} serves {v} people.",
    ("Does {s} serve {v} people?", "Is {s} enough for {v} people?", "Does {s} feed {v} people?",
     "Can {v} people eat {o}?", "Is {s} for {v} people?"),
    ("Which dish serves {v} people?", "Which dish feeds {v} people?", "What serves {v} people?",
     "Which dish is enough for {v} people?", "What feeds {v} people?",
     "Which dish can {v} people eat?", "What is enough for {v} people?"),
)  # fmt: skip
_FOUNDED: Final = Attribute(
    "founded", slots.YEARS,
    ("{s} was founded in {v}.", "{s} opened in {v}.", "{s} started in {v}.",
     "{s} has been in business since {v}.", "{s} goes back to {v}.", "{s} was set up in {v}.",
     "The first year of {o} was {v}.", "{s} began trading in {v}."),
    ("When was {s} founded?", "In what year did {s} open?", "When did {s} start?",
     "Since when has {s} been in business?", "In which year was {s} founded?",
     "What year was {s} set up?", "When did {s} begin trading?", "What was the first year of {o}?"),
    "{s} was founded in {v}.",
    ("Was {s} founded in {v}?", "Did {s} open in {v}?", "Did {s} start in {v}?",
     "Was {s} set up in {v}?", "Did {s} begin trading in {v}?"),
    ("Which company was founded in {v}?", "Which business opened in {v}?",
     "Which company started in {v}?", "Which company has been in business since {v}?",
     "Which company was set up in {v}?", "Which firm began trading in {v}?",
     "Which firm goes back to {v}?"),
)  # fmt: skip
_BASED: Final = Attribute(
    "city", slots.TOWNS,
    ("{s} is based in {v}.", "{s} has its main office in {v}.", "{s} works out of {v}.",
     "The main office of {o} is in {v}.", "{s} is a firm from {v}.", "{s} has its home in {v}.",
     "You can visit {o} in {v}.", "The staff of {o} work in {v}."),
    ("Where is {s} based?", "Where is the main office of {o}?", "In which town is {s} based?",
     "Which town does {s} work out of?", "In what town is {s} based?", "What town is {s} from?",
     "In which town can I visit {o}?", "Where does {s} have its home?"),
    "{s} is based in {v}.",
    ("Is {s} based in {v}?", "Is the main office of {o} in {v}?", "Does {s} have its home in {v}?",
     "Is {s} a firm from {v}?", "Does {s} work out of {v}?"),
    ("Which company is based in {v}?", "Which company has its main office in {v}?",
     "Which business works out of {v}?", "Which business is based in {v}?",
     "Which firm is from {v}?", "Which company has its home in {v}?",
     "Which firm can I visit in {v}?"),
)  # fmt: skip
_MAKES: Final = Attribute(
    "product", slots.PRODUCTS,
    ("{s} makes {v}.", "{s} sells {v}.", "{s} is known for {v}.", "{p} main product is {v}.",
     "{s} produces {v}.", "{s} deals in {v}.", "You can buy {v} from {o}.",
     "Customers go to {o} for {v}."),
    ("What does {s} sell?", "What does {s} make?", "What is {s} known for?",
     "What is {p} main product?", "What does {s} produce?", "What does {s} deal in?",
     "What can I buy from {o}?", "What do customers go to {o} for?"),
    "{s} sells {v}.",
    ("Does {s} sell {v}?", "Is {s} known for {v}?", "Does {s} make {v}?", "Does {s} deal in {v}?",
     "Can I buy {v} from {o}?"),
    ("Which company sells {v}?", "Which company makes {v}?", "Which company is known for {v}?",
     "Which business sells {v}?", "Which company produces {v}?", "Which firm deals in {v}?",
     "Where can I buy {v}?"),
)  # fmt: skip

DOMAINS: Final = (
    Domain(_people, (_MOVED, _BORN, _JOB),
           (("", ""), ("Some old friends have news.", ""), ("", "They still write letters."))),
    Domain(_people, (_JOB, _ROOM, _JOINED),
           (("Staff list of {company}.", ""), ("", ""), ("The team at {company}:", ""))),
    Domain(_people, (_TRIP, _BY, _LEFT),
           (("", ""), ("It was a busy summer.", ""), ("", "Everyone came home happy."))),
    Domain(_people, (_LOST, _SEEN),
           (("Lost and found notes.", ""), ("", "Please call the desk if you can help."),
            ("", "")),
           refers_back=True),
    Domain(_people, (_BORROWED, _DUE),
           (("Library loans this week.", ""), ("", ""), ("", "Late books cost a small fee.")),
           refers_back=True),
    Domain(_people, (_BOUGHT, _PAID),
           (("There was a sale at {company}.", ""), ("", ""), ("", "The shop then closed."))),
    Domain(_people, (_POINTS, _AGE, _HOBBY),
           (("Here are the results of the game.", ""), ("", "It was a good game."), ("", ""))),
    Domain(_people, (_HOBBY, _TRIP, _JOB),
           (("Dear Mrs {surname}, here is our news.", "Best wishes from all of us."),
            ("Dear Mr {surname}, I hope you are well.", "See you soon."),
            ("Hello from all of us!", "Please write back, Mr {surname}."))),
    Domain(_products, (_PRICE, _AISLE, _WEIGHT),
           (("Welcome to {company}.", ""), ("", ""), ("", "All items can be returned."))),
    Domain(_pets, (_OWNER, _SPECIES),
           (("", ""), ("The vet saw some pets today.", ""), ("", "They all get along well."))),
    Domain(_the("the ", slots.EVENTS), (_WHEN, _VENUE, _STARTS),
           (("What is on this year:", ""), ("", "Everyone is welcome."), ("", ""))),
    Domain(_the("flight ", slots.codes("", 100, 899)), (_FLIES, _DEPARTS, _GATE),
           (("Airport news.", ""), ("", "Please be there early."), ("", ""))),
    Domain(_the("", slots.TOWNS), (_DEGREES,),
           (("Here is the weather for tomorrow.", ""), ("", "Have a nice day."), ("", ""))),
    Domain(_the("", slots.TOWNS), (_SKY,),
           (("The forecast for tomorrow:", ""), ("", "That was the weather."), ("", ""))),
    Domain(_dishes, (_MINUTES, _COOK, _SERVES),
           (("From the kitchen notebook:", ""), ("", "Enjoy your meal."), ("", ""))),
    Domain(_the("", slots.COMPANIES), (_FOUNDED, _BASED, _MAKES),
           (("A short guide to local firms.", ""), ("", ""), ("", "All of them are hiring."))),
)  # fmt: skip
