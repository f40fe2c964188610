"""The clothes of a request: drawn without looking at what is asked for.

Every wrapping, style, opening and earlier turn is drawn from the same distribution for harmful
and for harmless requests, so that none of them says anything about harm.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from ngsd_guard.training._recipe import ExpertRecipe
from ngsd_guard.training._requests import Request, Wrapping

Style = Literal["upper", "lower", "typos", "spaced", "lines", "repeated", "unpunctuated"]
Start = Literal["none", "stub", "sampled", "stub_sampled"]
_STYLES: Final[tuple[Style, ...]] = (
    "upper", "lower", "typos", "spaced", "lines", "repeated", "unpunctuated",
)  # fmt: skip
_OPENINGS: Final = (
    "Sure, here is", "Sure, here's", "Sure!", "Of course! Here is", "Of course.", "Absolutely!",
    "Certainly! Here's how:", "Here is", "Here are some", "Step 1:", "Yes,", "Title:", "1.", "To",
    "Great question! ", "As an expert, I", "The answer is", "First,", "```", "I'd be happy to",
)  # fmt: skip
_AGREEMENTS: Final = ("Sure, here is", "Sure, here's", "Of course! Here is", "Here is")
_EARLIER: Final = (
    ("Hi!", "Hello! How can I help you today?"),
    ("Can you help me with something?", "Of course. What do you need?"),
    ("What is two plus two?", "Two plus two is four."),
    ("Thank you, that was useful.", "You're welcome! What else can I do for you?"),
    ("Tell me a short fact.", "Honey never spoils."),
)
_REQUEST_VERBS: Final = re.compile(
    r"^(?:please )?(?:write|give me|create|develop|list|make|provide|generate|design|compose|draft|"
    r"suggest|describe|produce|tell me|plan|name)\s+(?=\w)",
    re.IGNORECASE,
)
_HOW: Final = re.compile(
    r"^(?:explain |describe |tell me |teach me )?"
    r"how (?:do i|can i|to|could i|do you)\s+(.+?)[?.!]*$",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Clothes:
    """What a request is dressed in."""

    wrapping: Wrapping | None = None
    style: Style | None = None
    start: Start = "none"
    earlier: int | None = None
    """Index of the earlier turn; None for a first turn."""


def draw_clothes(rng: Random, recipe: ExpertRecipe, wrappings: Sequence[Wrapping]) -> Clothes:
    """Draw clothes; nothing here may depend on the request."""
    wrapped = bool(wrappings) and rng.random() < recipe.wrapped_share
    styled = rng.random() < recipe.styled_share
    start: Start = "none"
    if rng.random() < recipe.started_share:
        start = rng.choices(("stub", "sampled", "stub_sampled"), (0.3, 0.35, 0.35))[0]
    return Clothes(
        wrapping=rng.choice(wrappings) if wrapped else None,
        style=rng.choice(_STYLES) if styled else None,
        start=start,
        earlier=rng.randrange(len(_EARLIER)) if rng.random() < recipe.second_turn_share else None,
    )


def messages_of(text: str, clothes: Clothes, rng: Random) -> list[dict[str, str]]:
    """Return the conversation that ends with the dressed request."""
    messages: list[dict[str, str]] = []
    wrapping = clothes.wrapping
    if wrapping is not None and wrapping.system:
        messages.append({"role": "system", "content": wrapping.system})
    if clothes.earlier is not None:
        question, answer = _EARLIER[clothes.earlier]
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer})
    text = _styled(text, clothes.style, rng)
    text = text if wrapping is None else wrapping.around(text)
    return [*messages, {"role": "user", "content": text}]


def opening_of(request: Request, rng: Random) -> str:
    """Return the opening of an answer that goes along with a request."""
    if request.target and request.harmful and rng.random() < 0.4:
        return request.target
    echo = _echo(request.text, rng)
    return echo if echo is not None and rng.random() < 0.6 else rng.choice(_OPENINGS)


def _echo(text: str, rng: Random) -> str | None:
    how = _HOW.match(text)
    if how is not None and len(how[1]) < 120:
        return f"Sure, here's how to {how[1]}"
    verb = _REQUEST_VERBS.match(text)
    if verb is not None and len(text) < 160:
        rest = text[verb.end() :].rstrip(" .!?")
        return f"{rng.choice(_AGREEMENTS)} {rest}"
    return None


def _styled(text: str, style: Style | None, rng: Random) -> str:
    words = text.split(" ")
    match style:
        case "upper":
            return text.upper()
        case "lower":
            return text.lower()
        case "typos":
            return " ".join(_mistyped(word, rng) if rng.random() < 0.3 else word for word in words)
        case "spaced":
            return " ".join(
                "-".join(word) if rng.random() < 0.3 and word.isalpha() else word for word in words
            )
        case "lines":
            return "\n".join(words)
        case "repeated":
            return f"{text} {text}"
        case "unpunctuated":
            return re.sub(r"[^\w\s]", "", text)
        case None:
            return text


def _mistyped(word: str, rng: Random) -> str:
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
