"""Short stories, emails, birthday wishes and verse, with what they may be about."""

from typing import Final

from lexicon import words

ANIMALS: Final = tuple(
    words(
        "fox rabbit bear mouse owl hedgehog duck cat dog frog horse lion pig goat squirrel penguin "
        "turtle monkey donkey bee wolf swan"
    )
)
VIRTUES: Final = tuple(
    words(
        "honesty friendship sharing courage patience kindness trust hope helping listening thrift "
        "respect"
    )
)
PLACES: Final = tuple(
    words("forest garden village castle valley meadow harbour city farm desert park library")
)
MATTERS: Final = (
    "a meeting", "a party", "a day off", "the report", "lunch", "the exam", "the rent", "a trip",
    "the garden", "a broken window", "the new car", "a concert", "the holidays", "a lost key",
    "the school play", "an invoice", "a book", "the next lesson",
)  # fmt: skip
THEMES: Final = tuple(
    words(
        "spring rain snow summer autumn winter wind stars moon sea night morning music roses "
        "rivers bread trees birds"
    )
)
STORY_ASK: Final = (
    "Write a short bedtime story about a {a} who learns {t}.", "Make up a tale: a {a} learns {t}.",
    "Tell me a story about a {a} who learns {t}.", "Write about a {a} who learns {t}.",
    "I want a short story with a {a} and the lesson of {t}.", "A story, please: a {a} and {t}.",
    "Please write a little story in which a {a} learns {t}.", "story about a {a} learning {t}",
    "Can you tell my child a story of a {a} that learns {t}?",
)  # fmt: skip
STORIES: Final = (
    "Once upon a time there was a little {a}. One day it met a friend in the {p}. The friend "
    "taught it about {t}, and they were happy ever after.",
    "A young {a} lived near a {p}. It knew nothing of {t}. Then an old bird told it why {t} "
    "matters, and the {a} never forgot it.",
    "There was a {a} who lived alone in a {p}. One night a guest came in from the rain. The guest "
    "showed it {t}, and the {a} was never alone again.",
)
EMAIL_ASK: Final = (
    "Write a short email to {n} about {m}.", "Draft a polite email to {n} about {m}.",
    "Write a note to {n} about {m}.", "I need an email to {n} about {m}.", "email to {n} about {m}",
    "Help me write to {n} about {m}.", "Compose a message to {n} about {m}.",
    "Please write {n} a few lines about {m}.", "Can you draft a mail to {n}? It is about {m}.",
)  # fmt: skip
EMAILS: Final = (
    "Dear {n},\nI am writing to you about {m}. Please tell me what you think.\nKind regards",
    "Hello {n},\nI have a short question about {m}. Could we talk this week?\nBest wishes",
    "Dear {n},\nthank you for your help with {m}. I look forward to your answer.\nKind regards",
)
WISH_ASK: Final = (
    "Write a birthday wish for {n}.", "What can I write in a birthday card for {n}?",
    "{n} has a birthday. Write a short wish.", "Help me with a birthday card for {n}.",
    "Give me birthday wishes for {n}.", "It is {n}'s birthday. What should I write?",
    "birthday wishes for {n}", "Please write a birthday greeting to {n}.",
)  # fmt: skip
WISHES: Final = (
    "Happy birthday, {n}! I wish you health, luck and many happy hours.",
    "Dear {n}, all the best for your birthday! May your new year be full of joy.",
    "Happy birthday, {n}! Enjoy your day with cake, friends and music.",
)
POEM_ASK: Final = (
    "Write a short poem about {x}.", "Write four lines about {x}.", "Make a little poem on {x}.",
    "I would like a poem about {x}.", "Can you write a verse about {x}?", "poem about {x}",
    "Please write a small poem on {x}.", "Compose some lines about {x}.",
)  # fmt: skip
POEMS: Final = (
    "I think of {x} when day is new,\nthe grass is wet, the sky is blue.\n"
    "I think of {x} when day is done,\nand down behind the hill the sun.",
    "Oh {x}, oh {x}, so far, so near,\nyou come again in every year.\n"
    "I close my eyes and still I see\nhow much of you there is in me.",
    "Give me {x} and give me song,\nthen no day can be too long.\n"
    "Give me {x} and give me light,\nthen I need not fear the night.",
)
