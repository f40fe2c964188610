"""GGUF files: converted once into a folder that loads like any other."""

import copy
import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer

from ngsd_guard.errors import MissingDependencyError, ModelLoadError
from ngsd_guard.models._cache_folder import ConversionCache, cache_root
from ngsd_guard.models._gguf_header import (
    GGUFHeader,
    TensorPlace,
    cut_short,
    read_gguf_header,
)
from ngsd_guard.models._log import log

_CONVERTER: Final = 1
"""Raised whenever the same file would be converted into something else."""
_NEEDED: Final = ("gguf", "accelerate")
_EXACT_DTYPES: Final = (torch.bfloat16, torch.float16)


def gguf_in(folder: Path, label: str) -> Path | None:
    """Return the one GGUF file of a folder; None if there is none.

    Raises:
        ModelLoadError: there are several.
    """
    files = sorted(path for path in folder.glob("*.gguf") if path.is_file())
    if len(files) > 1:
        names = ", ".join(path.name for path in files)
        raise ModelLoadError(label, f"the folder has several GGUF files; pass one of {names}")
    return files[0] if files else None


@contextmanager
def converted(path: Path, label: str) -> Iterator[Path]:
    """Give the folder of safetensors that a GGUF file was converted into.

    It stays in the cache folder (see `cache_root`). Where that cannot be written, the file is
    converted into a temporary folder, and a warning is logged: every load then converts again.

    Args:
        path: the GGUF file.
        label: what errors call it.

    Raises:
        MissingDependencyError: the file is not in the cache and the extra `gguf` is not installed.
        ModelLoadError: it is damaged, or of an architecture that transformers cannot convert.
    """
    kept: AbstractContextManager[str]
    try:
        cache = _cache()
        found = cache.find(path)
        if found is None:
            found = cache.build(path, _converter(path, label))
        kept = nullcontext(str(found))
    except (OSError, SafetensorError) as error:
        kept = _temporary(path, _converter(path, label), label, error)
    with kept as folder:
        yield Path(folder)


def discard_if_damaged(path: Path) -> bool:
    """Remove a file's conversion from the cache if it is damaged; say whether it was."""
    try:
        return _cache().discard_if_damaged(path)
    except OSError:
        return False


def _converter(path: Path, label: str) -> Callable[[Path], None]:
    """Return what converts a file into a folder; refuse the file if that cannot succeed."""
    _require_extra()
    header = read_whole_header(path, label)
    return lambda folder: _convert(path, header.architecture, folder, label)


def read_whole_header(path: Path, label: str) -> GGUFHeader:
    """Read the head of a GGUF file, and check that all of the model is in the file.

    Needs the package `gguf`.

    Raises:
        ModelLoadError: it is not a GGUF file, cut short, or one of several parts.
    """
    header = read_gguf_header(path, label)
    if header.num_splits > 1:
        raise ModelLoadError(
            label,
            f"it is one of {header.num_splits} parts; join them with `llama-gguf-split --merge` "
            "and pass the result",
        )
    if header.last_tensor is not None and path.stat().st_size < _end(header.last_tensor):
        raise cut_short(label)
    return header


def _end(tensor: TensorPlace) -> int:
    """Return where a tensor ends in its file, in bytes; its start if it is of an unknown kind."""
    from gguf import GGML_QUANT_SIZES  # an extra: only where one is needed

    for kind, (num_values, num_bytes) in GGML_QUANT_SIZES.items():
        if kind == tensor.kind:
            return tensor.start + tensor.num_values // int(num_values) * int(num_bytes)
    return tensor.start


def _cache() -> ConversionCache:
    return ConversionCache(cache_root() / "gguf", _CONVERTER)


def _temporary(
    path: Path, convert: Callable[[Path], None], label: str, reason: Exception
) -> "tempfile.TemporaryDirectory[str]":
    log.warning(
        "gguf_cache_not_written",
        source=path.name,
        reason=type(reason).__name__,
        remedy="set NGSD_CACHE to a folder that can be written; every load converts again",
    )
    try:
        folder = tempfile.TemporaryDirectory(prefix="ngsd-guard-", ignore_cleanup_errors=True)
        convert(Path(folder.name))
    except (OSError, SafetensorError) as error:
        raise ModelLoadError(
            label,
            f"there is no room to convert it ({type(error).__name__}); set NGSD_CACHE to a folder "
            "with space for its weights in float32",
        ) from error
    return folder


def _require_extra() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"reading a GGUF file needs {' and '.join(missing)}; install with: "
            "pip install 'ngsd-guard[gguf]'"
        )


def _convert(path: Path, architecture: str, folder: Path, label: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ngsd-guard-") as staging:
        source = _alone(path, Path(staging))
        try:
            # Tokenizer and template from the file, whatever lies beside it.
            tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
            model, report = AutoModelForCausalLM.from_pretrained(
                source.parent,
                gguf_file=source.name,
                dtype=torch.float32,
                output_loading_info=True,
            )
        except Exception as error:  # transformers raises many kinds, none of its own
            raise _not_convertible(label, architecture, error) from error
    missing = sorted(
        str(key) for kind in ("missing_keys", "mismatched_keys") for key in report[kind]
    )
    if missing:
        raise ModelLoadError(
            label, f"the file lacks weights of its model, first {missing[0]}; convert it again"
        )
    tokenizer.save_pretrained(folder)
    _plain(model).save_pretrained(folder)


def save_tokenizer(path: Path, folder: Path, label: str) -> None:
    """Save the tokenizer and chat template of a GGUF file in a folder, without its weights.

    Raises:
        ModelLoadError: transformers does not know the file's architecture or tokenizer.
    """
    architecture = read_gguf_header(path, label).architecture
    with tempfile.TemporaryDirectory(prefix="ngsd-guard-") as staging:
        source = _alone(path, Path(staging))
        try:
            tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
        except Exception as error:  # transformers raises many kinds, none of its own
            raise _not_convertible(label, architecture, error) from error
    tokenizer.save_pretrained(folder)


def _alone(path: Path, staging: Path) -> Path:
    """Return the file in a folder without any other, where links are allowed."""
    link = staging / "model.gguf"
    try:
        os.symlink(path.resolve(), link)
    except OSError:
        return path
    return link


def _plain(model: Any) -> Any:
    """Return the weights in a fresh model of their architecture, in the smallest exact dtype."""
    config = copy.deepcopy(model.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    weights = model.state_dict()
    dtype = _exact_dtype(weights)
    config.dtype = dtype
    with torch.device("meta"):
        plain = type(model)(config)
    plain.load_state_dict(
        {name: weight.to(dtype) for name, weight in weights.items()}, strict=True, assign=True
    )
    plain.tie_weights()
    plain.generation_config = model.generation_config
    return plain


def _exact_dtype(weights: dict[str, torch.Tensor]) -> torch.dtype:
    for dtype in _EXACT_DTYPES:
        if all(
            torch.equal(weight, weight.to(dtype).to(weight.dtype)) for weight in weights.values()
        ):
            return dtype
    return torch.float32


def _not_convertible(label: str, architecture: str, error: Exception) -> ModelLoadError:
    lines = str(error).strip().splitlines()
    return ModelLoadError(
        label,
        f"transformers {version('transformers')} cannot convert a GGUF file of the architecture "
        f"{architecture!r} ({type(error).__name__}: {lines[0] if lines else 'no reason given'}); "
        "use the safetensors folder of the same model, or a newer transformers",
    )
