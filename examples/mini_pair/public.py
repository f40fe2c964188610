"""Public sets, read from a folder that the user names; the recipe also works without them."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hazards import Hazard
from ngsd_guard.types import Message
from world import in_test_split

_GENERIC_ANSWER = (
    "That is a good question. It depends on the details, so it helps to look them up first."
)
"""The helpful, empty answer that stands where a harmless prompt has none."""


@dataclass(slots=True)
class PublicData:
    """What is used of the public sets; harmful prompts and attacks are split by their text."""

    instructions: list[list[Message]] = field(default_factory=list)
    """Short conversations with answers."""
    grounded: list[list[Message]] = field(default_factory=list)
    """Questions with a passage and short answers."""
    longer: list[list[Message]] = field(default_factory=list)
    """Chats and sums with longer answers."""
    borderline: list[list[Message]] = field(default_factory=list)
    """Harmless prompts that look harmful, with an empty answer."""
    texts: list[str] = field(default_factory=list)
    hazards: list[Hazard] = field(default_factory=list)
    attacks: list[tuple[str, Hazard]] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _hazard(prompt: str, stub: str | None) -> Hazard:
    return Hazard("public", prompt, prompt[0].lower() + prompt[1:].rstrip(".?"), 9, 9, 0, stub)


def _chat(row: dict[str, Any]) -> list[Message]:
    return [
        {"role": "user", "content": row["prompt"]},
        {"role": "assistant", "content": row["response"]},
    ]


def load_public(folder: Path | None, *, test: bool = False) -> PublicData:
    """Read the public sets; every prompt is in the training or in the test half by its text."""
    data = PublicData()
    if folder is not None:
        _load_benign(folder, data, test=test)
        _load_harm(folder, data, test=test)
    return data


def _chats(
    folder: Path, name: str, longest_prompt: int, longest_answer: int, *, test: bool
) -> list[list[Message]]:
    """Return the short, permissively licensed chats of one set, without repeated prompts."""
    rows = {
        row["prompt"]: row
        for row in reversed(_read(folder, name))
        if len(row["prompt"]) < longest_prompt
        and 0 < len(row["response"]) < longest_answer
        and "-SA-" not in row["licence"]
        and in_test_split(row["prompt"]) == test
    }
    return [_chat(row) for row in reversed(rows.values())]


def _load_benign(folder: Path, data: PublicData, *, test: bool) -> None:
    for name in ("llms_from_scratch", "self_instruct_seed", "oasst_trees"):
        data.instructions += _chats(folder, f"benign_instruct/{name}", 900, 600, test=test)
    data.grounded += _chats(folder, "benign_instruct/t0_permissive_subset", 1200, 300, test=test)
    data.longer += _chats(folder, "benign_instruct/oasst_model_samples", 1500, 500, test=test)
    data.longer += _chats(folder, "utility/gsm8k_train", 1500, 160, test=test)
    for name, copies in (("cyberseceval_frr", 1), ("xstest", 3)):
        for row in _read(folder, f"over_refusal/{name}"):
            if row["label"] == "safe" and in_test_split(row["prompt"], 50) == test:
                data.borderline.extend([_chat(row | {"response": _GENERIC_ANSWER})] * copies)
    data.texts += [row["text"] for row in _read(folder, "plain_text/african_storybook_en")]


def _load_harm(folder: Path, data: PublicData, *, test: bool) -> None:
    for name in ("advbench", "harmbench", "tdc2023"):
        for row in _read(folder, f"harmful_prompts/{name}"):
            if len(row["prompt"]) < 400 and in_test_split(row["prompt"], 50) == test:
                data.hazards.append(_hazard(row["prompt"], row.get("target")))
    for row in _read(folder, "attacks/optimised_attacks"):
        if in_test_split(row["goal"], 50) == test:
            data.attacks.append((row["prompt"], _hazard(row["goal"], row.get("target"))))
    for row in _read(folder, "attacks/selfreminder_jailbreak_templates"):
        if "[INSERT PROMPT HERE]" in row["prompt"] and in_test_split(row["prompt"], 50) == test:
            data.templates.append(row["prompt"])
