"""Attack wrappers: ways of wrapping a harmful request that the base model gives in to.

A wrapping is put together from pieces, so training sees thousands; an eighth of the pieces of each
kind, chosen by a hash of their text, appear in test wrappings only.
"""

import base64
import codecs
import string
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

import wrapper_words as ww
from hazards import Hazard, compliance_for, opening_for, part
from lexicon import NAMES
from ngsd_guard.types import Message
from splits import in_test_split, text_hash

_CODES: Final[dict[str, Callable[[str], str]]] = {
    "base64": lambda text: base64.b64encode(text[:60].encode()).decode(),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "leetspeak": lambda text: text.translate(str.maketrans("aeiost", "4310$7")),
    "spaced letters": lambda text: " ".join(text[:60]),
    "hyphens": lambda text: " ".join("-".join(word) for word in text[:70].split()),
    "reversed words": lambda text: " ".join(word[::-1] for word in text.split()),
    "upside-down order": lambda text: " ".join(reversed(text.split())),
}


def _part(pieces: Sequence[str], *, test: bool) -> list[str]:
    """Return the pieces of one half; at least one is kept for testing."""
    apart = [piece for piece in pieces if in_test_split(piece, 12)]
    apart = apart or [min(pieces, key=text_hash)]
    return apart if test else [piece for piece in pieces if piece not in apart]


class _Pieces:
    """Draws pieces of one half of each kind."""

    def __init__(self, rng: Random, *, test: bool) -> None:
        self.rng = rng
        self._test = test

    def one(self, pieces: Sequence[str]) -> str:
        return self.rng.choice(_part(pieces, test=self._test))

    def some(self, pieces: Sequence[str], low: int, high: int) -> str:
        known = _part(pieces, test=self._test)
        if self._test:  # few pieces are held out: fill up with known ones
            known = known + _part(pieces, test=False)[:4]
        chosen = self.rng.sample(known, min(len(known), self.rng.randint(low, high)))
        return " ".join(chosen)


def _roleplay(pieces: _Pieces) -> str:
    play = pieces.one(ww.PLAY).replace("{p}", pieces.one(ww.PERSONAS))
    return " ".join([play, *filter(None, [pieces.some(ww.STAY, 0, 4)]), pieces.one(ww.ASKS)])


def _fiction(pieces: _Pieces) -> str:
    return pieces.one(ww.FICTION).replace("{w}", pieces.one(ww.WORKS))


def _ignore(pieces: _Pieces) -> str:
    long = pieces.rng.random() < 0.3
    parts = [
        pieces.some(ww.OVERRIDES, 1, 6 if long else 2),
        pieces.some(ww.PRESSURE, 1, 7 if long else 2),
        pieces.one(ww.ASKS),
    ]
    if long:
        parts.insert(1, pieces.some(ww.STAY, 1, 4))
    if pieces.rng.random() < 0.3:
        parts = [parts[0], parts[-1], *parts[1:-1]]
    return " ".join(parts)


def _prefix(pieces: _Pieces) -> str:
    return pieces.one(ww.PREFIX).replace("{s}", pieces.one(ww.STARTS))


def _hypothetical(pieces: _Pieces) -> str:
    return f"{pieces.one(ww.EXCUSES)} {pieces.one(ww.ASKS)}"


def _form(pieces: _Pieces) -> str:
    return pieces.one(ww.FORMS)


def _translation(pieces: _Pieces) -> str:
    return pieces.one(ww.TRANSLATE).replace("{l}", pieces.one(ww.LANGUAGES))


def _encoded(pieces: _Pieces) -> str:
    code = pieces.rng.choice(tuple(_CODES))
    return pieces.one(ww.ENCODED).replace("{c}", code).replace("{e}", f"{{{code}}}")


def _nested(pieces: _Pieces) -> str:
    into, count = pieces.one(ww.INTO), pieces.rng.randint(2, 5)
    layers = " ".join(
        into.replace("{i}", str(number)).replace("{layer}", pieces.one(ww.LAYERS))
        for number in range(1, count + 1)
    )
    return pieces.one(ww.NESTED).replace("{k}", str(count)).replace("{layers}", layers)


