"""An expert that is an adapter on the base itself: LoRA or soft prefix, in PEFT's file format."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models._base_names import match_base
from ngsd_guard.models._causal_lm import HFCausalLM
from ngsd_guard.models._log import log

_CONFIG: Final = "adapter_config.json"
_WEIGHTS: Final = "adapter_model.safetensors"


def is_adapter_folder(folder: Path) -> bool:
    """Whether a folder holds a PEFT adapter and no model."""
    return (folder / _CONFIG).is_file() and not (folder / "config.json").is_file()


def load_adapter_expert(
    folder: Path, base: HFCausalLM, *, base_names: Sequence[str], name: str
) -> HFCausalLM:
    """Load an adapter as a model of its own that shares the base's weights.

    The base is left as it is, so the two may be used at the same time from several threads. The
    expert has the base's tokenizer and chat template, whatever else the folder holds.

    Args:
        folder: `adapter_config.json` and `adapter_model.safetensors`, as PEFT saves them; of the
            type LORA or PROMPT_TUNING.
        base: the model it was trained on.
        base_names: what that model may be called in the adapter's `base_model_name_or_path`; see
            `match_base`. Where names decide nothing, keys and shapes of the weights do.
        name: what logs and errors call it.

    Raises:
        MissingDependencyError: the adapter is a LoRA and peft is not installed.
        ModelLoadError: it is of another type, incomplete, or made for another base.
    """
    config, weights = read_adapter(folder, name, device=str(base.model.device))
    check_base(config.get("base_model_name_or_path"), base_names, name)
    peft_type = config.get("peft_type")
    if peft_type == "PROMPT_TUNING":
        return base.with_prefix(_prompt_embeddings(weights, base, name), name=name)
    if peft_type == "LORA":
        # Here, not above: peft is optional, and slow to import.
        from ngsd_guard.models._lora import with_lora

        return base.with_model(with_lora(base.model, config, weights, name=name), name=name)
    raise ModelLoadError(
        name, f"its {_CONFIG} has the peft_type {peft_type!r}; train a LORA or PROMPT_TUNING"
    )


def read_adapter(
    folder: Path, name: str, *, device: str = "cpu"
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the configuration and weights of an adapter in PEFT's file format.

    Raises:
        ModelLoadError: a file is missing or damaged.
    """
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        weights = load_file(folder / _WEIGHTS, device=device)
    except FileNotFoundError as error:
        raise ModelLoadError(
            name, f"the folder has no {_WEIGHTS}; save the adapter with PEFT's save_pretrained"
        ) from error
    except (ValueError, OSError, SafetensorError) as error:
        raise ModelLoadError(
            name, f"{_CONFIG} or {_WEIGHTS} is damaged ({type(error).__name__}); save it again"
        ) from error
    if not isinstance(config, dict):
        raise ModelLoadError(name, f"{_CONFIG} is not a JSON object; save the adapter again")
    return config, weights


def check_base(trained_on: Any, base_names: Sequence[str], name: str) -> None:
    """Refuse an adapter that names another base; see `match_base`.

    Raises:
        ModelLoadError: it does.
    """
    if trained_on is not None and not isinstance(trained_on, str):
        raise ModelLoadError(
            name, f"base_model_name_or_path in {_CONFIG} is not a text; save the adapter again"
        )
    match = match_base(trained_on, base_names)
    if match == "other":
        raise ModelLoadError(
            name,
            f"it is an adapter on {trained_on!r}, not on {base_names[0]!r}; load it with its own "
            f"base, or correct base_model_name_or_path in {_CONFIG} if that is the same model",
        )
    if match == "unknown" and trained_on:
        log.warning(
            "adapter_base_not_known_by_name",
            adapter=name,
            trained_on=trained_on,
            base=base_names[0],
            remedy=f"name the base in {_CONFIG}; keys and shapes of the weights were compared",
        )


def _prompt_embeddings(weights: dict[str, Tensor], base: HFCausalLM, name: str) -> Tensor:
    embeddings = weights.get("prompt_embeddings")  # [num_virtual_tokens, hidden_size]
    hidden_size = base.model.get_input_embeddings().weight.shape[1]
    if embeddings is None or embeddings.dim() != 2 or embeddings.shape[1] != hidden_size:
        found = "none" if embeddings is None else str(tuple(embeddings.shape))
        raise ModelLoadError(
            name,
            f"its prompt_embeddings must be [num_virtual_tokens, {hidden_size}], not {found}; "
            "train the prefix on this base",
        )
    if not 0 < embeddings.shape[0] < base.context_length:
        raise ModelLoadError(
            name,
            f"its {embeddings.shape[0]} virtual tokens do not fit the base's context of "
            f"{base.context_length}; train a shorter prefix, of at least one",
        )
    return embeddings
