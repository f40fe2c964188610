"""LoRA on a base whose weights it shares; the only module that imports peft."""

import copy
from collections.abc import Mapping
from typing import Any, Final

import torch
from torch import Tensor, nn

from ngsd_guard.errors import MissingDependencyError, ModelLoadError

try:
    from peft import LoraConfig, inject_adapter_in_model, set_peft_model_state_dict
except ImportError as error:
    raise MissingDependencyError(
        "a LoRA expert needs peft; install it with: pip install 'ngsd-guard[adapters]'"
    ) from error

_USED: Final = frozenset(
    {
        "alpha_pattern",
        "exclude_modules",
        "fan_in_fan_out",
        "layers_pattern",
        "layers_to_transform",
        "lora_alpha",
        "r",
        "rank_pattern",
        "target_modules",
        "use_rslora",
    }
)
_IGNORED: Final = frozenset(
    {
        "auto_mapping",
        "base_model_name_or_path",
        "inference_mode",
        "lora_dropout",
        "peft_type",
        "peft_version",
        "revision",
        "task_type",
    }
)
_PREFIX: Final = "base_model.model."
"""What PEFT writes before the name of every module of the base."""
_ADAPTER: Final = "default"
_PLAIN_INITIALISATIONS: Final = (True, False, "gaussian")


def with_lora(
    model: Any, config: Mapping[str, Any], weights: Mapping[str, Tensor], *, name: str
) -> Any:
    """Return a second model: the weights of the first, with LoRA on top.

    Only the classic LoRA is taken. Several of PEFT's variants write into the weights of the base.

    Args:
        model: the base; left as it is.
        config: content of `adapter_config.json`.
        weights: content of `adapter_model.safetensors`.
        name: what errors call it.

    Raises:
        ModelLoadError: it is not a plain LoRA, or does not fit the base.
    """
    _refuse_variants(config, name)
    _refuse_other_weights(weights, name)
    weights = _without_prefix(weights)
    expert = _sharing_copy(model)
    try:
        lora = LoraConfig(**{key: config[key] for key in _USED & config.keys()})
        # Initial values would draw from the global random generator, and peft's own
        # low_cpu_mem_usage patches nn.Module for every thread.
        with torch.device("meta"):
            inject_adapter_in_model(lora, expert)
        _refuse_unmatched(expert, weights, name)
        set_peft_model_state_dict(
            # As PeftModel does: half-precision adapters are computed in float32.
            expert,
            {key: weight.to(torch.float32) for key, weight in weights.items()},
            low_cpu_mem_usage=True,
        )
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ModelLoadError(
            name,
            f"its LoRA does not fit the layers of the base ({type(error).__name__}); train it on "
            "this base",
        ) from error
    return expert.eval().requires_grad_(False)


def _without_prefix(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights by the names that the base's modules have; older adapters are so saved."""
    return {key.removeprefix(_PREFIX): weight for key, weight in weights.items()}


def _refuse_unmatched(expert: Any, weights: Mapping[str, Tensor], name: str) -> None:
    """Refuse weights that are not exactly those of the modules the adapter is for."""
    wanted = {
        key.replace(f".{_ADAPTER}.", "."): tuple(weight.shape)
        for key, weight in expert.named_parameters()
        if weight.is_meta
    }
    found = {key: tuple(weight.shape) for key, weight in weights.items()}
    for kind, keys, total in (
        ("unexpected", found.keys() - wanted.keys(), len(found)),
        ("missing", wanted.keys() - found.keys(), len(wanted)),
    ):
        if keys:
            raise ModelLoadError(
                name,
                f"its weights have {kind} keys ({len(keys)} of {total}), first {min(keys)}; "
                "train it on this base",
            )
    for key in sorted(wanted):
        if found[key] != wanted[key]:
            raise ModelLoadError(
                name,
                f"its weight {key} is {found[key]} where the base needs {wanted[key]}; train it "
                "on this base",
            )


def _sharing_copy(model: Any) -> Any:
    """Copy the modules and the configuration; parameters and buffers keep their memory."""
    shared: dict[int, Any] = {id(buffer): buffer for buffer in model.buffers()}
    for parameter in model.parameters():
        shared[id(parameter)] = nn.Parameter(parameter.detach(), requires_grad=False)
    return copy.deepcopy(model, shared)


def _refuse_variants(config: Mapping[str, Any], name: str) -> None:
    plain = LoraConfig().to_dict()
    for key, value in config.items():
        if key in _USED | _IGNORED or not value or value == plain.get(key):
            continue
        if key == "init_lora_weights" and value in _PLAIN_INITIALISATIONS:
            continue
        raise ModelLoadError(
            name, f"its option {key}={value!r} is not supported; train a plain LoRA without it"
        )


def _refuse_other_weights(weights: Mapping[str, Tensor], name: str) -> None:
    # Loading anything else would overwrite the weights that the base is using.
    others = sorted(key for key in weights if ".lora_" not in key)
    if others or not weights:
        raise ModelLoadError(
            name,
            f"it must hold LoRA weights alone, not {others[0] if others else 'nothing'}; save it "
            "with bias='none', no modules_to_save and save_embedding_layers=False",
        )
