"""The kinds of generated passages: whom or what they are about, and which facts they tell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from world._draw import Draw
from world._text import invented_name, invented_word
from world.words import people, slots, things
from world.words.attribute import Attribute

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


DOMAINS: Final = (
    Domain(_people, (people.MOVED, people.BORN, people.JOB),
           (("", ""), ("Some old friends have news.", ""), ("", "They still write letters."))),
    Domain(_people, (people.JOB, people.ROOM, people.JOINED),
           (("Staff list of {company}.", ""), ("", ""), ("The team at {company}:", ""))),
    Domain(_people, (people.TRIP, people.BY, people.LEFT),
           (("", ""), ("It was a busy summer.", ""), ("", "Everyone came home happy."))),
    Domain(_people, (people.LOST, people.SEEN),
           (("Lost and found notes.", ""), ("", "Please call the desk if you can help."),
            ("", "")),
           refers_back=True),
    Domain(_people, (people.BORROWED, people.DUE),
           (("Library loans this week.", ""), ("", ""), ("", "Late books cost a small fee.")),
           refers_back=True),
    Domain(_people, (people.BOUGHT, people.PAID),
           (("There was a sale at {company}.", ""), ("", ""), ("", "The shop then closed."))),
    Domain(_people, (people.POINTS, people.AGE, people.HOBBY),
           (("Here are the results of the game.", ""), ("", "It was a good game."), ("", ""))),
    Domain(_people, (people.HOBBY, people.TRIP, people.JOB),
           (("Dear Mrs {surname}, here is our news.", "Best wishes from all of us."),
            ("Dear Mr {surname}, I hope you are well.", "See you soon."),
            ("Hello from all of us!", "Please write back, Mr {surname}."))),
    Domain(_products, (things.PRICE, things.AISLE, things.WEIGHT),
           (("Welcome to {company}.", ""), ("", ""), ("", "All items can be returned."))),
    Domain(_pets, (things.OWNER, things.SPECIES),
           (("", ""), ("The vet saw some pets today.", ""), ("", "They all get along well."))),
    Domain(_the("the ", slots.EVENTS), (things.WHEN, things.VENUE, things.STARTS),
           (("What is on this year:", ""), ("", "Everyone is welcome."), ("", ""))),
    Domain(_the("flight ", slots.codes("", 100, 899)), (things.FLIES, things.DEPARTS, things.GATE),
           (("Airport news.", ""), ("", "Please be there early."), ("", ""))),
    Domain(_the("", slots.TOWNS), (things.DEGREES,),
           (("Here is the weather for tomorrow.", ""), ("", "Have a nice day."), ("", ""))),
    Domain(_the("", slots.TOWNS), (things.SKY,),
           (("The forecast for tomorrow:", ""), ("", "That was the weather."), ("", ""))),
    Domain(_dishes, (things.MINUTES, things.COOK, things.SERVES),
           (("From the kitchen notebook:", ""), ("", "Enjoy your meal."), ("", ""))),
    Domain(_the("", slots.COMPANIES), (things.FOUNDED, things.BASED, things.MAKES),
           (("A short guide to local firms.", ""), ("", ""), ("", "All of them are hiring."))),
)  # fmt: skip
