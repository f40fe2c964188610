"""Word lists that the generated world is built from."""

from typing import Final


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


NAMES: Final = tuple(
    words(
        "Ada Ben Clara Dan Emma Finn Grace Hugo Ivy Jack Kofi Lena Mia Noah Olga Paul Rosa Sam "
        "Tara Umar Vera Will Yara Zoe Amir Bella Carlos Dina Elias Fatima"
    )
)
PLACES: Final = (
    "the park", "the market", "the library", "the beach", "the station", "the museum",
    "the garden", "the school", "the bakery", "the farm", "the harbour", "the cinema",
    "the river", "the village", "the zoo", "the gym",
)  # fmt: skip
DAYS: Final = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
MONTHS: Final = words(
    "January February March April May June July August September October November December"
)
THINGS: Final = (
    "a book", "a red hat", "a loaf of bread", "a kite", "a lamp", "a blue bag", "a map",
    "a pair of shoes", "a ticket", "a guitar", "a bunch of flowers", "a clock", "a cake",
    "an umbrella", "a phone", "a toy train", "a green coat", "a basket", "a drum", "a chair",
)  # fmt: skip
COUNTABLE: Final = tuple(
    words(
        "apples books coins pens cards stamps oranges marbles shells eggs cups balloons stickers "
        "keys pencils toys"
    )
)
KINDS: Final = {
    "fruits": words("apple banana cherry grape lemon mango orange peach pear plum"),
    "vegetables": words("bean cabbage carrot leek onion pea potato radish spinach turnip"),
    "animals": words("bear cat cow dog elephant fox goat horse lion sheep"),
    "birds": words("crow duck eagle goose hen owl parrot pigeon robin swan"),
    "colours": words("black blue brown green grey orange pink purple red yellow"),
    "tools": words("axe chisel drill file hammer pliers rake saw shovel wrench"),
    "sports": words("baseball boxing cricket football golf hockey rowing rugby swimming tennis"),
    "drinks": words("cocoa coffee juice lemonade milk soda tea water"),
    "instruments": words("cello drum flute guitar harp piano trumpet violin"),
    "clothes": words("coat dress glove hat jacket scarf shirt shoe skirt sock"),
    "vehicles": words("bicycle boat bus car lorry plane ship train tram van"),
    "shapes": words("circle cube hexagon oval rectangle square star triangle"),
}
SINGULAR: Final = {
    "fruits": "a fruit", "vegetables": "a vegetable", "animals": "an animal", "birds": "a bird",
    "colours": "a colour", "tools": "a tool", "sports": "a sport", "drinks": "a drink",
    "instruments": "an instrument", "clothes": "a piece of clothing", "vehicles": "a vehicle",
    "shapes": "a shape",
}  # fmt: skip
CAPITALS: Final = dict(
    pair.split(":")
    for pair in words(
        "France:Paris Germany:Berlin Spain:Madrid Italy:Rome Portugal:Lisbon Greece:Athens "
        "Japan:Tokyo China:Beijing India:Delhi Egypt:Cairo Kenya:Nairobi Ghana:Accra "
        "Canada:Ottawa Brazil:Brasilia Peru:Lima Chile:Santiago Cuba:Havana Norway:Oslo "
        "Sweden:Stockholm Finland:Helsinki Denmark:Copenhagen Poland:Warsaw Austria:Vienna "
        "Hungary:Budapest Ireland:Dublin Russia:Moscow Turkey:Ankara Iran:Tehran Iraq:Baghdad "
        "Thailand:Bangkok Vietnam:Hanoi Australia:Canberra Mexico:Mexico_City Nigeria:Abuja "
        "Senegal:Dakar Morocco:Rabat Belgium:Brussels Switzerland:Bern Nepal:Kathmandu"
    )
)
OPPOSITES: Final = dict(
    pair.split(":")
    for pair in words(
        "hot:cold big:small tall:short fast:slow happy:sad light:dark old:young wet:dry "
        "hard:soft open:closed full:empty early:late loud:quiet rich:poor strong:weak "
        "clean:dirty heavy:light up:down left:right day:night win:lose begin:end push:pull "
        "love:hate buy:sell true:false near:far thick:thin sweet:sour brave:afraid"
    )
)
SOUNDS: Final = dict(
    pair.split(":")
    for pair in words(
        "dog:barks cat:meows cow:moos sheep:bleats duck:quacks horse:neighs lion:roars "
        "owl:hoots pig:oinks bee:buzzes snake:hisses crow:caws frog:croaks wolf:howls"
    )
)
LEGS: Final = {
    "dog": 4, "cat": 4, "spider": 8, "ant": 6, "bird": 2, "horse": 4, "snake": 0, "bee": 6,
    "cow": 4, "fish": 0, "octopus": 0, "chicken": 2,
}  # fmt: skip
UNITS: Final = (
    ("metre", "centimetre", 100), ("kilometre", "metre", 1000), ("hour", "minute", 60),
    ("minute", "second", 60), ("day", "hour", 24), ("week", "day", 7), ("year", "month", 12),
    ("kilogram", "gram", 1000), ("litre", "millilitre", 1000), ("foot", "inch", 12),
    ("dozen", "egg", 12), ("yard", "foot", 3), ("euro", "cent", 100), ("century", "year", 100),
)  # fmt: skip
IRREGULAR_PLURALS: Final = {
    "foot": "feet", "inch": "inches", "century": "centuries", "dozen": "dozen",
}  # fmt: skip
VERBS: Final = (
    ("walks", "walked", "walk", "to school"), ("plays", "played", "play", "in the garden"),
    ("cooks", "cooked", "cook", "dinner"), ("reads", "read", "read", "a story"),
    ("opens", "opened", "open", "the door"), ("writes", "wrote", "write", "a letter"),
    ("sings", "sang", "sing", "a song"), ("drinks", "drank", "drink", "some tea"),
    ("eats", "ate", "eat", "an apple"), ("cleans", "cleaned", "clean", "the room"),
    ("paints", "painted", "paint", "a picture"), ("rides", "rode", "ride", "a bicycle"),
    ("buys", "bought", "buy", "a new coat"), ("visits", "visited", "visit", "the museum"),
    ("watches", "watched", "watch", "a film"), ("makes", "made", "make", "a cake"),
    ("sees", "saw", "see", "a rainbow"), ("finds", "found", "find", "a coin"),
)  # fmt: skip
CAN: Final = {
    "fish": "swim", "bird": "fly", "frog": "jump", "horse": "run", "dolphin": "swim",
    "eagle": "fly", "rabbit": "jump", "duck": "swim", "bee": "fly", "tiger": "run",
}  # fmt: skip
CANNOT: Final = {
    "stone": "swim", "table": "fly", "snail": "fly", "tree": "run", "chair": "jump",
    "house": "run", "fish": "fly", "elephant": "fly", "potato": "jump", "book": "swim",
}  # fmt: skip
