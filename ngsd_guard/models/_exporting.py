"""A LoRA folder and its base, to the GGUF file that llama.cpp reads."""

import os
import tempfile
from pathlib import Path

from ngsd_guard.errors import ModelLoadError
from ngsd_guard.models._adapters import check_base, is_adapter_folder, read_adapter
from ngsd_guard.models._gguf_header import read_gguf_header
from ngsd_guard.models._sources import local_source


def export_lora_as_gguf(expert: Path, base: Path, out: Path) -> int:
    """Write a LoRA in PEFT's file format as GGUF; the base's weights are not read.

    Args:
        expert: folder of the adapter.
        base: the GGUF file or folder it was trained on.
        out: the file to write; it appears when it is complete.

    Returns:
        How many modules of the base it changes.

    Raises:
        MissingDependencyError: the package gguf is not installed.
        ModelLoadError: it is not a plain LoRA on that base, or the file cannot be written.
    """
    from ngsd_guard.models._lora_gguf import BaseShape, export_lora  # needs an extra

    name = str(expert)
    if not is_adapter_folder(expert):
        raise ModelLoadError(name, "it is not a folder of a PEFT adapter; pass one with LoRA")
    path = local_source(base)
    if path is None:
        raise ModelLoadError(str(base), "pass the folder or GGUF file of the base, not a hub id")
    config, _ = read_adapter(expert, name)
    check_base(config.get("base_model_name_or_path"), (str(base), str(path)), name)
    if path.is_dir():
        shape = BaseShape.of_folder(path, str(base))
    else:
        shape = BaseShape.of_gguf(read_gguf_header(path, str(base)), str(base))
    try:
        with tempfile.TemporaryDirectory(prefix=".ngsd-guard-", dir=out.parent) as folder:
            number = export_lora(expert, shape, Path(folder) / out.name, name=name)
            os.replace(Path(folder) / out.name, out)
    except OSError as error:
        raise ModelLoadError(
            name, f"{out} cannot be written ({error.strerror}); choose another path"
        ) from error
    return number
