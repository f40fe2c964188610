"""A tiny base with a tokenizer, small prompt files, and a recipe that takes a second."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from ngsd_guard.training import ExpertRecipe, TrainingData, load_chat_model, read_training_data
from tiny_models import save_model

SMALL: dict[str, Any] = {
    "minutes": None,
    "max_steps": 3,
    "documents_per_round": 8,
    "tokens_per_batch": 320,
    "max_document_tokens": 320,
    "answer_tokens": 3,
    "longest_start": 4,
    "num_validation": 2,
    "rank": 2,
    "warmup_steps": 1,
    "learning_rate": 1e-2,
    "mine_at": (),
}


def tiny_recipe(**changes: Any) -> ExpertRecipe:
    return ExpertRecipe(**(SMALL | changes))


def tiny_base(folder: Path, *, seed: int = 1, architecture: str = "llama") -> tuple[Any, Any]:
    save_model(folder, architecture, seed=seed)
    return load_chat_model(folder, torch.float32)


def starter_data() -> TrainingData:
    return read_training_data()


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
