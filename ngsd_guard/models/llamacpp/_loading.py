"""From GGUF files and adapters to models that llama.cpp runs."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

from transformers import AutoTokenizer

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models._adapters import check_base, is_adapter_folder, read_adapter
from ngsd_guard.models._cache_folder import ConversionCache, cache_root
from ngsd_guard.models._gguf import save_tokenizer
from ngsd_guard.models._gguf_header import read_gguf_header
from ngsd_guard.models._lora_gguf import BaseShape, export_lora
from ngsd_guard.models._sources import local_source
from ngsd_guard.models.llamacpp._context import Context
from ngsd_guard.models.llamacpp._model import LlamaCppModel
from ngsd_guard.models.llamacpp._weights import Adapter, Weights

_CONVERTER: Final = 1
"""Raised whenever the same file would be converted into something else."""
_ADAPTER_FILE: Final = "adapter.gguf"
_ADAPTER_WEIGHTS: Final = "adapter_model.safetensors"


def load_llamacpp_model(
    source: str | Path, *, name: str | None = None, num_gpu_layers: int | None = None
) -> LlamaCppModel:
    """Load a GGUF file for llama.cpp; its tokenizer and chat template are the file's own.

    Args:
        source: a GGUF file, or a folder with one.
        name: what logs and errors call it; None for `source`.
        num_gpu_layers: layers on a GPU; None for the library's own choice.

    Raises:
        ModelLoadError: it is not a GGUF file that llama.cpp can run, or its tokenizer is unknown.
    """
    label = str(source)
    path = local_source(source)
    if path is None or path.suffix.lower() != ".gguf":
        raise ModelLoadError(
            label, "llama.cpp reads GGUF files alone; pass one, or use backend='transformers'"
        )
    weights = Weights(path, name or label, num_gpu_layers=num_gpu_layers)
    digest = _digest(path)
    return LlamaCppModel(
        Context(weights), _tokenizer(path, label), name=name or label, file_digest=digest
    )


def load_llamacpp_expert(
    source: str | Path,
    base: LlamaCppModel,
    *,
    base_names: Sequence[str],
    name: str,
    num_gpu_layers: int | None = None,
) -> LlamaCppModel:
    """Load the expert of a base: an adapter on its weights, or a GGUF model of its own.

    Args:
        source: a PEFT folder, which is written as GGUF once, or a GGUF file of an adapter or model.
        base: the model to protect.
        base_names: what an adapter may call it; see `match_base`.
        name: what logs and errors call the expert.
        num_gpu_layers: layers on a GPU, for a model of its own.

    Raises:
        ModelLoadError: it is of another kind, or made for another base.
    """
    path = Path(source).expanduser()
    weights = base.context.weights
    if is_adapter_folder(path):
        config, _ = read_adapter(path, name)
        check_base(config.get("base_model_name_or_path"), base_names, name)
        shape = BaseShape.of_gguf(weights.header, weights.label)
        with _exported(path, shape, name) as file:
            return _with_adapter(base, file, name)
    if path.is_file() and read_gguf_header(path, name).fields.get("general.type") == "adapter":
        return _with_adapter(base, path, name)
    return load_llamacpp_model(source, name=name, num_gpu_layers=num_gpu_layers)


def _with_adapter(base: LlamaCppModel, file: Path, name: str) -> LlamaCppModel:
    adapter = Adapter(base.context.weights, file, name)
    return base.with_adapter(adapter, name=name, file_digest=_hash(file))


@contextmanager
def _exported(folder: Path, shape: BaseShape, name: str) -> Iterator[Path]:
    """Give the GGUF file that a PEFT folder was written as; it stays in the cache folder."""
    config = (folder / "adapter_config.json").read_bytes()
    key = hashlib.sha256(config + json.dumps(astuple(shape)).encode()).hexdigest()[:16]
    source = folder / _ADAPTER_WEIGHTS

    def export(target: Path) -> None:
        export_lora(folder, shape, target / _ADAPTER_FILE, name=name)

    with _kept(f"adapters/{key}", source, export) as target:
        yield target / _ADAPTER_FILE


def _tokenizer(path: Path, label: str) -> Any:
    with _kept("tokenizers", path, lambda folder: save_tokenizer(path, folder, label)) as folder:
        return AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


@contextmanager
def _kept(kind: str, source: Path, convert: Callable[[Path], None]) -> Iterator[Path]:
    """Yield a folder made from a file: in the cache, or a temporary one without a cache."""
    try:
        cache = ConversionCache(cache_root() / kind, _CONVERTER)
        found = cache.find(source) or cache.build(source, convert)
    except OSError:
        with tempfile.TemporaryDirectory(prefix="ngsd-guard-") as folder:
            convert(Path(folder))
            yield Path(folder)
        return
    yield found


def _digest(path: Path) -> str:
    try:
        return ConversionCache(cache_root() / "tokenizers", _CONVERTER).digest(path)
    except OSError:
        return _hash(path)


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
