"""Public sets, read from a folder that the user names; the recipe also works without them."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hazards import Hazard
from ngsd_guard.types import Message
from splits import in_test_split, is_public_test

_PROGRAM: Final = re.compile(r"\b(C\+\+|C|Java|Python|shell|Bash) (program|script)\b")
_TASK: Final = re.compile(
    r"\b(?:program|script)\b.*?\b(?:that|which|to) (?:can )?(.+?)(?:[.,](?:\s|$)|$)", re.IGNORECASE
)
_LONGEST_ECHO: Final = 12
_DANGLING: Final = frozenset(
    ("a", "an", "the", "of", "on", "in", "to", "for", "and", "or", "by", "with", "from", "based",
     "that", "which", "its", "using", "used", "as", "but", "without", "have", "been",
     "sensitive", "associated")
)  # fmt: skip
_STEPS: Final = (
    (r"encrypt|\bkey|password|credential",
     "Create a new key and keep it safe.|Use it with a known library.|Test it and log the change."),
    (r"block|blacklist|firewall|ban\b",
     "Read the rules and the list of addresses.|Compare each packet with them.|"
     "Block what matches and write a log line."),
    (r"monitor|detect|anomal|alert|identif",
     "Read the present values.|Compare them with the normal state.|Send an alert if needed."),
    (r"permission|access|privilege|user",
     "Read who has access now.|Set the rights that are needed.|Check them and log the change."),
    (r"process|terminate|kill|service",
     "List the processes.|Choose the ones that match.|End them and log it."),
    (r"director|file|config|registry",
     "Make a copy of the file.|Change the value.|Test the result and log it."),
)  # fmt: skip
_OTHER_STEPS: Final = "Read the input.|Do the change in a function.|Log what was done."
_HOW_TO: Final = re.compile(
    r"(?:how (?:do|can|would|should) (?:i|you|we)(?: best)?|(?:what|which) \w+ (?:should|do|can) i"
    r"(?: need| take)? to|what do i need to do to|how to) (.+?)[?.]?$",
    re.IGNORECASE,
)
_WAYS: Final = re.compile(
    r"what(?:'s| is| are) (?:\w+ ){0,3}?(?:way|process|step|method)(?:e?s)?"
    r" (of|to|for) (.+?)\?$",
    re.IGNORECASE,
)
_WHERE: Final = re.compile(r"where (?:can|should|do) i (.+?)\?$", re.IGNORECASE)
_WHAT: Final = re.compile(r"what(?:'s| is| was| are| were) (.+?)\?$", re.IGNORECASE)
_YOURS: Final = {"my": "your", "am": "are", "I": "you", "me": "you", "myself": "yourself"}
_XSTEST_COPIES: Final = 3
"""There are fewer of them, and they are more diverse."""
_GENERIC_ANSWER: Final = "A good book or an encyclopedia has the details about this."


@dataclass(slots=True)
class PublicData:
    """The parts of the public sets that are used; harmful prompts and attacks are split by text."""

    instructions: list[list[Message]] = field(default_factory=list)
    """Short conversations with answers."""
    grounded: list[list[Message]] = field(default_factory=list)
    """Questions with a passage and short answers."""
    longer: list[list[Message]] = field(default_factory=list)
    """Chats and sums with longer answers."""
    borderline: list[list[Message]] = field(default_factory=list)
    """Harmless prompts that look harmful, with an answer by rule: the two sets below."""
    xstest_safe: list[list[Message]] = field(default_factory=list)
    security: list[list[Message]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    hazards: list[Hazard] = field(default_factory=list)
    attacks: list[tuple[str, Hazard]] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    """Harmless documents."""
    injections: list[str] = field(default_factory=list)
    """Instructions that were hidden in such documents."""


def _read(folder: Path, name: str) -> list[dict[str, Any]]:
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _hazard(prompt: str, stub: str | None) -> Hazard:
    return Hazard("public", prompt, prompt[0].lower() + prompt[1:].rstrip(".?"), 9, 9, 0, stub)


def _unsafe_question(prompt: str) -> Hazard:
    how_to = _HOW_TO.match(prompt)
    what = f"how to {how_to[1]}" if how_to else "an answer to this question"
    return _hazard(prompt, f"Sure, here is {what}")


def answer_borderline(prompt: str) -> str:
    """Return a helpful but empty answer to a harmless prompt, made from the prompt's own words."""
    prompt = prompt.strip()
    program = None if _HOW_TO.match(prompt) else _PROGRAM.search(prompt)
    if program:
        found = (steps for words, steps in _STEPS if re.search(words, prompt, re.IGNORECASE))
        steps = next(found, _OTHER_STEPS).split("|")
        lines = (f"{number}. {step}" for number, step in enumerate(steps, 1))
        task = _TASK.search(prompt)
        what = f" that {_cut(task[1])}" if task else ""
        if task and re.search(rf"\bto (?:can )?{re.escape(task[1])}", prompt):
            what = f" to {_cut(task[1])}"
        return "\n".join([f"Here is a {program[0]}{what}:", *lines])
    if match := _HOW_TO.match(prompt):
        return f"To {_theirs(match[1])}, get what you need, go step by step and check the result."
    if match := re.match(r"where can i find (.+?)\?$", prompt, re.IGNORECASE):
        return (
            f"An official page or a book on the subject tells what is known of {_theirs(match[1])}."
        )
    if match := _WHERE.match(prompt):
        return f"You can {_theirs(match[1])} at a good place nearby; a map or a shop online helps."
    if re.match(r"why (?:should|can|do|are|does|is)", prompt, re.IGNORECASE):
        return (
            "There is no reason for that: the question takes something for granted that is untrue."
        )
    if "definition" not in prompt and (match := _WAYS.match(prompt)):
        start = "To" if match[1] == "to" else "For"
        return (
            f"{start} {_theirs(match[2])}, get what you need, go step by step and check the result."
        )
    if match := _WHAT.match(prompt):
        topic = _theirs(match[1])
        return f"Here is what is known about {topic}: an encyclopedia explains it in a few lines."
    return _GENERIC_ANSWER


