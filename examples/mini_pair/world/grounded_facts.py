"""The facts that generated passages are about: attributes, and domains that put them together.

In wordings, {s}, {o} and {p} are the entity as subject, object and possessor, by name or pronoun;
{v} is the value and {a} the value with its article.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from world import slots
from world._draw import Draw

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


def sample(draw: Draw, options: tuple[str, ...], count: int) -> list[str]:
    """Draw different values, held out only where there are many."""
    return draw.rng.sample(options, count) if len(options) < _FEW else draw.values(options, count)


def _people(draw: Draw, count: int) -> list[Subject]:
    women = set(slots.WOMEN)
    names = draw.values(slots.WOMEN + slots.MEN, count)
    return [Subject(name, _SHE if name in women else _HE, name) for name in names]


def _pets(draw: Draw, count: int) -> list[Subject]:
    return [Subject(name, _IT, name) for name in draw.values(slots.PETS, count)]


def _products(draw: Draw, count: int) -> list[Subject]:
    thing = draw.value(slots.THINGS)
    colours = draw.rng.sample(slots.COLOURS, count)
    return [Subject(f"the {colour} {thing}", _IT, f"the {colour} one") for colour in colours]


def _dishes(draw: Draw, count: int) -> list[Subject]:
    dish = draw.choice(slots.DISHES)
    foods = draw.values(slots.FOODS, count)
    return [Subject(f"the {food} {dish}", _IT, f"the {food} {dish}") for food in foods]


def _the(prefix: str, options: tuple[str, ...]) -> Callable[[Draw, int], list[Subject]]:
    def subjects(draw: Draw, count: int) -> list[Subject]:
        names = [f"{prefix}{value}" for value in draw.values(options, count)]
        return [Subject(name, _IT, name) for name in names]

    return subjects


_MOVED: Final = Attribute(
    "city", slots.TOWNS,
    ("{s} moved to {v}.", "{s} has moved to {v}.", "{s} went to live in {v}.",
     "{s} made a new home in {v}.", "{s} settled in {v}."),
    ("Where did {s} move?", "Which town did {s} move to?", "What town did {s} settle in?",
     "Where did {s} go to live?", "Where is {p} new home?"),
    "{s} moved to {v}.", ("Did {s} move to {v}?", "Did {s} go to live in {v}?"),
    ("Who moved to {v}?", "Who went to live in {v}?", "Who settled in {v}?",
     "Which person moved to {v}?"),
)  # fmt: skip
_BORN: Final = Attribute(
    "year", slots.YEARS,
    ("{s} was born in {v}.", "{p} year of birth is {v}.", "{p} birth year was {v}.",
     "{s} came into the world in {v}."),
    ("When was {s} born?", "In what year was {s} born?", "What is {p} year of birth?",
     "Which year was {s} born in?"),
    "{s} was born in {v}.", ("Was {s} born in {v}?", "Is {p} year of birth {v}?"),
    ("Who was born in {v}?", "Which person was born in {v}?", "Whose year of birth is {v}?",
     "Who came into the world in {v}?"),
)  # fmt: skip
_JOB: Final = Attribute(
    "job", slots.JOBS,
    ("{s} works as {a}.", "{s} is {a}.", "{s} has a job as {a}.", "{s} earns a living as {a}.",
     "{s} is employed as {a}."),
    ("What is {p} job?", "What does {s} do for a living?", "What does {s} work as?",
     "What job does {s} have?", "What is {p} profession?"),
    "{s} works as {a}.", ("Is {s} {a}?", "Does {s} work as {a}?"),
    ("Who works as {a}?", "Who is the {v}?", "Who is {a}?", "Which person is {a}?"),
)  # fmt: skip
_ROOM: Final = Attribute(
    "room", slots.ROOMS,
    ("{s} is in {v}.", "{s} can be found in {v}.", "{p} desk is in {v}.", "{s} sits in {v}.",
     "{s} uses {v}."),
    ("Which room is {s} in?", "Where can I find {o}?", "Where does {s} sit?",
     "What is {p} room?", "In which room is {p} desk?"),
    "{s} is in {v}.", ("Is {s} in {v}?", "Does {s} sit in {v}?"),
    ("Who is in {v}?", "Who sits in {v}?", "Who uses {v}?", "Who can be found in {v}?"),
)  # fmt: skip
_JOINED: Final = Attribute(
    "start_date", slots.FULL_DATES,
    ("{s} joined on {v}.", "{s} has been here since {v}.", "{s} started work on {v}.",
     "{p} first day was {v}."),
    ("When did {s} join?", "On what date did {s} start work?", "When was {p} first day?",
     "Since when has {s} been here?", "When did {s} start?"),
    "{s} started on {v}.", ("Did {s} start on {v}?", "Did {s} join on {v}?"),
    ("Who joined on {v}?", "Who started on {v}?", "Who has been here since {v}?",
     "Whose first day was {v}?"),
)  # fmt: skip
_TRIP: Final = Attribute(
    "destination", slots.TOWNS,
    ("{s} travelled to {v}.", "{s} took a trip to {v}.", "{s} went on holiday to {v}.",
     "{s} spent a week in {v}.", "{s} visited {v}."),
    ("Where did {s} travel?", "Which town did {s} visit?", "Where did {s} go on holiday?",
     "Where was {p} trip to?", "Where did {s} spend a week?"),
    "{s} travelled to {v}.", ("Did {s} travel to {v}?", "Did {s} go to {v}?"),
    ("Who travelled to {v}?", "Who visited {v}?", "Who went to {v}?", "Whose trip was to {v}?"),
)  # fmt: skip
_BY: Final = Attribute(
    "transport", slots.TRANSPORT,
    ("{s} travelled by {v}.", "{s} went by {v}.", "{s} made the journey by {v}.",
     "{s} got there by {v}."),
    ("How did {s} travel?", "How did {s} get there?", "How did {s} make the journey?",
     "What did {s} travel by?"),
    "{s} went by {v}.", ("Did {s} travel by {v}?", "Did {s} go by {v}?"),
    ("Who travelled by {v}?", "Who went by {v}?", "Who got there by {v}?",
     "Who made the journey by {v}?"),
)  # fmt: skip
_LEFT: Final = Attribute(
    "departure_date", slots.DATES,
    ("{s} left on {v}.", "{s} set off on {v}.", "{s} started the journey on {v}.",
     "{p} trip began on {v}."),
    ("When did {s} leave?", "On what date did {s} set off?", "When did {p} trip begin?",
     "What day did {s} leave?"),
    "{s} left on {v}.", ("Did {s} leave on {v}?", "Did {s} set off on {v}?"),
    ("Who left on {v}?", "Who set off on {v}?", "Whose trip began on {v}?",
     "Who started the journey on {v}?"),
)  # fmt: skip
_LOST: Final = Attribute(
    "item", slots.THINGS,
    ("{s} lost {a}.", "{s} is looking for {a}.", "{s} has reported {a} as lost.",
     "{s} is missing {a}."),
    ("What did {s} lose?", "What is {s} looking for?", "What is {s} missing?",
     "Which item did {s} lose?"),
    "{s} lost {a}.", ("Did {s} lose {a}?", "Is {s} looking for {a}?"),
    ("Who lost {a}?", "Who is looking for {a}?", "Who is missing {a}?", "Which person lost {a}?"),
)  # fmt: skip
_SEEN: Final = Attribute(
    "place", slots.PLACES,
    ("{s} last had it at the {v}.", "{s} thinks it was left at the {v}.",
     "{s} lost it at the {v}.", "{s} last saw it at the {v}."),
    ("Where did {s} lose it?", "Where does {s} think it was left?",
     "Where did {s} last see it?", "At which place did {s} last have it?"),
    "{s} lost it at the {v}.", ("Did {s} lose it at the {v}?", "Did {s} last see it at the {v}?"),
)  # fmt: skip
_BORROWED: Final = Attribute(
    "book", slots.TITLES,
    ('{s} borrowed "{v}".', '{s} took out "{v}".', '{s} has "{v}" on loan.',
     '{s} went home with "{v}".'),
    ("Which book did {s} borrow?", "What did {s} take out?", "What book does {s} have?",
     "Which title does {s} have on loan?"),
    '{s} borrowed "{v}".', ('Did {s} borrow "{v}"?', 'Does {s} have "{v}"?'),
    ('Who borrowed "{v}"?', 'Who took out "{v}"?', 'Who has "{v}"?',
     'Which reader has "{v}" on loan?'),
)  # fmt: skip
_DUE: Final = Attribute(
    "due_date", slots.DATES,
    ("{s} must return it by {v}.", "{s} has to bring it back by {v}.", "{p} loan ends on {v}.",
     "{s} can keep it until {v}."),
    ("When must {s} return it?", "By when must {s} bring it back?", "When does {p} loan end?",
     "Until when can {s} keep it?"),
    "{s} must return it by {v}.", ("Must {s} return it by {v}?", "Does {p} loan end on {v}?"),
)  # fmt: skip
_BOUGHT: Final = Attribute(
    "item", slots.THINGS,
    ("{s} bought {a}.", "{s} picked out {a}.", "{s} went home with {a}.", "{s} got {a}.",
     "{s} chose {a}."),
    ("What did {s} buy?", "What did {s} get?", "What did {s} choose?", "Which item did {s} buy?",
     "What did {s} pick out?"),
    "{s} bought {a}.", ("Did {s} buy {a}?", "Did {s} choose {a}?"),
    ("Who bought {a}?", "Who got {a}?", "Who chose {a}?", "Which person bought {a}?"),
)  # fmt: skip
_PAID: Final = Attribute(
    "price", slots.PRICES,
    ("{s} paid {v}.", "{s} spent {v}.", "{p} bill was {v}.", "{s} handed over {v}."),
    ("How much did {s} pay?", "How much did {s} spend?", "What was {p} bill?",
     "What did {s} pay?", "How much money did {s} hand over?"),
    "{s} paid {v}.", ("Did {s} pay {v}?", "Was {p} bill {v}?"),
    ("Who paid {v}?", "Who spent {v}?", "Whose bill was {v}?", "Which person paid {v}?"),
)  # fmt: skip
_POINTS: Final = Attribute(
    "points", slots.numbers(2, 99),
    ("{s} scored {v} points.", "{s} got {v} points.", "{s} finished with {v} points.",
     "{p} score was {v} points.", "{s} ended on {v} points."),
    ("How many points did {s} score?", "What was {p} score?", "How many points did {s} get?",
     "What score did {s} finish with?"),
    "{s} scored {v} points.", ("Did {s} score {v} points?", "Was {p} score {v} points?"),
    ("Who scored {v} points?", "Who got {v} points?", "Who finished with {v} points?",
     "Which player scored {v} points?"),
)  # fmt: skip
_HOBBY: Final = Attribute(
    "hobby", slots.HOBBIES,
    ("{s} enjoys {v}.", "{p} hobby is {v}.", "{s} likes {v}.", "{s} loves {v}.",
     "{s} spends weekends on {v}."),
    ("What is {p} hobby?", "What does {s} enjoy?", "What does {s} like?",
     "What does {s} do for fun?", "Which hobby does {s} have?"),
    "{s} enjoys {v}.", ("Does {s} enjoy {v}?", "Is {p} hobby {v}?"),
    ("Who enjoys {v}?", "Whose hobby is {v}?", "Who likes {v}?", "Who loves {v}?"),
)  # fmt: skip
_AGE: Final = Attribute(
    "age", slots.numbers(18, 90),
    ("{s} is {v} years old.", "{s} is {v}.", "{p} age is {v}.", "{s} has turned {v}."),
    ("How old is {s}?", "What is {p} age?", "What age is {s}?", "How many years old is {s}?"),
    "{s} is {v} years old.", ("Is {s} {v} years old?", "Is {p} age {v}?"),
    ("Who is {v} years old?", "Whose age is {v}?", "Who is {v}?", "Which person is {v}?"),
)  # fmt: skip
_PRICE: Final = Attribute(
    "price", slots.PRICES,
    ("{s} costs {v}.", "{s} is {v}.", "The price of {o} is {v}.", "{s} sells for {v}.",
     "You can buy {o} for {v}."),
    ("How much does {s} cost?", "What is the price of {o}?", "What does {s} cost?",
     "How much is {s}?", "What does {s} sell for?"),
    "{s} costs {v}.", ("Does {s} cost {v}?", "Is the price of {o} {v}?"),
    ("What costs {v}?", "Which one costs {v}?", "Which one sells for {v}?",
     "What can I buy for {v}?"),
)  # fmt: skip
_AISLE: Final = Attribute(
    "aisle", slots.numbers(1, 80),
    ("{s} is in aisle {v}.", "{s} can be found in aisle {v}.", "Look for {o} in aisle {v}.",
     "We keep {o} in aisle {v}."),
    ("Which aisle is {s} in?", "Where is {s}?", "In which aisle can I find {o}?",
     "Where can I find {o}?"),
    "{s} is in aisle {v}.", ("Is {s} in aisle {v}?", "Can I find {o} in aisle {v}?"),
    ("Which one is in aisle {v}?", "What is in aisle {v}?", "What can I find in aisle {v}?",
     "Which one can be found in aisle {v}?"),
)  # fmt: skip
_WEIGHT: Final = Attribute(
    "weight", slots.codes("", 100, 990),
    ("{s} weighs {v} grams.", "The weight of {o} is {v} grams.", "{p} weight is {v} grams.",
     "On the scale, {s} shows {v} grams."),
    ("How much does {s} weigh?", "What is the weight of {o}?", "How heavy is {s}?",
     "How many grams does {s} weigh?"),
    "{s} weighs {v} grams.", ("Does {s} weigh {v} grams?", "Is the weight of {o} {v} grams?"),
    ("What weighs {v} grams?", "Which one weighs {v} grams?",
     "Which one has a weight of {v} grams?",
     "What has a weight of {v} grams?"),
)  # fmt: skip
_OWNER: Final = Attribute(
    "owner", slots.WOMEN + slots.MEN,
    ("{s} belongs to {v}.", "{v} owns {o}.", "{s} lives with {v}.", "{p} owner is {v}.",
     "The owner of {o} is {v}."),
    ("Who owns {o}?", "Who does {s} belong to?", "Who is {p} owner?", "Who does {s} live with?"),
    "{s} belongs to {v}.", ("Does {s} belong to {v}?", "Is {v} the owner of {o}?"),
    ("Which animal belongs to {v}?", "Which pet does {v} own?", "Which pet lives with {v}?",
     "What is the name of the pet that {v} owns?"),
)  # fmt: skip
_SPECIES: Final = Attribute(
    "animal", slots.ANIMALS,
    ("{s} is {a}.", "{s} is a very friendly {v}.", "{s} is a little {v}.", "{s} is a lovely {v}."),
    ("What kind of animal is {s}?", "What animal is {s}?", "What is {s}?",
     "Which sort of animal is {s}?"),
    "{s} is {a}.", ("Is {s} {a}?", "Is the pet called {s} {a}?"),
    ("Which pet is {a}?", "Who is {a}?", "What is the name of the {v}?",
     "What is the {v} called?"),
)  # fmt: skip
_WHEN: Final = Attribute(
    "date", slots.DATES,
    ("{s} is on {v}.", "{s} takes place on {v}.", "{s} will be held on {v}.",
     "The date of {o} is {v}.", "Come to {o} on {v}."),
    ("On which day is {s}?", "On what date is {s}?", "On which date does {s} take place?",
     "What is the date of {o}?", "On what date will {s} be held?"),
    "{s} is on {v}.", ("Is {s} on {v}?", "Does {s} take place on {v}?"),
    ("What is on {v}?", "What takes place on {v}?", "Which event is on {v}?",
     "What will be held on {v}?"),
)  # fmt: skip
_VENUE: Final = Attribute(
    "place", slots.PLACES,
    ("{s} is at the {v}.", "{s} takes place at the {v}.", "{s} will be held at the {v}.",
     "The place for {o} is the {v}."),
    ("Where is {s}?", "Where does {s} take place?", "Where will {s} be held?",
     "What is the place for {o}?"),
    "{s} is at the {v}.", ("Is {s} at the {v}?", "Does {s} take place at the {v}?"),
    ("What is at the {v}?", "Which event is at the {v}?", "What takes place at the {v}?",
     "What will be held at the {v}?"),
)  # fmt: skip
_STARTS: Final = Attribute(
    "time", slots.TIMES,
    ("{s} starts at {v}.", "{s} begins at {v}.", "The start of {o} is at {v}.",
     "Doors open for {o} at {v}, when it starts."),
    ("At what time does {s} start?", "What time does {s} begin?", "What is the start time of {o}?",
     "At what hour does {s} begin?"),
    "{s} starts at {v}.", ("Does {s} start at {v}?", "Does {s} begin at {v}?"),
    ("What starts at {v}?", "Which one starts at {v}?", "What begins at {v}?",
     "Which one begins at {v}?"),
)  # fmt: skip
_DEPARTS: Final = Attribute(
    "departure_time", slots.TIMES,
    ("{s} leaves at {v}.", "{s} departs at {v}.", "{s} takes off at {v}.",
     "The departure time of {o} is {v}."),
    ("When does {s} leave?", "What time does {s} depart?", "At what time does {s} take off?",
     "What is the departure time of {o}?"),
    "{s} leaves at {v}.", ("Does {s} leave at {v}?", "Does {s} depart at {v}?"),
    ("Which flight leaves at {v}?", "Which flight departs at {v}?", "What leaves at {v}?",
     "Which flight takes off at {v}?"),
)  # fmt: skip
_GATE: Final = Attribute(
    "gate", slots.numbers(1, 80),
    ("{s} boards at gate {v}.", "{s} is at gate {v}.", "The gate for {o} is {v}.",
     "{s} leaves from gate {v}."),
    ("Which gate is {s} at?", "What is the gate for {o}?", "At which gate does {s} board?",
     "What gate does {s} leave from?"),
    "{s} is at gate {v}.", ("Is {s} at gate {v}?", "Does {s} board at gate {v}?"),
    ("Which flight is at gate {v}?", "Which flight boards at gate {v}?",
     "Which flight leaves from gate {v}?", "What is at gate {v}?"),
)  # fmt: skip
_FLIES: Final = Attribute(
    "destination", slots.TOWNS,
    ("{s} goes to {v}.", "{s} flies to {v}.", "{s} is bound for {v}.", "{s} lands in {v}."),
    ("Where does {s} go?", "Where does {s} fly to?", "Which city is {s} bound for?",
     "Where does {s} land?"),
    "{s} goes to {v}.", ("Does {s} go to {v}?", "Does {s} fly to {v}?"),
    ("Which flight goes to {v}?", "Which flight is bound for {v}?", "What flies to {v}?",
     "Which flight lands in {v}?"),
)  # fmt: skip
_DEGREES: Final = Attribute(
    "temperature", slots.numbers(2, 70),
    ("{s} will have {v} degrees.", "In {o} the temperature will be {v} degrees.",
     "Expect {v} degrees in {o}.", "{s} will reach {v} degrees."),
    ("How warm will it be in {o}?", "What will the temperature be in {o}?",
     "How many degrees will {s} have?", "What temperature will {s} reach?"),
    "{s} will have {v} degrees.", ("Will {s} have {v} degrees?", "Will it be {v} degrees in {o}?"),
    ("Which town will have {v} degrees?", "Where will it be {v} degrees?",
     "Which town will reach {v} degrees?", "Where is {v} degrees expected?"),
)  # fmt: skip
_SKY: Final = Attribute(
    "weather", slots.SKIES,
    ("{s} will be {v}.", "In {o} it will be {v}.", "The weather in {o} will be {v}.",
     "Expect a {v} day in {o}."),
    ("What will the weather be like in {o}?", "What is the forecast for {o}?",
     "How will the weather be in {o}?", "What kind of day will {s} have?"),
    "{s} will be {v}.", ("Will {s} be {v}?", "Will it be {v} in {o}?"),
    ("Which town will be {v}?", "Where will it be {v}?", "Where will the weather be {v}?",
     "Which town will have a {v} day?"),
)  # fmt: skip
_MINUTES: Final = Attribute(
    "minutes", slots.numbers(5, 95),
    ("{s} takes {v} minutes.", "{s} is ready in {v} minutes.", "{s} needs {v} minutes.",
     "Cook {o} for {v} minutes."),
    ("How long does {s} take?", "How many minutes does {s} need?", "How long should I cook {o}?",
     "In how many minutes is {s} ready?"),
    "{s} takes {v} minutes.", ("Does {s} take {v} minutes?", "Is {s} ready in {v} minutes?"),
    ("What takes {v} minutes?", "Which dish takes {v} minutes?", "Which dish needs {v} minutes?",
     "Which dish is ready in {v} minutes?"),
)  # fmt: skip
_COOK: Final = Attribute(
    "cook", slots.WOMEN + slots.MEN,
    ("{s} was made by {v}.", "{v} made {o}.", "{v} cooked {o}.", "The cook of {o} was {v}."),
    ("Who made {o}?", "Who cooked {o}?", "Who was {s} made by?", "Who was the cook of {o}?"),
    "{v} made {o}.", ("Did {v} make {o}?", "Was {s} made by {v}?"),
    ("What did {v} make?", "Which dish did {v} make?", "What did {v} cook?",
     "Which dish was made by {v}?"),
)  # fmt: skip
_SERVES: Final = Attribute(
    "serves", slots.numbers(2, 60),
    ("{s} serves {v} people.", "{s} is enough for {v} people.", "{s} feeds {v} people.",
     "There is enough of {o} for {v} people."),
    ("How many people does {s} serve?", "How many people does {s} feed?",
     "How many people is {s} enough for?", "For how many people is {s}?"),
    "{s} serves {v} people.", ("Does {s} serve {v} people?", "Is {s} enough for {v} people?"),
    ("Which dish serves {v} people?", "Which dish feeds {v} people?", "What serves {v} people?",
     "Which dish is enough for {v} people?"),
)  # fmt: skip
_FOUNDED: Final = Attribute(
    "founded", slots.YEARS,
    ("{s} was founded in {v}.", "{s} opened in {v}.", "{s} started in {v}.",
     "{s} has been in business since {v}."),
    ("When was {s} founded?", "In what year did {s} open?", "When did {s} start?",
     "Since when has {s} been in business?"),
    "{s} was founded in {v}.", ("Was {s} founded in {v}?", "Did {s} open in {v}?"),
    ("Which company was founded in {v}?", "Which business opened in {v}?",
     "Which company started in {v}?", "Which company has been in business since {v}?"),
)  # fmt: skip
_BASED: Final = Attribute(
    "city", slots.TOWNS,
    ("{s} is based in {v}.", "{s} has its main office in {v}.", "{s} works out of {v}.",
     "The main office of {o} is in {v}."),
    ("Where is {s} based?", "Where is the main office of {o}?", "In which town is {s} based?",
     "Which town does {s} work out of?"),
    "{s} is based in {v}.", ("Is {s} based in {v}?", "Is the main office of {o} in {v}?"),
    ("Which company is based in {v}?", "Which company has its main office in {v}?",
     "Which business works out of {v}?", "Which business is based in {v}?"),
)  # fmt: skip
_MAKES: Final = Attribute(
    "product", slots.PRODUCTS,
    ("{s} makes {v}.", "{s} sells {v}.", "{s} is known for {v}.", "{p} main product is {v}."),
    ("What does {s} sell?", "What does {s} make?", "What is {s} known for?",
     "What is {p} main product?"),
    "{s} sells {v}.", ("Does {s} sell {v}?", "Is {s} known for {v}?"),
    ("Which company sells {v}?", "Which company makes {v}?", "Which company is known for {v}?",
     "Which business sells {v}?"),
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
