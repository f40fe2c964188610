"""vLLM integration of ngsd-guard: a guard for `vllm serve` and `vllm.LLM`."""

import typing

from vllm_ngsd._options import HostOptions
from vllm_ngsd._records import NGSDRecords

if typing.TYPE_CHECKING:
    from vllm_ngsd._processor import NGSDLogitsProcessor
    from vllm_ngsd._processor_v2 import NGSDLogitsProcessorV2

__all__ = ["HostOptions", "NGSDLogitsProcessor", "NGSDLogitsProcessorV2", "NGSDRecords"]


def __getattr__(name: str) -> typing.Any:
    # Imported lazily; they need vLLM, an extra.
    if name == "NGSDLogitsProcessor":
        from vllm_ngsd import _processor

        return _processor.NGSDLogitsProcessor
    if name == "NGSDLogitsProcessorV2":
        from vllm_ngsd import _processor_v2

        return _processor_v2.NGSDLogitsProcessorV2
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
