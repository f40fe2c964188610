"""Loading a base and its expert; the only room that imports transformers and peft."""

from ngsd_guard.models._adapters import is_adapter_folder, load_adapter_expert
from ngsd_guard.models._causal_lm import HFCausalLM
from ngsd_guard.models._exporting import export_lora_as_gguf
from ngsd_guard.models._gguf import converted
from ngsd_guard.models._joining import joined
from ngsd_guard.models._loading import Quantization, load_causal_lm
from ngsd_guard.models._sources import find_packaged_gguf, local_source
from ngsd_guard.models._tokenized import TokenizedModel
from ngsd_guard.models.cache._kv_cache import HFCache
from ngsd_guard.models.cache._row_cache import RowCache

__all__ = [
    "HFCache",
    "HFCausalLM",
    "Quantization",
    "RowCache",
    "TokenizedModel",
    "converted",
    "export_lora_as_gguf",
    "find_packaged_gguf",
    "is_adapter_folder",
    "joined",
    "load_adapter_expert",
    "load_causal_lm",
    "local_source",
]
