"""Loading a base and its expert; the only room that imports transformers and peft."""

from ngsd_guard.models._causal_lm import HFCausalLM
from ngsd_guard.models._kv_cache import HFCache
from ngsd_guard.models._loading import (
    EMBEDDED_EXPERTS,
    EMBEDDED_PAIR,
    embedded_calibration_path,
    load_causal_lm,
)
from ngsd_guard.models._pair import ModelPair, load_pair
from ngsd_guard.models._row_cache import RowCache
from ngsd_guard.models._sources import find_packaged_gguf

__all__ = [
    "EMBEDDED_EXPERTS",
    "EMBEDDED_PAIR",
    "HFCache",
    "HFCausalLM",
    "ModelPair",
    "RowCache",
    "embedded_calibration_path",
    "find_packaged_gguf",
    "load_causal_lm",
    "load_pair",
]
