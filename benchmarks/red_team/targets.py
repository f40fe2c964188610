"""What the red teams attack: a pair's base, and the same base guarded.

garak calls `base` and `guarded` by name (`--target_name targets#guarded`). The environment variable
NGSD_PAIR names the pair; without it, `smollm2`.
"""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ngsd_guard import Engine, load_engine
from ngsd_guard.datasets import prompt_hash, read_prompt_hashes

MAX_NEW_TOKENS = 24


@cache
def engine() -> Engine:
    """Return the pair's engine, loaded once."""
    return load_engine(os.environ.get("NGSD_PAIR", "smollm2"))


def base(prompt: str, **_: Any) -> list[str]:
    """Return the base's own answer, as garak wants it."""
    return answers([prompt], guarded=False)


def guarded(prompt: str, **_: Any) -> list[str]:
    """Return the guarded answer, as garak wants it."""
    return answers([prompt], guarded=True)


def answers(prompts: Sequence[str], *, guarded: bool) -> list[str]:
    """Return the greedy answers to some prompts, in their order."""
    conversations = [[{"role": "user", "content": prompt}] for prompt in prompts]
    done = engine().generate_batch(
        conversations, guarded=guarded, max_new_tokens=MAX_NEW_TOKENS, temperature=0.0
    )
    return [answer.text for answer in done]


def is_new(prompt: str, cards: Sequence[Path]) -> bool:
    """Return whether neither training nor calibration saw a prompt, by their run cards."""
    seen = (read_prompt_hashes(card) or frozenset() for card in cards)
    return all(prompt_hash(prompt) not in hashes for hashes in seen)
