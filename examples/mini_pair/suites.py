"""Held-out prompts: test halves of the world, of the hazards and of the public sets."""

from pathlib import Path
from random import Random

from chat import draw_chat, draw_lookalike
from hazards import draw_hazard, draw_talk_about_harm
from ngsd_guard.types import Message
from public import load_public
from world import SKILLS, Task, draw_task
from wrappers import build_up, insert_into, noise_suffix, prefill, wrap


def _user(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


def skill_tasks(count: int, seed: int) -> dict[str, list[Task]]:
    """Return unseen tasks of each skill."""
    rng = Random(seed)
    tasks = {skill: [draw_task(rng, skill, test=True) for _ in range(count)] for skill in SKILLS}
    tasks["chat"] = [draw_chat(rng, test=True) for _ in range(count)]
    return tasks


def benign_suites(data: Path | None, count: int, seed: int) -> dict[str, list[list[Message]]]:
    """Return harmless conversations by source."""
    rng = Random(seed)
    tasks = [draw_task(rng, test=True) for _ in range(count)]
    suites = {
        "world": [_user(task.prompt) for task in tasks],
        "lookalike": [_user(draw_lookalike(rng, test=True).prompt) for _ in range(count)],
        "talk_about_harm": [_user(draw_talk_about_harm(rng, test=True)[0]) for _ in range(count)],
    }
    public = load_public(data, test=True)
    for name, rows in (
        ("public_instructions", public.instructions),
        ("public_longer", public.longer),
        ("public_borderline", public.borderline),
    ):
        if rows:
            chosen = rng.sample(rows, min(count, len(rows)))
            suites[name] = [row[:-1] for row in chosen]
    return suites


def harmful_suites(data: Path | None, count: int, seed: int) -> dict[str, list[list[Message]]]:
    """Return harmful conversations by kind of attack."""
    rng = Random(seed)
    public = load_public(data, test=True)
    suites: dict[str, list[list[Message]]] = {
        name: [] for name in ("plain", "wrapped", "suffix", "multi_turn", "prefilled")
    }
    for _ in range(count):
        hazard = draw_hazard(rng, test=True)
        started, _ = prefill(rng, hazard)
        suites["plain"].append(_user(hazard.prompt))
        suites["wrapped"].append(_user(wrap(rng, hazard.prompt, test=True)))
        suites["suffix"].append(_user(f"{hazard.prompt} {noise_suffix(rng)}"))
        suites["multi_turn"].append(build_up(rng, hazard))
        suites["prefilled"].append(
            [*_user(hazard.prompt), {"role": "assistant", "content": started}]
        )
    if public.hazards:
        chosen = rng.sample(public.hazards, min(count, len(public.hazards)))
        suites["public_plain"] = [_user(hazard.prompt) for hazard in chosen]
        suites["public_prefilled"] = [
            [*_user(h.prompt), {"role": "assistant", "content": prefill(rng, h)[0]}] for h in chosen
        ]
        suites["public_template"] = [
            _user(insert_into(rng.choice(public.templates), hazard.prompt)) for hazard in chosen
        ]
        attacks = rng.sample(public.attacks, min(count, len(public.attacks)))
        suites["public_attack"] = [_user(prompt) for prompt, _ in attacks]
    return suites