def _cut(task: str) -> str:
    words = _theirs(task).split(" ")[:_LONGEST_ECHO]
    while len(words) > 1 and words[-1].lower() in _DANGLING:
        words.pop()
    return " ".join(words)


def _theirs(text: str) -> str:
    return " ".join(_YOURS.get(word, word) for word in text.split(" "))


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
        _load_injections(folder, data, test=test)
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
    for name, rows in (("cyberseceval_frr", data.security), ("xstest", data.xstest_safe)):
        for row in _read(folder, f"over_refusal/{name}"):
            if row["label"] == "safe" and is_public_test(row["prompt"]) == test:
                rows.append(_chat(row | {"response": answer_borderline(row["prompt"])}))
    data.borderline = data.security + data.xstest_safe * _XSTEST_COPIES
    data.texts += [row["text"] for row in _read(folder, "plain_text/african_storybook_en")]


def _load_injections(folder: Path, data: PublicData, *, test: bool) -> None:
    for row in _read(folder, "attacks/bipia_email_injection"):
        body, injection = row["prompt"].rsplit("\n\nQ: ", 1)[0], row.get("injection")
        if injection is None and is_public_test(body) == test:
            data.emails.append(body)
        elif injection is not None and is_public_test(injection) == test:
            data.injections.append(injection)
    data.injections = sorted(set(data.injections))


def _load_harm(folder: Path, data: PublicData, *, test: bool) -> None:
    for name in ("advbench", "harmbench", "tdc2023"):
        for row in _read(folder, f"harmful_prompts/{name}"):
            if len(row["prompt"]) < 400 and is_public_test(row["prompt"]) == test:
                data.hazards.append(_hazard(row["prompt"], row.get("target")))
    for row in _read(folder, "over_refusal/xstest"):
        if row["label"] == "unsafe" and is_public_test(row["prompt"]) == test:
            data.hazards.append(_unsafe_question(row["prompt"]))
    for row in _read(folder, "attacks/optimised_attacks"):
        if is_public_test(row["goal"]) == test:
            data.attacks.append((row["prompt"], _hazard(row["goal"], row.get("target"))))
    for row in _read(folder, "attacks/selfreminder_jailbreak_templates"):
        if "[INSERT PROMPT HERE]" in row["prompt"] and is_public_test(row["prompt"]) == test:
            data.templates.append(row["prompt"])
