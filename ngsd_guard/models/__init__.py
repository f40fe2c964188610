"""Loading a base and its expert; the only room that imports transformers."""

from ngsd_guard.models._causal_lm import HFCausalLM
from ngsd_guard.models._kv_cache import HFCache
from ngsd_guard.models._loading import EMBEDDED_PAIR, load_causal_lm
from ngsd_guard.models._pair import ModelPair, load_pair

__all__ = [
    "EMBEDDED_PAIR",
    "HFCache",
    "HFCausalLM",
    "ModelPair",
    "load_causal_lm",
    "load_pair",
]
