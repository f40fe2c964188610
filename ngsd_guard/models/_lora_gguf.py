"""A LoRA in PEFT's file format, written as the GGUF file that llama.cpp reads."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from ngsd_guard.errors import MissingDependencyError, ModelLoadError
from ngsd_guard.models._adapters import read_adapter
from ngsd_guard.models._gguf_header import GGUFHeader

try:
    import gguf
except ImportError as error:
    raise MissingDependencyError(
        "writing a GGUF file needs gguf; install it with: pip install 'ngsd-guard[gguf]'"
    ) from error

_INTERLEAVED: Final = frozenset({"llama"})
"""Architectures whose queries and keys llama.cpp stores with each head's halves interleaved."""
_PLAIN: Final = frozenset({"gemma", "gemma2", "gemma3", "qwen2", "qwen3"})
_ARCHITECTURES: Final = {
    "gemma": "gemma", "gemma2": "gemma2", "gemma3_text": "gemma3", "llama": "llama",
    "mistral": "llama", "qwen2": "qwen2", "qwen3": "qwen3",
}  # fmt: skip
"""llama.cpp's name of an architecture, by transformers' `model_type`."""
_VARIANTS: Final = (
    "alora_invocation_tokens", "arrow_config", "layer_replication", "lora_bias",
    "modules_to_save", "monteclora_config", "target_parameters", "trainable_token_indices",
    "use_bdlora", "use_dora", "use_qalora", "velora_config",
)  # fmt: skip
"""Options of PEFT under which a LoRA is more than two matrices per layer."""
_WEIGHT: Final = re.compile(r"(?:base_model\.model\.)?(?P<module>.+)\.lora_(?P<part>[AB])\.weight")


@dataclass(frozen=True, slots=True)
class BaseShape:
    """What an adapter's file says and assumes of its base."""

    architecture: str
    """llama.cpp's name of it."""
    num_layers: int
    num_heads: int
    num_kv_heads: int

    @classmethod
    def of_gguf(cls, header: GGUFHeader, label: str) -> "BaseShape":
        """Return the shape of a model in a GGUF file.

        Raises:
            ModelLoadError: the file does not say, or its layers differ from each other.
        """
        name, fields = header.architecture, header.fields
        keys = "block_count", "attention.head_count", "attention.head_count_kv"
        found = [fields.get(f"{name}.{key}") for key in keys]
        layers, heads, kv_heads = [*found[:2], found[2] if found[2] is not None else found[1]]
        if not (isinstance(layers, int) and isinstance(heads, int) and isinstance(kv_heads, int)):
            raise ModelLoadError(
                label, "its layers and heads cannot be read; convert the adapter with llama.cpp"
            )
        return cls(name, layers, heads, kv_heads)

    @classmethod
    def of_folder(cls, folder: Path, label: str) -> "BaseShape":
        """Return the shape of a model in a transformers folder.

        Raises:
            ModelLoadError: there is no `config.json`, or it is of an unknown `model_type`.
        """
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            architecture = _ARCHITECTURES[config["model_type"]]
            heads = int(config["num_attention_heads"])
            layers, kv_heads = config["num_hidden_layers"], config.get("num_key_value_heads", heads)
            return cls(architecture, int(layers), heads, int(kv_heads))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelLoadError(
                label,
                f"config.json of the base cannot be used ({type(error).__name__}: {error}); pass "
                f"the folder or GGUF file of one of {', '.join(sorted(_ARCHITECTURES))}",
            ) from error


