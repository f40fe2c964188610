"""The two models of a training run: the base as it is, and the expert in training."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ngsd_guard.errors import ConfigurationError, ModelLoadError
from ngsd_guard.models import converted, local_source
from ngsd_guard.training._adapters import SoftPrefix, add_lora, save_lora
from ngsd_guard.training._recipe import ExpertRecipe


def load_chat_model(source: str | Path, dtype: torch.dtype) -> tuple[Any, Any]:
    """Load a causal LM and its tokenizer from a folder or a GGUF file, for training on the CPU.

    Eager attention: on a CPU its backward pass is several times as fast in bfloat16.

    Raises:
        MissingDependencyError: a GGUF file needs the extra `gguf`.
        ModelLoadError: it cannot be loaded.
    """
    label, path = str(source), local_source(source)
    if path is None or path.is_dir():
        return _load_folder(path or source, label, dtype)
    with converted(path, label) as folder:
        return _load_folder(folder, label, dtype)


def _load_folder(folder: str | Path, label: str, dtype: torch.dtype) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, attn_implementation="eager", local_files_only=True
        )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise ModelLoadError(
            label,
            f"it cannot be loaded as a causal LM ({type(error).__name__}); give a GGUF file, or a "
            "folder with config.json, weights and tokenizer",
        ) from error
    return model.eval(), tokenizer


def make_expert(base: Any, recipe: ExpertRecipe, start: Any | None = None) -> Any:
    """Return what is trained: a model, or a `SoftPrefix`; the base stays as it is.

    Args:
        base: the model to protect; frozen by this.
        recipe: method and sizes.
        start: the smaller model that `small` begins from.

    Raises:
        ConfigurationError: `small` has no model to start from, or another one was given.
    """
    if (start is not None) != (recipe.method == "small"):
        raise ConfigurationError(
            "method 'small' needs the model to start from; the other methods start from the base"
        )
    base.requires_grad_(False)
    if recipe.method == "prefix":
        return SoftPrefix(
            _sharing_copy(base), num_virtual_tokens=recipe.num_virtual_tokens, seed=recipe.seed
        )
    if recipe.method == "lora":
        expert = _sharing_copy(base)
        num_layers = base.config.get_text_config().num_hidden_layers
        first = int(num_layers * recipe.untouched_share)
        layers = range(first, num_layers) if first else None
        with torch.random.fork_rng():  # peft draws from the global generator
            torch.default_generator.manual_seed(recipe.seed)
            add_lora(expert, rank=recipe.rank, alpha=2 * recipe.rank, layers=layers)
        for parameter in expert.parameters():
            if parameter.requires_grad:  # peft makes them in float32
                parameter.data = parameter.data.to(base.dtype)
        return expert
    expert = copy.deepcopy(base) if start is None else start
    return expert.requires_grad_(True)


def save_expert(expert: Any, folder: Path, tokenizer: Any, *, base_name: str) -> None:
    """Write an expert as the engine loads it: an adapter, or a model with its tokenizer."""
    if isinstance(expert, SoftPrefix):
        expert.save(folder, base_name=base_name)
    elif getattr(expert, "peft_config", None):
        save_lora(expert, folder, base_name=base_name)
    else:
        expert.save_pretrained(folder)
        tokenizer.save_pretrained(folder)


def _sharing_copy(model: Any) -> Any:
    shared: dict[int, Any] = {id(buffer): buffer for buffer in model.buffers()}
    shared |= {id(parameter): parameter for parameter in model.parameters()}
    return copy.deepcopy(model, shared)


class MasterWeights:
    """Float32 copies of what is trained, with AdamW; small updates would vanish in bfloat16."""

    def __init__(self, model: nn.Module) -> None:
        self._trained = {n: p for n, p in model.named_parameters() if p.requires_grad}
        if not self._trained:
            raise ConfigurationError("no parameter has requires_grad; there is nothing to train")
        self._masters = {
            name: nn.Parameter(parameter.detach().float().clone())
            for name, parameter in self._trained.items()
        }
        groups = [
            {"params": [p for p in self._masters.values() if p.dim() > 1], "weight_decay": 0.01},
            {"params": [p for p in self._masters.values() if p.dim() <= 1], "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(
            [group for group in groups if group["params"]], lr=0.0, betas=(0.9, 0.98), fused=True
        )

    def step(self, learning_rate: float) -> float:
        """Apply the gradients that the models' parameters hold; return their norm."""
        for name, parameter in self._trained.items():
            gradient = parameter.grad
            self._masters[name].grad = None if gradient is None else gradient.float()
            parameter.grad = None
        norm = torch.nn.utils.clip_grad_norm_(self._masters.values(), 1.0)
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        self._optimizer.step()
        self._copy_back()
        return float(norm)

    def state(self) -> dict[str, Any]:
        """Return weights and moments, as `restore` takes them."""
        return {"masters": dict(self._named()), "optimizer": self._optimizer.state_dict()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state.

        Raises:
            ConfigurationError: it belongs to another model or method.
        """
        if state["masters"].keys() != self._masters.keys():
            raise ConfigurationError("the checkpoint belongs to another model or method")
        with torch.no_grad():
            for name, master in self._masters.items():
                master.copy_(state["masters"][name])
        self._optimizer.load_state_dict(state["optimizer"])
        self._copy_back()

    def _named(self) -> Iterator[tuple[str, Tensor]]:
        return ((name, master.detach()) for name, master in self._masters.items())

    @torch.no_grad()
    def _copy_back(self) -> None:
        for name, parameter in self._trained.items():
            parameter.copy_(self._masters[name])
