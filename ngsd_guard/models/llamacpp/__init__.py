"""Models that llama.cpp runs, from GGUF files; the only place that imports llama_cpp."""

from ngsd_guard.models.llamacpp._cache import SequenceCache
from ngsd_guard.models.llamacpp._context import Context
from ngsd_guard.models.llamacpp._loading import load_llamacpp_expert, load_llamacpp_model
from ngsd_guard.models.llamacpp._model import LlamaCppModel

__all__ = [
    "Context",
    "LlamaCppModel",
    "SequenceCache",
    "load_llamacpp_expert",
    "load_llamacpp_model",
]