def export_lora(folder: Path, base: BaseShape, out: Path, *, name: str) -> int:
    """Write a LoRA as GGUF, in float32; the base's weights are not needed.

    Tensors are named and laid out as by llama.cpp's `convert_lora_to_gguf.py`. Where modules have
    scales of their own (`alpha_pattern`), they are multiplied into the second matrix.

    Args:
        folder: `adapter_config.json` and `adapter_model.safetensors`, as PEFT saves them.
        base: what it was trained on.
        out: the file to write.
        name: what errors call the adapter.

    Returns:
        How many modules of the base it changes.

    Raises:
        ModelLoadError: it is not a plain LoRA, or not on the linear layers of such a base.
    """
    config, weights = read_adapter(folder, name)
    _refuse_others(config, base, name)
    pairs = _paired(weights, name)
    names = gguf.get_tensor_name_map(_model_arch(base.architecture), base.num_layers)
    alpha = float(config.get("lora_alpha", 8))
    writer = gguf.GGUFWriter(out, base.architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    for module, (first, second) in sorted(pairs.items()):
        target = names.get_name(module)
        if target is None:
            raise ModelLoadError(
                name, f"llama.cpp has no tensor for its module {module}; train it on linear layers"
            )
        own = _scale(config, module, rank=len(first)) * len(first) / alpha
        second = _laid_out(second, module, base)
        writer.add_tensor(f"{target}.weight.lora_a", first.contiguous().numpy())
        scaled = second if own == 1.0 else second * own
        writer.add_tensor(f"{target}.weight.lora_b", scaled.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return len(pairs)


def _refuse_others(config: Mapping[str, Any], base: BaseShape, name: str) -> None:
    if config.get("peft_type") != "LORA":
        raise ModelLoadError(
            name,
            f"its peft_type is {config.get('peft_type')!r}, and llama.cpp reads LORA alone; use "
            "backend='transformers'",
        )
    if base.architecture not in _INTERLEAVED | _PLAIN:
        raise ModelLoadError(
            name,
            f"adapters on the architecture {base.architecture!r} are not converted here; convert "
            "it with llama.cpp's convert_lora_to_gguf.py and pass the .gguf file",
        )
    variants = [key for key in _VARIANTS if config.get(key)]
    if config.get("bias", "none") != "none":
        variants.append("bias")
    if config.get("init_lora_weights", True) not in (True, False, "gaussian"):
        variants.append("init_lora_weights")
    if variants:
        value = config[variants[0]]
        raise ModelLoadError(
            name, f"its option {variants[0]}={value!r} is not supported; train a plain LoRA"
        )


def _paired(weights: Mapping[str, Tensor], name: str) -> dict[str, tuple[Tensor, Tensor]]:
    """Return the two matrices of each module, float32."""
    found: dict[str, dict[str, Tensor]] = {}
    for key, weight in weights.items():
        match = _WEIGHT.fullmatch(key)
        if match is None or weight.dim() != 2:
            raise ModelLoadError(
                name, f"its weight {key} is not a LoRA of a linear layer; train it on those alone"
            )
        found.setdefault(match["module"], {})[match["part"]] = weight.to(torch.float32)
    pairs = {}
    for module, parts in found.items():
        first, second = parts.get("A"), parts.get("B")
        if first is None or second is None or first.shape[0] != second.shape[1]:
            raise ModelLoadError(
                name, f"the matrices of {module} do not belong together; save the adapter again"
            )
        pairs[module] = first, second
    if not pairs:
        raise ModelLoadError(name, "it holds no weights; save the adapter again")
    return pairs


def _scale(config: Mapping[str, Any], module: str, *, rank: int) -> float:
    """Return what a module's product is multiplied by, as PEFT computes it."""
    alpha = float(config.get("lora_alpha", 8))
    for pattern, own in (config.get("alpha_pattern") or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            alpha = float(own)
            break
    return alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)


def _laid_out(second: Tensor, module: str, base: BaseShape) -> Tensor:
    """Return [out, rank] with its rows in the order in which llama.cpp stores the module's."""
    heads = {"q_proj": base.num_heads, "k_proj": base.num_kv_heads}
    num_heads = heads.get(module.rpartition(".")[2])
    if base.architecture not in _INTERLEAVED or num_heads is None:
        return second
    out, rank = second.shape
    halves = second.reshape(num_heads, 2, out // num_heads // 2, rank)
    return halves.swapaxes(1, 2).reshape(out, rank)


def _model_arch(architecture: str) -> Any:
    names: dict[str, Any] = {name: arch for arch, name in gguf.MODEL_ARCH_NAMES.items()}
    return names[architecture]
