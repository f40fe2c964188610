"""From names and paths to a pair that is ready to judge and decode."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from ngsd_guard.config import NGSDConfig
from ngsd_guard.errors import ConfigurationError, ModelLoadError
from ngsd_guard.pairs._calibration import Calibration
from ngsd_guard.pairs._pair import Pair
from ngsd_guard.pairs._registry import PairManifest, find_expert, find_pair, list_pairs

if TYPE_CHECKING:
    import torch

    from ngsd_guard.models import HFCausalLM
    from ngsd_guard.protocols import LanguageModel

Backend = Literal["transformers", "llama.cpp"]
"""What runs the weights."""
DEFAULT_PAIR: Final = "ngsd-mini"
_CALIBRATION: Final = "calibration.json"


def load_pair(
    base: str | Path = DEFAULT_PAIR,
    expert: str | Path | None = None,
    config: NGSDConfig | None = None,
    device: "str | torch.device | None" = None,
    *,
    dtype: "str | torch.dtype | None" = None,
    calibration: Calibration | str | Path | None = None,
    compile: bool = False,
    quantization: Literal["4bit", "8bit"] | None = None,
    backend: Backend | None = None,
    base_model: "HFCausalLM | None" = None,
) -> Pair:
    """Load a base model and its expert.

    Where neither `config` nor `calibration` is given, the pair runs under the calibration beside
    the expert (`calibration.json` in its folder), and under the preset `default` where there is
    none. An explicit `config` is taken as it is.

    Args:
        base: a known pair (see `list_pairs`), a Hugging Face folder or hub id.
        expert: a folder of a model or of a PEFT adapter on the base (LoRA or soft prefix), which
            then shares the base's weights; a hub id of a model; or one of a known pair's own. None
            only with a known pair, for its first.
        config: options; None for the pair's calibration, or the preset `default`.
        device: where both models run; None for the CPU.
        dtype: of the weights; None for float32 on the CPU and the checkpoint's own elsewhere.
        calibration: made for this pair, or the path of one; its gate and reflection options
            replace those of `config`.
        compile: let torch.compile fuse operations, where both models are Llama-like; the first
            steps then take about a minute, and a C++ compiler on the CPU.
        quantization: load the base's weights in 4 or 8 bits with bitsandbytes.
        backend: what runs the weights: `"transformers"`, or `"llama.cpp"`, which reads a GGUF file
            as it is. None for transformers.
        base_model: the base, where it is loaded already; the pair shares its weights.

    Raises:
        ConfigurationError: the base needs an expert and none was named, the calibration is wrong
            or was made for other weights, an option is not one of the backend, or a model is not
            one that can be compiled.
        MissingDependencyError: a LoRA expert needs peft, quantization bitsandbytes, the backend
            `"llama.cpp"` llama-cpp-python.
        ModelLoadError: a model cannot be loaded.
        VocabularyMismatchError: the two have different vocabularies.
    """
    if backend not in (None, "transformers", "llama.cpp"):
        raise ConfigurationError(
            f"backend={backend!r} is unknown; take 'transformers' or 'llama.cpp'"
        )
    manifest = find_pair(base)
    if expert is None and manifest is None:
        known = ", ".join(repr(pair.name) for pair in list_pairs())
        raise ConfigurationError(
            f"no expert for {str(base)!r}; pass expert= a small safety-tuned model of its family, "
            f"or an adapter on it, or name a known pair: {known}"
        )
    source = _find_expert(expert, manifest)
    if calibration is None and config is None:
        calibration = _shipped_calibration(manifest, expert, backend) or _calibration_beside(
            source, backend
        )
    if isinstance(calibration, str | Path):
        calibration = Calibration.load(calibration)
    options: dict[str, Any] = {"device": device, "dtype": dtype, "compile": compile}
    if backend == "llama.cpp":
        if base_model is not None:
            raise ConfigurationError(
                "base_model is a model of transformers; leave it out with backend='llama.cpp'"
            )
        models = _load_llamacpp(base, manifest, source, quantization=quantization, **options)
    else:
        if base_model is None:
            base_model = _load_base(base, manifest, quantization=quantization, **options)
        models = _with_transformers_expert(base, base_model, source, options)
    return Pair(*models, config, calibration=calibration)


def _load_base(base: str | Path, manifest: PairManifest | None, **options: Any) -> "HFCausalLM":
    # Here, not above: transformers takes seconds to import and not every user loads a model.
    from ngsd_guard.models import load_causal_lm

    where, name, is_known = _base_source(base, manifest)
    return load_causal_lm(where, name=name, quiet=is_known, **options)


def _with_transformers_expert(
    base: str | Path, base_model: "HFCausalLM", source: "_FoundExpert", options: dict[str, Any]
) -> "tuple[LanguageModel, LanguageModel]":
    from ngsd_guard.models import is_adapter_folder, joined, load_adapter_expert, load_causal_lm

    if is_adapter_folder(Path(source.where)):
        names = (str(base), base_model.model.name_or_path)
        expert_model = load_adapter_expert(
            Path(source.where), base_model, base_names=names, name=source.adapter_name
        )
    else:
        expert_model = load_causal_lm(
            source.where, name=source.model_name, quiet=source.is_known, **options
        )
    return joined(base_model, expert_model)


def _load_llamacpp(
    base: str | Path, manifest: PairManifest | None, source: "_FoundExpert", **options: Any
) -> "tuple[LanguageModel, LanguageModel]":
    device = options.pop("device")
    refused = sorted(name for name, value in options.items() if value)
    if refused:
        raise ConfigurationError(
            f"{refused[0]}={options[refused[0]]!r} is not an option of llama.cpp, which runs the "
            "weights as their GGUF file stores them; leave it out, or use backend='transformers'"
        )
    from ngsd_guard.models import joined
    from ngsd_guard.models.llamacpp import load_llamacpp_expert, load_llamacpp_model

    layers = 0 if str(device) == "cpu" else None
    where, name, _ = _base_source(base, manifest)
    base_model = load_llamacpp_model(where, name=name, num_gpu_layers=layers)
    expert_model = load_llamacpp_expert(
        source.where,
        base_model,
        base_names=(str(base), str(base_model.path)),
        name=source.adapter_name,
        num_gpu_layers=layers,
    )
    return joined(base_model, expert_model)


class _FoundExpert(NamedTuple):
    """Where an expert is, and what logs and errors call it."""

    where: str
    """A folder, or a hub id."""
    adapter_name: str
    model_name: str
    is_known: bool


def _find_expert(expert: str | Path | None, manifest: PairManifest | None) -> _FoundExpert:
    if expert is None and manifest is not None:
        pair, source = manifest, manifest.experts[0]
    else:
        named = find_expert(str(expert))
        if named is None:
            path = Path(str(expert)).expanduser()
            where = str(path) if path.exists() else str(expert)
            return _FoundExpert(where, str(expert), str(expert), is_known=False)
        pair, source = named
    folder = pair.root / source.folder
    if not folder.is_dir():
        raise ModelLoadError(
            source.name,
            "this installation does not hold that expert; leave expert= out for the one it has",
        )
    return _FoundExpert(str(folder), source.name, f"{pair.name}/{source.folder}", is_known=True)


def _base_source(
    source: str | Path, manifest: PairManifest | None
) -> tuple[str | Path, str | None, bool]:
    """Return where a base is, what it is called, and whether it is a known pair's."""
    from ngsd_guard.models import find_packaged_gguf

    if manifest is None:
        return source, None, False
    base, name = manifest.base, f"{manifest.name}/base"
    if base.folder is not None:
        return manifest.root / base.folder, name, True
    if base.package is None or base.file is None or base.env is None:
        raise ModelLoadError(name, "its manifest does not say where the base comes from")
    return find_packaged_gguf(base.package, base.file, base.env), name, True


def _calibration_beside(expert: _FoundExpert, backend: Backend | None) -> Path | None:
    if expert.is_known:
        return None
    return _of_backend(Path(expert.where) / _CALIBRATION, backend)


def _shipped_calibration(
    manifest: PairManifest | None, expert: str | Path | None, backend: Backend | None
) -> Path | None:
    if manifest is None:
        return None
    source = manifest.expert(None if expert is None else str(expert))
    path = None if source is None else manifest.calibration_path(source)
    return None if path is None else _of_backend(path, backend)


def _of_backend(path: Path, backend: Backend | None) -> Path | None:
    """Return the calibration made for a backend's weights, else the other, which is refused."""
    own = path.with_name(calibration_file(backend))
    return next((found for found in (own, path) if found.is_file()), None)


def calibration_file(backend: Backend | None) -> str:
    """Return the name of the calibration beside an expert, for the weights as a backend runs them.

    Args:
        backend: None for transformers.
    """
    return "calibration.llama.cpp.json" if backend == "llama.cpp" else _CALIBRATION
