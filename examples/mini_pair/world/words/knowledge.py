"""What there is to know of the little world, and how it is asked for."""

from typing import Final

import lexicon as lx
from lexicon import words

CAPITAL_ASK: Final = (
    "What is the capital of {}?", "Name the capital of {}.", "Tell me the capital of {}.",
    "capital of {}", "Which city is the capital of {}?", "What is the capital city of {}?",
    "Do you know the capital of {}?", "{}: what is its capital?", "I forgot the capital of {}.",
    "Give me the capital of {}.", "Which city is {}'s capital?", "what's the capital of {}",
    "Can you tell me the capital of {}?", "Quiz: the capital of {}?", "Say the capital of {}.",
    "What city is the capital of {}?", "I want to know the capital of {}.",
    "Which city do we call the capital of {}?", "Write down the capital of {}.", "{}'s capital?",
    "What is {}'s capital city?", "Please name the capital of {}.",
    "I need the capital city of {}.", "Could you tell me the capital of {}?",
    "Of all the cities in {}, which is the capital?", "Question: what is the capital of {}?",
    "what city is capital of {}", "Remind me what the capital of {} is.",
    "Geography question: what is the capital of {}?", "The capital of {} is which city?",
    "Find the capital of {}.", "My teacher wants to know the capital of {}.",
)  # fmt: skip
COUNTRY_ASK: Final = (
    "Which country has {} as its capital?", "{} is the capital of which country?",
    "Of which country is {} the capital?", "What country is {} the capital of?",
    "Name the country whose capital is {}.", "{} is a capital. Of which country?",
    "{} is the capital city of what country?", "Tell me which country has the capital {}.",
    "Whose capital is {}?", "Which country has its capital in {}?",
    "For which country is {} the capital?", "In which country is {} the capital?",
    "which country has the capital {}", "What country has {} as its capital city?",
    "Do you know which country {} is the capital of?", "Quiz: {} is the capital of which country?",
    "I know {} is a capital, but of which country?", "Give me the country with the capital {}.",
    "Say which country {} is the capital of.", "Can you name the country with the capital {}?",
    "Please tell me the country whose capital is {}.",
)  # fmt: skip
OPPOSITE_ASK: Final = (
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
    "What is the reverse of {} in meaning?",
    "Find the opposite of {}.",
    "Say the opposite of {}.",
    "Write the opposite of {}.",
    "what's the opposite of {}",
    "Do you know the opposite of {}?",
    "What would be the opposite of {}?",
    "Please tell me the opposite of {}.",
    "Not {}, but the opposite. What is the word?",
    "Which word is opposite in meaning to {}?",
    "Think of the opposite of {}.",
    "Quiz: what is the opposite of {}?",
    "The opposite of {} is what?",
    "I am looking for the opposite of {}.",
    "If it is the opposite of {}, what is it?",
    "Could you name the opposite of {}?",
)
SOUND_ASK: Final = (
    "What sound does {} make?", "What noise does {} make?", "Which sound does {} make?",
    "How does {} sound?", "Tell me what sound {} makes.", "what does {} do to make noise",
    "What do you hear when {} makes a noise?",
    "What sound do you hear from {}?", "Which noise does {} make?", "What is the sound of {}?",
    "What kind of sound does {} make?", "Do you know what sound {} makes?",
    "Name the sound that {} makes.", "what sound does {} make", "What noise comes from {}?",
    "Tell me the noise that {} makes.", "When {} makes a sound, what does it do?",
    "Say what {} does when it is noisy.", "Can you tell me how {} sounds?",
    "Which word tells us how {} sounds?", "How do we describe the sound of {}?",
    "Quiz: what sound does {} make?",
)  # fmt: skip
LEGS_ASK: Final = (
    "How many legs does {} have?", "Tell me how many legs {} has.", "{}: how many legs?",
    "What number of legs does {} have?", "How many legs can you count on {}?",
    "Count the legs of {}.",
    "How many legs are there on {}?", "Say how many legs {} has.",
    "Do you know how many legs {} has?", "Can you tell me how many legs {} has?",
    "How many legs would you draw on {}?", "What is the number of legs of {}?",
    "Give the number of legs of {}.", "On how many legs does {} walk, if any?",
    "Quiz: how many legs does {} have?", "Does {} have legs, and how many?",
    "If you look at {}, how many legs do you see?", "How many legs belong to {}?",
    "Please tell me how many legs {} has.", "I want to draw {}. How many legs does it need?",
    "how many legs has {}",
)  # fmt: skip
CYCLE_ASK: Final = (
    "Which {w} comes {o} {x}?", "What is the {w} {o} {x}?", "Name the {w} {o} {x}.",
    "What {w} is {o} {x}?", "Tell me the {w} that comes {o} {x}.", "which {w} is right {o} {x}",
    "Do you know which {w} comes {o} {x}?",
    "Say which {w} comes {o} {x}.", "Give me the {w} {o} {x}.", "Which {w} is {o} {x}?",
    "What {w} comes right {o} {x}?", "Can you name the {w} {o} {x}?",
    "I forgot which {w} comes {o} {x}.", "{x}: which {w} comes {o} it?",
    "Please tell me the {w} {o} {x}.", "Quiz: what {w} comes {o} {x}?",
    "Which {w} do we have {o} {x}?", "what {w} comes {o} {x}", "The {w} {o} {x} is which one?",
    "Could you tell me what {w} comes {o} {x}?", "What is the name of the {w} {o} {x}?",
    "Write down the {w} that comes just {o} {x}.",
)  # fmt: skip
COLOUR_ASK: Final = (
    "What colour is {}?", "Which colour does {} have?", "Tell me the colour of {}.",
    "Name the colour of {}.", "what colour is {}", "Do you know what colour {} is?",
    "What is the colour of {}?",
    "What colour would you paint {}?", "Say what colour {} is.", "Which colour is {}?",
    "{}: what colour is it?", "Can you tell me the colour of {}?",
    "What colour do you see when you look at {}?", "Give the colour of {}.",
    "In which colour would you draw {}?", "I want to paint {}. Which colour do I need?",
    "Please tell me what colour {} is.", "Which colour do you think of with {}?",
    "Quiz: what colour is {}?", "What is the usual colour of {}?", "what's the colour of {}",
    "Could you say which colour {} has?",
)  # fmt: skip
YOUNG_ASK: Final = (
    "What is a young {} called?", "What do you call a baby {}?", "Name the young of a {}.",
    "What is the young of a {}?", "What is the word for a young {}?", "How do we call a baby {}?",
    "Which word names a young {}?",
    "What do we call a young {}?", "What is a baby {} called?", "Give the name for a young {}.",
    "Tell me the word for a baby {}.", "Which word do we use for a baby {}?",
    "What is the name of a young {}?", "What is the right word for a baby {}?",
    "Do you know what a baby {} is called?", "what is a baby {} called",
    "A baby {} is called what?", "Say the word for a young {}.", "Can you name the young of a {}?",
    "Quiz: what is a young {} called?", "Please tell me what we call a baby {}.",
    "What does one call a young {}?",
)  # fmt: skip
IS_ASK: Final = (
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
    "Does {x} count as {k}?",
    "Could {x} be called {k}?",
    "Say yes or no: {x} is {k}.",
    "Please tell me if {x} is {k}.",
    "Do people call {x} {k}?",
    "Would it be right to call {x} {k}?",
    "Is it right to say that {x} is {k}?",
    "I think {x} is {k}. Am I right?",
    "Yes or no, {x} is {k}?",
    "Do you agree that {x} is {k}?",
    "Quiz: is {x} {k}?",
    "Can we call {x} {k}?",
    "Someone told me {x} is {k}. Is it true?",
    "{x} is {k}, isn't it?",
    "Check this: {x} is {k}. Yes or no?",
    "Would you say that {x} is {k}?",
    "What do you say: is {x} {k}?",
)
CAN_ASK: Final = (
    "Can {x} {v}?", "Is {x} able to {v}?", "Tell me whether {x} can {v}.", "can {x} {v}",
    "Yes or no: can {x} {v}?", "Do you think {x} can {v}?", "Is it true that {x} can {v}?",
    "Is it possible for {x} to {v}?", "I wonder if {x} can {v}.", "Could {x} {v}?",
    "My friend says {x} can {v}. Is that right?", "Does {x} know how to {v}?",
    "Say yes or no: can {x} {v}?", "Do you know if {x} can {v}?", "Please tell me if {x} can {v}.",
    "Yes or no, can {x} {v}?", "I think {x} can {v}. Am I right?", "Would {x} be able to {v}?",
    "Do you agree that {x} can {v}?", "Quiz: can {x} {v}?", "Can you say whether {x} can {v}?",
    "Someone told me {x} can {v}. Is it true?", "I believe {x} can {v}. Is that so?",
    "Is it right to say that {x} can {v}?", "Please answer yes or no. Can {x} {v}?",
    "True or not: {x} can {v}?",
)  # fmt: skip
FACT_ASK: Final = (
    "Is {c} the capital of {n}?",
    "Is it true that {c} is the capital of {n}?",
    "Yes or no: is {c} the capital of {n}?",
    "is {c} the capital of {n}",
    "Tell me whether {c} is the capital of {n}.",
    "I think {c} is the capital of {n}. Is that right?",
    "Would it be right to say that {c} is the capital of {n}?",
    "Does {n} have {c} as its capital?",
    "Is the capital of {n} called {c}?",
    "Do you agree that {c} is the capital of {n}?",
    "Say yes or no: {c} is the capital of {n}.",
    "My friend says {c} is the capital of {n}. Is that true?",
    "True or not: {c} is the capital of {n}?",
    "Am I right that the capital of {n} is {c}?",
    "{c} is the capital of {n}, right?",
    "Is {c} the capital city of {n}?",
    "Quiz: is {c} the capital of {n}?",
    "Please tell me if {c} is the capital of {n}.",
    "I wonder if {c} is the capital of {n}.",
    "Is the capital of {n} {c}?",
    "Please answer yes or no. Is {c} the capital of {n}?",
    "Can you say whether {n} has the capital {c}?",
)
_MORE_KINDS: Final = {
    "fruits": "apricot fig melon papaya pineapple raspberry strawberry",
    "vegetables": "artichoke beetroot cauliflower courgette lettuce parsnip",
    "animals": "camel deer donkey giraffe monkey mouse pig rabbit tiger wolf zebra",
    "birds": "magpie ostrich pelican penguin seagull sparrow stork",
    "insects": "cockroach dragonfly flea locust mosquito",
    "fish": "carp haddock halibut pike",
    "trees": "cedar poplar spruce yew",
    "flowers": "carnation crocus pansy snowdrop violet",
    "colours": "beige maroon turquoise white",
    "tools": "crowbar mallet pickaxe screwdriver sickle spade",
    "sports": "badminton basketball judo netball skiing surfing volleyball",
    "drinks": "beer cider",
    "instruments": "accordion banjo clarinet oboe saxophone trombone tuba",
    "clothes": "blouse cardigan shawl sweater vest",
    "vehicles": "ambulance ferry helicopter motorbike taxi tractor truck",
    "shapes": "cone cylinder octagon pentagon sphere",
    "countries": "Chile Greece Kenya Mexico Norway Peru Poland Portugal Sweden",
    "metals": "aluminium brass bronze nickel platinum",
    "furniture": "bench couch dresser sideboard stool",
    "body parts": "ankle chin finger mouth neck stomach thumb toe wrist",
    "family members": "daughter grandson nephew niece son",
    "jobs": "builder carpenter dentist gardener lawyer plumber singer tailor",
    "rooms": "classroom lounge pantry",
    "school subjects": "drama economics science",
    "toys": "jigsaw rattle",
    "languages": "Danish Greek Japanese Korean Russian Swedish Turkish",
    "buildings": "barn cinema cottage lighthouse palace theatre",
}
KINDS: Final = {
    kind: [*members, *words(_MORE_KINDS.get(kind, ""))] for kind, members in lx.KINDS.items()
}


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in words(text))


