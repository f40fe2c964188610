"""How many tokens a model can read, prompt and answer together."""

from typing import Any, Final

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models._log import log

_NAMES: Final = ("max_position_embeddings", "max_seq_len", "seq_length")
_RESCALING: Final = frozenset({"longrope", "su"})
"""Rotations whose angles, of every token, change once a text is longer than the original length."""


def context_length(config: Any, name: str) -> int:
    """Return the tokens that a model can read.

    A `longrope` model is held to its original length: beyond it the angles of all tokens change,
    and what the cache holds no longer fits them.

    Args:
        config: of a transformers model.
        name: what errors call the model.

    Raises:
        ModelLoadError: the configuration does not say.
    """
    text = config.get_text_config()
    lengths = [getattr(text, key, None) for key in _NAMES]
    length = next((int(length) for length in lengths if length), None)
    if length is None:
        raise ModelLoadError(
            name, "its config has no max_position_embeddings; add it to config.json"
        )
    original = _original_length(text)
    if original is None or original >= length:
        return length
    log.warning(
        "context_capped",
        model=name,
        context_length=original,
        max_position_embeddings=length,
        reason="longrope changes the angles of cached tokens beyond its original length",
    )
    return original


def _original_length(config: Any) -> int | None:
    """Return the length beyond which a `longrope` model changes its angles; None for others."""
    parameters = getattr(config, "rope_parameters", None) or {}
    by_layer = [value for value in parameters.values() if isinstance(value, dict)]
    for rope in by_layer or [parameters]:
        if rope.get("rope_type") in _RESCALING:
            length = rope.get("original_max_position_embeddings") or getattr(
                config, "original_max_position_embeddings", None
            )
            return None if length is None else int(length)
    return None
