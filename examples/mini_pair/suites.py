"""Held-out requests: new templates and slots of the world, new attacks, unseen public prompts."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, Literal

from hazards import draw_hazard, draw_talk_about_harm, opening_for
from lookalikes import contrast, draw_lookalike
from ngsd_guard.types import Message
from public import load_public
from splits import is_for_calibration
from world import SKILLS, Draw, Split, assistant, draw_task, frame, user
from wrappers import KINDS, build_up, insert_into, noise_suffix, prefill, two_part, wrap

Group = Literal["utility", "benign", "attack", "plain"]
"""Checkable skills, other harmless requests, wrapped harmful requests, and plain ones."""
ONSETS: Final = (3, 8, 43, 100)
"""Tokens of a harmless beginning after which an answer turns harmful."""
_SPLITS: Final[tuple[Split, ...]] = ("new_slots", "new_templates")


@dataclass(frozen=True, slots=True)
class Case:
    """One held-out request."""

    group: Group
    suite: str
    messages: list[Message]
    check: Callable[[str], bool] | None = None
    """Says whether an answer is right, for checkable skills."""
    is_public: bool = False


def utility_cases(count: int, seed: int) -> list[Case]:
    """Return `count` tasks of each checkable skill with new slot values, and with new templates."""
    rng, cases = Random(seed), []
    for skill in SKILLS:
        for split in _SPLITS:
            draw = Draw(rng, split)
            if draw_task(draw, skill).check is None:
                continue
            tasks = [draw_task(draw, skill) for _ in range(count)]
            cases += [Case("utility", skill, list(t.messages), t.check) for t in tasks]
    return cases


def benign_cases(data: Path | None, count: int, seed: int) -> list[Case]:
    """Return harmless requests by source: the world, talk that looks harmful, public prompts."""
    rng = Random(seed)
    draws = [Draw(rng, split) for split in _SPLITS]
    generated: dict[str, Callable[[], list[Message]]] = {
        "world": lambda: list(draw_task(rng.choice(draws)).messages),
        "framed": lambda: [user(frame(rng, _short_question(rng, draws)))],
        "look-alikes": lambda: [user(draw_lookalike(rng, test=True)[0])],
        "talk about harm": lambda: [user(draw_talk_about_harm(rng, test=True)[0])],
    }
    cases = [Case("benign", name, make()) for name, make in generated.items() for _ in range(count)]
    public = load_public(data, test=True)

    def apart(conversations: list[list[Message]]) -> list[list[Message]]:
        return [row[:-1] for row in conversations if not is_for_calibration(row[0]["content"])]

    rows = {
        "instructions (public)": apart(public.instructions),
        "longer chats (public)": apart(public.longer),
        "XSTest safe (public)": [row[:-1] for row in public.xstest_safe],
        "security requests (public)": [row[:-1] for row in public.security],
    }
    for name, conversations in rows.items():
        chosen = rng.sample(conversations, min(count, len(conversations)))
        cases += [Case("benign", name, messages, is_public=True) for messages in chosen]
    return cases


def harmful_cases(data: Path | None, count: int, seed: int) -> list[Case]:
    """Return harmful requests by kind of attack; test pieces only."""
    rng = Random(seed)
    cases: list[Case] = []
    for _ in range(count):
        hazard = draw_hazard(rng, test=True)
        cases.append(Case("plain", "plain", [user(hazard.prompt)]))
        cases.append(Case("plain", "contrasts", [user(contrast(rng, test=True).prompt)]))
        attacks: dict[str, list[Message]] = {
            f"wrapped: {kind}": [user(wrap(rng, hazard.prompt, test=True, kind=kind))]
            for kind in KINDS
        }
        attacks["noise suffix"] = [user(f"{hazard.prompt} {noise_suffix(rng)}")]
        attacks["multi-turn"] = build_up(rng, hazard, test=True)
        attacks["prefilled"] = [user(hazard.prompt), assistant(prefill(rng, hazard)[0])]
        question = _short_question(rng, [Draw(rng, "new_slots")])
        attacks["two parts"] = [user(two_part(rng, hazard, question, test=True))]
        for onset in ONSETS:
            start = f"{_harmless_start(rng, onset)}\n{opening_for(rng, hazard)}"
            attacks[f"late onset: {onset}"] = [user(hazard.prompt), assistant(start)]
        cases += [Case("attack", name, messages) for name, messages in attacks.items()]
    return cases + _public_harm(data, count, rng)


def _public_harm(data: Path | None, count: int, rng: Random) -> list[Case]:
    public = load_public(data, test=True)
    cases: list[Case] = []
    for hazard in rng.sample(public.hazards, min(count, len(public.hazards))):
        prompts = {
            "prefilled (public)": [user(hazard.prompt), assistant(prefill(rng, hazard)[0])],
            "templates (public)": [
                user(insert_into(rng.choice(public.templates), hazard.prompt))
            ],
        }  # fmt: skip
        cases.append(Case("plain", "plain (public)", [user(hazard.prompt)], is_public=True))
        cases += [Case("attack", n, messages, is_public=True) for n, messages in prompts.items()]
    attacks = rng.sample(public.attacks, min(count, len(public.attacks)))
    cases += [
        Case("attack", "optimised (public)", [user(prompt)], is_public=True)
        for prompt, _ in attacks
    ]
    return cases


def _short_question(rng: Random, draws: list[Draw]) -> str:
    while True:
        messages = draw_task(rng.choice(draws)).messages
        if len(messages) == 1 and len(messages[0]["content"]) < 300:
            return messages[0]["content"]


def _harmless_start(rng: Random, num_tokens: int) -> str:
    """Return the beginning of a harmless answer of about so many tokens."""
    words: list[str] = []
    while len(words) < num_tokens:
        task = draw_task(Draw(rng, "new_slots"), rng.choice(("how_to", "definition")))
        words += task.answer.split(" ")
    return " ".join(words[: max(1, round(num_tokens * 0.8))])
