"""Hidden states of a middle layer: only the layers up to it are run."""

import copy
from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor, nn

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.models.forward._lean import LeanDecoder

_FINAL_NORMS: Final = ("norm", "ln_f", "final_layer_norm", "final_layernorm", "norm_f")
_MAX_TOKENS: Final = 4_096
"""Tokens, padding included, that are read at once."""


def num_layers(model: Any, name: str) -> int:
    """Return how many layers a transformers causal LM has.

    Raises:
        ConfigurationError: its layers cannot be found.
    """
    return len(_layers_of(model, name)[1])


def hidden_states(
    model: Any, reading: object, rows: Sequence[Sequence[int]], layer: int, name: str
) -> list[Tensor]:
    """Return what a model's first layers make of some texts.

    Args:
        model: a transformers causal LM.
        reading: how it is run otherwise; a `LeanDecoder` is used, anything else is not.
        rows: tokens of each text, at least one.
        layer: how many layers to run, from 1 to all of them.
        name: what errors call the model.

    Returns:
        [num_tokens, hidden] of each text, float32: the residual stream after that many layers,
        before the final norm.

    Raises:
        ConfigurationError: the model has no such layer, or its layers cannot be found.
    """
    stack = _layers_of(model, name)
    if not 1 <= layer <= len(stack[1]):
        raise ConfigurationError(
            f"layer={layer}: {name!r} has layers 1 to {len(stack[1])}; choose one of them, and "
            "fit the probe on this model"
        )
    lean = reading if isinstance(reading, LeanDecoder) else None
    decoder = None if lean is not None else _shortened(*stack, layer)
    found: dict[int, Tensor] = {}
    for group in _groups(rows):
        width = max(len(rows[index]) for index in group)
        padded = [[*rows[index], *[0] * (width - len(rows[index]))] for index in group]
        ids = torch.tensor(padded, device=model.device)  # later tokens are seen by none before
        states = lean.hidden_states(ids, layer) if lean is not None else _last_state(decoder, ids)
        for row, index in enumerate(group):
            found[index] = states[row, : len(rows[index])].float()
    return [found[index] for index in range(len(rows))]


def _groups(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return indices of rows that are read together, the longest first."""
    groups = list[list[int]]()
    for index in sorted(range(len(rows)), key=lambda i: -len(rows[i])):
        widest = len(rows[groups[-1][0]]) if groups else 0
        if groups and widest * (len(groups[-1]) + 1) <= _MAX_TOKENS:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _layers_of(model: Any, name: str) -> tuple[Any, nn.ModuleList, str, str]:
    """Return a model's decoder and its layers, and what it calls these and its final norm."""
    count = getattr(model.config.get_text_config(), "num_hidden_layers", None)
    for decoder in model.modules():
        lists = [
            (key, child)
            for key, child in decoder.named_children()
            if isinstance(child, nn.ModuleList) and len(child) == count
        ]
        norm = next((key for key in _FINAL_NORMS if hasattr(decoder, key)), None)
        if len(lists) == 1 and norm is not None:
            key, layers = lists[0]
            return decoder, layers, key, norm
    raise ConfigurationError(
        f"the layers of {name!r} ({model.config.model_type}) cannot be told apart, so that it has "
        "no hidden states to probe; use reader='expert'"
    )


def _shortened(decoder: Any, layers: nn.ModuleList, key: str, norm: str, layer: int) -> Any:
    """Return a decoder of the first layers; it shares their weights, and the original stays."""
    short = copy.copy(decoder)
    short._modules = dict(decoder._modules)
    short._modules[key] = nn.ModuleList(list(layers)[:layer])
    short._modules[norm] = nn.Identity()
    return short


def _last_state(decoder: Any, input_ids: Tensor) -> Tensor:
    states: Tensor = decoder(input_ids=input_ids, use_cache=False).last_hidden_state
    return states
