"""A GGUF file's weights in llama.cpp's memory, and adapters on them."""

import weakref
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models._gguf import read_whole_header
from ngsd_guard.models._gguf_header import GGUFHeader
from ngsd_guard.models.llamacpp._library import has_amx, lib, quiet_library

_ALL_LAYERS: Final = 1_000_000
_REMEDY: Final = "use backend='transformers', or a newer llama-cpp-python"


class Weights:
    """The weights of a GGUF file, shared by every context that reads with them.

    Args:
        path: the file.
        label: what errors call it.
        num_gpu_layers: layers on a GPU, where the library was built for one; None for the
            library's own choice.

    Raises:
        ModelLoadError: it is no GGUF file of a model, is cut short or in parts, or is of an
            architecture that the library cannot run, or whose memory cannot be rolled back.
    """

    def __init__(self, path: Path, label: str, *, num_gpu_layers: int | None = None) -> None:
        self.path = path
        self.label = label
        self.header = read_whole_header(path, label)
        if self.header.fields.get("general.type", "model") != "model":
            raise ModelLoadError(
                label, "the GGUF file holds an adapter; pass it as expert= of its base"
            )
        params = lib.llama_model_default_params()
        if num_gpu_layers is not None:
            params.n_gpu_layers = num_gpu_layers
        if has_amx():
            params.use_extra_bufts = False  # weights laid out for AMX
        with quiet_library() as log:
            pointer = lib.llama_model_load_from_file(str(path).encode(), params)
        if not pointer:
            raise ModelLoadError(label, f"llama.cpp cannot load it ({_reason(log)}); {_REMEDY}")
        self.pointer: Any = pointer
        self._close = weakref.finalize(self, lib.llama_model_free, pointer)
        self._refuse_unsupported()
        vocab = lib.llama_model_get_vocab(pointer)
        self.vocab_size = int(lib.llama_vocab_n_tokens(vocab))
        self.eos_token_id = int(lib.llama_vocab_eos(vocab))
        self.context_length = int(lib.llama_model_n_ctx_train(pointer))
        self.num_parameters = int(lib.llama_model_n_params(pointer))
        self.bytes_per_token = self._bytes_per_token()
        self.quantization = quantization_of(self.header)

    def _refuse_unsupported(self) -> None:
        pointer, reason = self.pointer, None
        if lib.llama_model_is_recurrent(pointer) or lib.llama_model_is_hybrid(pointer):
            reason = "its layers keep a state, which llama.cpp cannot roll back"
        elif lib.llama_model_has_encoder(pointer) or not lib.llama_model_has_decoder(pointer):
            reason = "it is not a decoder alone"
        if reason is not None:
            self._close()
            raise ModelLoadError(self.label, f"{reason}; use backend='transformers'")

    def _bytes_per_token(self) -> int:
        """Return what the keys and values of a token take, in bytes, in float16."""
        pointer = self.pointer
        head_size = lib.llama_model_n_embd(pointer) // max(lib.llama_model_n_head(pointer), 1)
        num_heads = lib.llama_model_n_head_kv(pointer) * lib.llama_model_n_layer(pointer)
        return max(int(num_heads * head_size * 2 * 2), 1)


class Adapter:
    """A LoRA in a GGUF file, loaded beside the weights it was trained on.

    Args:
        weights: of the base.
        path: the file.
        label: what errors call it.

    Raises:
        ModelLoadError: it is no LoRA in a GGUF file, or does not fit the weights.
    """

    def __init__(self, weights: Weights, path: Path, label: str) -> None:
        self.weights = weights
        header = read_whole_header(path, label)
        check_adapter(header, weights.header, label)
        with quiet_library() as log:
            pointer = lib.llama_adapter_lora_init(weights.pointer, str(path).encode())
        if not pointer:
            raise ModelLoadError(label, f"llama.cpp cannot load the adapter ({_reason(log)})")
        self.pointer: Any = pointer  # freed with the weights
        self.num_parameters = sum(tensor.num_values for tensor in header.tensors.values())


def check_adapter(adapter: GGUFHeader, base: GGUFHeader, label: str) -> None:
    """Refuse an adapter that is not a LoRA on these weights.

    Raises:
        ModelLoadError: it is of another kind or architecture, or a tensor does not fit.
    """
    kind = adapter.fields.get("general.type"), adapter.fields.get("adapter.type")
    if kind != ("adapter", "lora"):
        raise ModelLoadError(
            label, f"its general.type and adapter.type are {kind}; pass a LoRA as GGUF"
        )
    if adapter.architecture != base.architecture:
        raise ModelLoadError(
            label,
            f"it is an adapter on a {adapter.architecture!r} model, and the base is a "
            f"{base.architecture!r} model; load it with its own base",
        )
    for name, tensor in adapter.tensors.items():
        target, _, part = name.rpartition(".")
        found = base.tensors.get(target)
        if found is None or part not in ("lora_a", "lora_b"):
            raise ModelLoadError(
                label, f"its tensor {name} is not of this base; load it with its own base"
            )
        side = 0 if part == "lora_a" else 1
        if len(tensor.shape) != 2 or tensor.shape[side] != found.shape[side]:
            raise ModelLoadError(
                label,
                f"its tensor {name} is {tensor.shape} where the base has {found.shape}; load it "
                "with its own base",
            )
    for name in adapter.tensors:
        target = name.rpartition(".")[0]
        pair = [adapter.tensors.get(f"{target}.{part}") for part in ("lora_a", "lora_b")]
        first, second = pair
        if first is None or second is None or first.shape[1] != second.shape[0]:
            raise ModelLoadError(
                label, f"its tensors of {target} do not belong together; export it again"
            )


def quantization_of(header: GGUFHeader) -> str:
    """Return how most of a file's values are stored, in llama.cpp's terms such as `Q4_1`."""
    from gguf import GGMLQuantizationType  # an extra: only where one is needed

    counts: Counter[int] = Counter()
    for tensor in header.tensors.values():
        counts[tensor.kind] += tensor.num_values
    (kind, _), *_ = counts.most_common(1) or [(-1, 0)]
    try:
        return str(GGMLQuantizationType(kind).name)
    except ValueError:
        return f"kind{kind}"


def _reason(log: Sequence[str]) -> str:
    """Return the first error that the library logged; the later ones follow from it."""
    errors = [line for line in log if "error" in line.lower() or "fail" in line.lower()]
    return (errors or list(log) or ["no reason given"])[0].rstrip(".")
