"""Models that keep a running state beside keys and values: hybrids and state-space models.

A state cannot forget its last tokens, and many implementations start it anew when they are given
several tokens at once. Such models are read whole once and then one token at a time.
"""

from typing import Any, Final

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import LinearAttentionCacheLayerMixin

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models.cache._row_cache import Wanted

PROBE_LENGTH: Final = 8
_FIRST: Final = 4
_TOLERANCE: Final = {torch.float32: 0.01, torch.float64: 0.01}
"""Total variation allowed between cached and uncached reading; 0.1 in half precision."""


def has_state(layers: list[Any]) -> bool:
    """Whether some layers of a cache keep a state that cannot be rolled back."""
    return any(isinstance(layer, LinearAttentionCacheLayerMixin) for layer in layers)


def keeps_state(model: Any) -> bool:
    """Whether a model keeps more than keys and values of what it has read."""
    if getattr(model, "_is_stateful", False):
        return True
    try:
        return has_state(DynamicCache(config=model.config).layers)
    except (KeyError, TypeError, ValueError):
        return True  # transformers' general cache is not made for it


@torch.inference_mode()
def check_state(model: Any, reading: Any, name: str) -> None:
    """Refuse a stateful model that predicts otherwise from its cache than without one.

    Reads eight tokens twice.

    Args:
        model: a transformers causal LM that `keeps_state`.
        reading: how it is run.
        name: what errors call it.

    Raises:
        ModelLoadError: its cache cannot be used.
    """
    width = model.get_output_embeddings().weight.shape[0]
    ids = (torch.arange(PROBE_LENGTH, device=model.device) % width)[None]
    try:
        expected = model(input_ids=ids, use_cache=False).logits[0, -1].float()
        found = _cached(reading, ids, width)
    except Exception as error:  # whatever it is, the model is not one for this package
        raise _refused(model, name, type(error).__name__) from error
    distance = float(0.5 * (found.softmax(-1) - expected.softmax(-1)).abs().sum())
    if not distance <= _TOLERANCE.get(model.dtype, 0.1):
        raise _refused(model, name, f"total variation {distance:.2f}")


def _cached(reading: Any, ids: Tensor, width: int) -> Tensor:
    cache = reading.new_cache()
    reading(ids[:, :_FIRST], cache, Wanted(1, width))
    logits: Tensor = reading(ids[:, _FIRST:], cache, Wanted(1, width))
    return logits[0, -1].float()


def _refused(model: Any, name: str, reason: str) -> ModelLoadError:
    return ModelLoadError(
        name,
        f"models of the type {model.config.model_type!r} cannot be decoded step by step with the "
        f"installed transformers: their cache does not give what a full reading gives ({reason}); "
        "use a model whose layers are attention",
    )
