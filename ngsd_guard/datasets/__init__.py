"""Prompt sets: read from JSONL, checked row by row, split by hash, overlaps counted."""

from ngsd_guard.datasets._hashes import prompt_hash, read_prompt_hashes
from ngsd_guard.datasets._look_ahead import (
    PHRASE,
    LookAhead,
    Prepared,
    PreviewForm,
    add_previews,
    chat_requests,
)
from ngsd_guard.datasets._prompts import Prompt, read_prompts
from ngsd_guard.datasets._splits import (
    Split,
    count_overlaps,
    normalised,
    of_split,
    require_disjoint,
    split_of,
)

__all__ = [
    "PHRASE",
    "LookAhead",
    "Prepared",
    "PreviewForm",
    "Prompt",
    "Split",
    "add_previews",
    "chat_requests",
    "count_overlaps",
    "normalised",
    "of_split",
    "prompt_hash",
    "read_prompt_hashes",
    "read_prompts",
    "require_disjoint",
    "split_of",
]