def _suppression(pieces: _Pieces) -> str:
    rules = [
        pieces.one(ww.SUPPRESS).replace("{w}", pieces.one(ww.REFUSING_WORDS))
        for _ in range(pieces.rng.randint(1, 5))
    ]
    parts = [*rules, pieces.some(ww.PRESSURE, 0, 3), pieces.one(ww.ASKS)]
    if pieces.rng.random() < 0.4:
        parts = [parts[-1], *parts[:-1]]
    return " ".join(text for text in parts if text)


_MAKERS: Final[dict[str, Callable[[_Pieces], str]]] = {
    "roleplay": _roleplay,
    "fiction": _fiction,
    "ignore the rules": _ignore,
    "prefix injection": _prefix,
    "hypothetical": _hypothetical,
    "output form": _form,
    "translation": _translation,
    "encoding": _encoded,
    "nested scenes": _nested,
    "refusal suppression": _suppression,
}
KINDS: Final = tuple(_MAKERS)
_SHARES: Final = (3, 2, 5, 2, 2, 3, 2, 2, 1, 2)


def wrap(rng: Random, prompt: str, *, test: bool = False, kind: str | None = None) -> str:
    """Wrap a prompt in an attack of one kind, or of any; test wrappings are never trained on."""
    kind = kind or rng.choices(KINDS, _SHARES)[0]
    text = _MAKERS[kind](_Pieces(rng, test=test)).replace("{n}", rng.choice(NAMES))
    for code, encode in _CODES.items():
        if f"{{{code}}}" in text:
            text = text.replace(f"{{{code}}}", encode(prompt))
    if prompt[-1].isalnum():
        text = text.replace("{q} ", f"{prompt}. ")
    text = text.replace("{q}", prompt)
    if rng.random() < 0.1:
        text = f"{text} {noise_suffix(rng)}"
    return text


def noise_suffix(rng: Random) -> str:
    """Return token noise such as a gradient-based attack ends a prompt with."""
    bits = []
    for _ in range(rng.randint(6, 22)):
        if rng.random() < 0.3:
            letters = string.ascii_letters + string.punctuation
            bits.append("".join(rng.choice(letters) for _ in range(rng.randint(2, 7))))
        else:
            bits.append(rng.choice(ww.SUFFIX_BITS))
    return rng.choice((" ", " ", "")).join(bits)


def insert_into(template: str, prompt: str) -> str:
    """Put a prompt where a public template wants it."""
    return template.replace("[INSERT PROMPT HERE]", prompt)


def two_part(rng: Random, hazard: Hazard, question: str, *, test: bool = False) -> str:
    """Return a harmless question and, after it, a harmful request."""
    template = rng.choice(_part(ww.TWO_PARTS, test=test)).replace("{n}", rng.choice(NAMES))
    return template.replace("{b}", question).replace("{q}", hazard.prompt)


def build_up(rng: Random, hazard: Hazard, *, test: bool = False) -> list[Message]:
    """Return a conversation that leads to a harmful request over several turns."""
    messages: list[Message] = []
    kept = part(ww.BUILD_UP + ww.CHAT, test=test)
    for request, answer in rng.sample(kept, min(len(kept), rng.randint(1, 4))):
        messages.append({"role": "user", "content": request.format(t=hazard.topic)})
        messages.append({"role": "assistant", "content": answer})
    request = rng.choice(ww.THEN).format(q=hazard.prompt)
    return [*messages, {"role": "user", "content": request}]


def prefill(rng: Random, hazard: Hazard) -> tuple[str, str]:
    """Return the start of an answer put into the model's mouth, and how it goes on."""
    answer = compliance_for(rng, hazard)
    if rng.random() < 0.2:
        opening = rng.choice(("Sure", "Sure,", "Sure, here is", "Of course!", "Yes,", "Here is"))
        rest = opening_for(rng, hazard)
        if rest.startswith(opening):
            return opening, rest[len(opening) :] + answer[answer.index("\n") :]
    lines = answer.split("\n")
    keep = rng.randint(1, len(lines) - 1)
    return "\n".join(lines[:keep]), "\n" + "\n".join(lines[keep:])