CAPITALS: Final = lx.CAPITALS | _pairs(
    "Argentina:Buenos_Aires Colombia:Bogota Ecuador:Quito Uruguay:Montevideo Iceland:Reykjavik "
    "Croatia:Zagreb Serbia:Belgrade Romania:Bucharest Bulgaria:Sofia Ukraine:Kyiv "
    "Estonia:Tallinn Latvia:Riga Lithuania:Vilnius Slovakia:Bratislava Slovenia:Ljubljana "
    "Malta:Valletta Algeria:Algiers Ethiopia:Addis_Ababa Uganda:Kampala Zambia:Lusaka "
    "Mali:Bamako Pakistan:Islamabad Bangladesh:Dhaka Indonesia:Jakarta Lebanon:Beirut "
    "Jordan:Amman Qatar:Doha Jamaica:Kingston Venezuela:Caracas Rwanda:Kigali"
)
OPPOSITES: Final = lx.OPPOSITES | _pairs(
    "ugly:beautiful arrive:leave remember:forget increase:decrease north:south east:west "
    "top:bottom front:back success:failure war:peace summer:winter borrow:lend ancient:modern "
    "straight:bent enter:exit accept:refuse lost:found visible:invisible possible:impossible "
    "simple:complicated raw:cooked sharp:blunt sick:healthy public:private "
    "horizontal:vertical even:odd positive:negative winner:loser attack:defend create:destroy "
    "lead:follow sink:float rise:fall together:apart everything:nothing here:there many:few "
    "maximum:minimum guilty:innocent expand:shrink calm:nervous"
)
SOUNDS: Final = lx.SOUNDS | _pairs(
    "cricket:chirps goat:bleats rooster:crows turkey:gobbles dove:coos pigeon:coos "
    "sparrow:chirps parrot:squawks seagull:squawks tiger:roars bull:bellows puppy:barks "
    "kitten:meows lamb:bleats foal:neighs calf:moos gosling:honks toad:croaks"
)
LEGS: Final = lx.LEGS | {
    "goat": 4, "giraffe": 4, "tiger": 4, "camel": 4, "zebra": 4, "wolf": 4, "bear": 4, "frog": 4,
    "lizard": 4, "tortoise": 4, "crocodile": 4, "donkey": 4, "goose": 2, "hen": 2, "penguin": 2,
    "parrot": 2, "eagle": 2, "swan": 2, "ostrich": 2, "moth": 6, "wasp": 6, "ladybird": 6,
    "grasshopper": 6, "mosquito": 6, "scorpion": 8, "tick": 8, "snail": 0, "slug": 0,
    "dolphin": 0, "whale": 0, "salmon": 0, "eel": 0,
}  # fmt: skip
YOUNG: Final = lx.YOUNG | _pairs(
    "tiger:cub leopard:cub panda:cub seal:pup whale:calf dolphin:calf giraffe:calf camel:calf "
    "zebra:foal donkey:foal hare:leveret"
)
COLOURS_OF: Final = lx.COLOURS_OF | {
    "a cherry": "red", "a raspberry": "red", "a ruby": "red", "a stop sign": "red",
    "an orange": "orange", "a buttercup": "yellow", "a canary": "yellow", "a daffodil": "yellow",
    "a sunflower": "yellow", "an egg yolk": "yellow", "mustard": "yellow", "a lime": "green",
    "broccoli": "green", "spinach": "green", "an emerald": "green", "a sapphire": "blue",
    "a blueberry": "blue", "an aubergine": "purple", "a pig": "pink", "ash": "grey",
    "tar": "black", "soot": "black", "a raven": "black", "the night sky": "black",
    "a swan": "white", "cotton": "white", "flour": "white", "cream": "white", "a walnut": "brown",
}  # fmt: skip
CAN: Final = lx.CAN | {
    "penguin": "swim", "otter": "swim", "seal": "swim", "crocodile": "swim", "crow": "fly",
    "owl": "fly", "moth": "fly", "bat": "fly", "wasp": "fly", "goat": "climb",
    "leopard": "climb", "grasshopper": "jump", "flea": "jump", "cheetah": "run", "fox": "run",
    "zebra": "run", "wolf": "run", "sparrow": "fly",
}  # fmt: skip
CANNOT: Final = lx.CANNOT | {
    "penguin": "fly", "ostrich": "fly", "rabbit": "fly", "tortoise": "fly", "cat": "fly",
    "wall": "run", "cup": "jump", "bed": "jump", "door": "swim", "brick": "swim", "whale": "climb",
    "goldfish": "climb", "bucket": "run", "flower": "run", "carrot": "climb", "plate": "climb",
    "sofa": "jump", "window": "run",
}  # fmt: skip
PLURALS: Final = lx.PLURALS | _pairs(
    "cow:cows pen:pens bird:birds horse:horses hand:hands school:schools train:trains "
    "flower:flowers river:rivers church:churches bench:benches match:matches peach:peaches "
    "bush:bushes class:classes dress:dresses hero:heroes echo:echoes half:halves calf:calves "
    "scarf:scarves life:lives thief:thieves fly:flies lorry:lorries family:families "
    "cherry:cherries puppy:puppies monkey:monkeys boy:boys donkey:donkeys tray:trays ox:oxen "
    "deer:deer piano:pianos photo:photos radio:radios roof:roofs spoon:spoons"
)
VERBS: Final = (
    *lx.VERBS,
    ("counts", "counted", "count", "the coins"),
    ("kicks", "kicked", "kick", "the ball"),
    ("picks", "picked", "pick", "some berries"),
    ("lifts", "lifted", "lift", "the box"),
    ("folds", "folded", "fold", "the towel"),
    ("mixes", "mixed", "mix", "the dough"),
    ("moves", "moved", "move", "the table"),
    ("packs", "packed", "pack", "a suitcase"),
    ("pushes", "pushed", "push", "the cart"),
    ("pulls", "pulled", "pull", "the rope"),
    ("repairs", "repaired", "repair", "the roof"),
    ("rings", "rang", "ring", "the bell"),
    ("sweeps", "swept", "sweep", "the floor"),
    ("ties", "tied", "tie", "a knot"),
    ("travels", "travelled", "travel", "to the sea"),
    ("uses", "used", "use", "a ladder"),
    ("warms", "warmed", "warm", "the soup"),
    ("wraps", "wrapped", "wrap", "the gift"),
    ("digs", "dug", "dig", "a hole"),
    ("dances", "danced", "dance", "in the hall"),
    ("dries", "dried", "dry", "the dishes"),
    ("follows", "followed", "follow", "the path"),
    ("fills", "filled", "fill", "the bucket"),
    ("hangs", "hung", "hang", "a picture on the wall"),
    ("holds", "held", "hold", "the lamp"),
    ("lends", "lent", "lend", "a pencil"),
    ("lights", "lit", "light", "a candle"),
    ("orders", "ordered", "order", "a pizza"),
    ("rests", "rested", "rest", "under a tree"),
    ("shakes", "shook", "shake", "the bottle"),
    ("shares", "shared", "share", "the bread"),
    ("sits", "sat", "sit", "on the bench"),
    ("spends", "spent", "spend", "some money"),
    ("stands", "stood", "stand", "by the door"),
    ("studies", "studied", "study", "the map"),
    ("tastes", "tasted", "taste", "the sauce"),
    ("waters", "watered", "water", "the plants"),
    ("wipes", "wiped", "wipe", "the table"),
)
