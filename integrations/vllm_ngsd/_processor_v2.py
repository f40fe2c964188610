"""The logits processor of vLLM's Model Runner V2."""

import weakref
from typing import Any

from torch import Tensor

from ngsd_guard import MissingDependencyError
from vllm_ngsd._options import host_options, wants_guard
from vllm_ngsd._setup import make_gate
from vllm_ngsd._slots import SlotBatch

try:
    from vllm.v1.worker.gpu.sample.logits_processor import LogitsProcessor
except ImportError as error:
    raise MissingDependencyError(
        "NGSDLogitsProcessorV2 needs a vLLM with Model Runner V2; pip install 'ngsd-guard[vllm]', "
        "or name vllm_ngsd:NGSDLogitsProcessor for the runner before"
    ) from error


class NGSDLogitsProcessorV2(LogitsProcessor):  # type: ignore[misc]
    """Guards every request of a vLLM process that uses Model Runner V2.

    Differs from `NGSDLogitsProcessor` in the interface alone. Written to that of vLLM 0.32, and
    not run on a GPU yet.

    Args:
        vllm_config: vLLM's configuration.
        req_states: the tokens of each slot, which vLLM keeps up to date.

    Raises:
        ConfigurationError: an option is wrong, or vLLM is set up in a way that would bypass the
            guard.
        VocabularyMismatchError: the model served has other tokens than the pair.
    """

    def __init__(self, vllm_config: Any, req_states: Any) -> None:
        options = host_options(vllm_config)
        self._batch: SlotBatch | None = None
        if options is None:
            return
        gate = make_gate(options, vllm_config, req_states.device)
        self._batch = SlotBatch(gate, req_states, allow_unguarded=options.allow_unguarded)
        weakref.finalize(self, self._batch.close)

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Check what a request asks of the guard.

        Raises:
            ConfigurationError: an option of ours is unknown or wrong; it is a ValueError.
        """
        wants_guard(getattr(sampling_params, "extra_args", None))

    def add_request(self, req_idx: int, sampling_params: Any) -> bool:
        """Take in a request; returns whether it is guarded."""
        return self._batch is not None and self._batch.add(req_idx, sampling_params)

    def apply(self, logits: Tensor, ctx: Any) -> Tensor:
        """Return what vLLM is to choose from; [rows, vocab]."""
        return logits if self._batch is None else self._batch.apply(logits, ctx)
