"""Articles, capital letters and made-up words."""

from typing import Final

from lexicon import words
from world._draw import Draw

_ONSETS: Final = words(
    "b bl br c ch cl d dr f fl fr g gl gr h j k l m n p pl pr r s sh sk sl sm sp st t tr v w y z"
)
_ENDINGS: Final = words(
    "bin dan del dor fen gor kin lan lem len lor mar men mir nel nor ren rin "
    "ro sel ster tam tel thor tin ton va ver vin win zel zo"
)


def an(noun: str) -> str:
    """Return a noun with its indefinite article."""
    vowel = noun[0].lower() in "aeiou" and not noun.lower().startswith(("uni", "use"))
    return f"{'an' if vowel else 'a'} {noun}"


def capital(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def invented_word(draw: Draw) -> str:
    """Return a made-up word such as "trelobin", for training only: no test split draws it."""
    while True:
        beginnings = draw.rng.choice((1, 1, 1, 2, 2))
        word = "".join(
            draw.rng.choice(_ONSETS) + draw.rng.choice("aeiou") for _ in range(beginnings)
        )
        word += draw.rng.choice(_ENDINGS)
        if draw.accepts(word) and draw.accepts(capital(word)):
            return word


def invented_name(draw: Draw) -> str:
    """Return a made-up name such as "Marun" or "Tre Lobin", for training only."""
    count = draw.rng.choice((1, 1, 1, 1, 2))
    return " ".join(capital(invented_word(draw)) for _ in range(count))
