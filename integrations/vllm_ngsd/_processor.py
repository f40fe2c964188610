"""The V1 logits processor of vLLM."""

import weakref
from typing import Any

from torch import Tensor

from ngsd_guard import MissingDependencyError
from vllm_ngsd._batch import PersistentBatch
from vllm_ngsd._options import host_options, wants_guard
from vllm_ngsd._setup import make_gate

try:
    from vllm.v1.sample.logits_processor import LogitsProcessor
except ImportError as error:
    raise MissingDependencyError(
        "vllm_ngsd needs vLLM with the V1 interface for logits processors; pip install "
        "'ngsd-guard[vllm]'"
    ) from error


class NGSDLogitsProcessor(LogitsProcessor):  # type: ignore[misc]
    """Guards every request of a vLLM process.

    `vllm serve BASE --logits-processors vllm_ngsd:NGSDLogitsProcessor --additional-config
    '{"ngsd": {"pair": "smollm2"}}'`. Without that configuration it does nothing. A request that
    fails gets nothing but the end of its answer to choose; the others go on.

    Args:
        vllm_config: vLLM's configuration.
        device: where the logits are.
        is_pin_memory: not used.

    Raises:
        ConfigurationError: an option is wrong, or vLLM is set up in a way that would bypass the
            guard: speculative decoding, or several ranks.
        VocabularyMismatchError: the model served has other tokens than the pair.
    """

    def __init__(self, vllm_config: Any, device: Any, is_pin_memory: bool) -> None:
        options = host_options(vllm_config)
        self._batch: PersistentBatch | None = None
        if options is None:
            return
        gate = make_gate(options, vllm_config, device)
        self._batch = PersistentBatch(gate, allow_unguarded=options.allow_unguarded)
        weakref.finalize(self, self._batch.close)

    @classmethod
    def validate_params(cls, sampling_params: Any) -> None:
        """Check what a request asks of the guard.

        Raises:
            ConfigurationError: an option of ours is unknown or wrong; it is a ValueError.
        """
        wants_guard(getattr(sampling_params, "extra_args", None))

    def is_argmax_invariant(self) -> bool:
        """Whether it never changes the most likely token: no."""
        return False

    def needs_output_token_ids(self) -> bool:
        """Whether vLLM must fill in the tokens of each answer before `apply`."""
        return self._batch is not None

    def update_state(self, batch_update: Any) -> None:
        """Take in how the batch has changed; None where it has not."""
        if self._batch is not None and batch_update is not None:
            self._batch.update(batch_update)

    def apply(self, logits: Tensor) -> Tensor:
        """Return what vLLM is to choose from; [rows, vocab]."""
        return logits if self._batch is None else self._batch.apply(logits)
