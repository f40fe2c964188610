"""vLLM integration of ngsd-guard: a guard for `vllm serve` and `vllm.LLM`."""

import typing

from vllm_ngsd._options import HostOptions

if typing.TYPE_CHECKING:
    from vllm_ngsd._processor import NGSDLogitsProcessor

__all__ = ["HostOptions", "NGSDLogitsProcessor"]


def __getattr__(name: str) -> typing.Any:
    if name == "NGSDLogitsProcessor":  # imported lazily; it needs vLLM, an extra
        from vllm_ngsd import _processor

        return _processor.NGSDLogitsProcessor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
