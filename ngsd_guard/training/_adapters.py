"""Experts that are adapters on the base: LoRA and soft prefix, trained and saved as PEFT does."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from ngsd_guard.errors import ConfigurationError, MissingDependencyError

_PEFT_PREFIX: Final = "base_model.model."
"""What PeftModel puts before the base's own names."""


def add_lora(
    model: Any, *, rank: int = 16, alpha: int = 32, layers: Sequence[int] | None = None
) -> None:
    """Put a trainable LoRA on every linear layer of a causal LM, in place; freeze the rest.

    Args:
        model: a Hugging Face causal LM.
        rank: of each update.
        alpha: the update is scaled by `alpha / rank`.
        layers: indices of the blocks that get one; None for all.

    Raises:
        MissingDependencyError: peft is not installed.
    """
    peft = _import_peft()
    config = peft.LoraConfig(
        r=rank,
        lora_alpha=alpha,
        target_modules=_linear_layers(model),
        layers_to_transform=None if layers is None else list(layers),
        task_type="CAUSAL_LM",
    )
    peft.inject_adapter_in_model(config, model)
    model.peft_config = {"default": config}
    for name, parameter in model.named_parameters():
        parameter.requires_grad = ".lora_" in name


def save_lora(model: Any, folder: Path, *, base_name: str) -> None:
    """Write the LoRA that `add_lora` put on a model, in PEFT's format and bfloat16.

    Raises:
        MissingDependencyError: peft is not installed.
        ConfigurationError: the model has no LoRA.
    """
    peft = _import_peft()
    config = getattr(model, "peft_config", {}).get("default")
    if config is None:
        raise ConfigurationError("the model has no LoRA to save; call add_lora before training")
    weights = peft.get_peft_model_state_dict(model, adapter_name="default")
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            f"{_PEFT_PREFIX}{name}": weight.detach().to(torch.bfloat16).contiguous()
            for name, weight in weights.items()
        },
        folder / "adapter_model.safetensors",
    )
    config.base_model_name_or_path = base_name
    config.inference_mode = True
    if isinstance(config.target_modules, set):  # whose order would differ from run to run
        config.target_modules = sorted(config.target_modules)
    config.save_pretrained(folder)


class SoftPrefix(nn.Module):
    """A frozen causal LM with trainable virtual tokens before every document.

    Pass it to `train` in the place of the model.

    Args:
        model: a Hugging Face causal LM; frozen by this.
        num_virtual_tokens: length of the prefix.
        seed: chooses the vocabulary entries that the prefix starts from.

    Raises:
        ConfigurationError: there is no virtual token.
    """

    def __init__(self, model: Any, *, num_virtual_tokens: int = 50, seed: int = 0) -> None:
        super().__init__()
        if num_virtual_tokens < 1:
            raise ConfigurationError(f"num_virtual_tokens={num_virtual_tokens} must be at least 1")
        self.model = model.requires_grad_(False)
        self.config = model.config
        vocabulary = model.get_input_embeddings().weight  # [vocab, hidden]
        generator = torch.Generator().manual_seed(seed)
        chosen = torch.randint(len(vocabulary), (num_virtual_tokens,), generator=generator)
        self.embeddings = nn.Parameter(vocabulary[chosen].detach().clone().float())
        """[num_virtual_tokens, hidden]."""

    @property
    def base_model(self) -> nn.Module:
        """What predicts hidden states: this module itself."""
        return self

    def get_output_embeddings(self) -> nn.Module:
        """Return the head of the model."""
        head: nn.Module = self.model.get_output_embeddings()
        return head

    def forward(
        self, *, input_ids: Tensor, attention_mask: Tensor, position_ids: Tensor, **options: Any
    ) -> SimpleNamespace:
        """Return the last hidden states of the real tokens, [rows, length, hidden]."""
        rows, prefix = len(input_ids), len(self.embeddings)
        tokens = self.model.get_input_embeddings()(input_ids)
        start = self.embeddings.to(tokens.dtype).expand(rows, -1, -1)
        before = torch.arange(prefix, device=input_ids.device).expand(rows, -1)
        hidden = self.model.base_model(
            inputs_embeds=torch.cat([start, tokens], dim=1),
            attention_mask=_with_prefix(attention_mask, prefix),
            position_ids=torch.cat([before, position_ids + prefix], dim=1),
            **options,
        ).last_hidden_state
        return SimpleNamespace(last_hidden_state=hidden[:, prefix:])

    def save(self, folder: Path, *, base_name: str) -> None:
        """Write the prefix in PEFT's prompt-tuning format."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = {"prompt_embeddings": self.embeddings.detach().contiguous()}
        save_file(weights, folder / "adapter_model.safetensors")
        config = {
            "base_model_name_or_path": base_name,
            "inference_mode": True,
            "num_virtual_tokens": len(self.embeddings),
            "peft_type": "PROMPT_TUNING",
            "task_type": "CAUSAL_LM",
            "token_dim": self.embeddings.shape[1],
        }
        text = json.dumps(config, indent=2, sort_keys=True)
        (folder / "adapter_config.json").write_text(text + "\n", encoding="utf-8")


def _with_prefix(mask: Tensor, prefix: int) -> Tensor:
    """Let every document see the prefix, and the prefix itself alone; the mask is bool or added."""
    rows, _, length, _ = mask.shape
    seen: Any = True if mask.dtype == torch.bool else 0.0
    unseen: Any = False if mask.dtype == torch.bool else torch.finfo(mask.dtype).min
    full = mask.new_full((rows, 1, prefix + length, prefix + length), unseen)
    full[..., prefix:, :prefix] = seen
    full[..., prefix:, prefix:] = mask
    own = torch.ones(prefix, prefix, dtype=torch.bool, device=mask.device).tril()
    full[..., :prefix, :prefix] = full[..., :prefix, :prefix].masked_fill(own, seen)
    return full


def _linear_layers(model: nn.Module) -> list[str]:
    """Names of the linear layers inside the blocks: all but the head."""
    head = model.get_output_embeddings()  # type: ignore[operator]
    return sorted(
        {
            name.rsplit(".", 1)[-1]
            for name, module in model.named_modules()
            if isinstance(module, nn.Linear) and module is not head
        }
    )


def _import_peft() -> Any:
    try:
        import peft
    except ImportError as error:
        raise MissingDependencyError(
            "training a LoRA needs peft; install it with: pip install 'ngsd-guard[adapters]'"
        ) from error
    return peft
