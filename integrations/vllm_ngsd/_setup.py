"""What every surface of vLLM needs: the pair, its gate, and the refusal of what bypasses it."""

from typing import Any

from ngsd_guard import AuditLog, ConfigurationError
from ngsd_guard.errors import ShapeMismatchError
from ngsd_guard.hosting import HostGate, check_tokenizer
from ngsd_guard.pairs import Pair, load_pair
from vllm_ngsd._metrics import Counters
from vllm_ngsd._options import HostOptions


def make_gate(options: HostOptions, vllm_config: Any, device: Any) -> HostGate[int]:
    """Load the pair that guards a vLLM process.

    Args:
        options: the operator's.
        vllm_config: vLLM's configuration.
        device: where the logits are.

    Raises:
        ConfigurationError: an option is wrong, or vLLM is set up in a way that would bypass the
            guard: speculative decoding, or several ranks.
        VocabularyMismatchError: the model served has other tokens than the pair.
    """
    _refuse_bypasses(vllm_config)
    pair = _load(options, vllm_config.model_config, device)
    _check_vocabulary(pair, vllm_config.model_config)
    return HostGate[int](
        pair,
        None if options.audit is None else AuditLog(options.audit),
        risk=options.risk,
        on_failure="end",
        max_parked=options.max_parked,
        on_end=Counters().count,
    )


def _refuse_bypasses(vllm_config: Any) -> None:
    if getattr(vllm_config, "speculative_config", None) is not None:
        raise ConfigurationError(
            "speculative decoding chooses tokens that the guard does not see; start vLLM without "
            "--speculative-config"
        )
    parallel = getattr(vllm_config, "parallel_config", None)
    for name in ("tensor_parallel_size", "pipeline_parallel_size"):
        size = getattr(parallel, name, 1) or 1
        if size > 1:
            raise ConfigurationError(
                f"{name}={size}: the guard was not shown to decide alike on several ranks; serve "
                "on one, or use data parallelism"
            )


def _load(options: HostOptions, model_config: Any, device: Any) -> Pair:
    return load_pair(
        options.pair or model_config.model,
        options.expert,
        device=options.device or device,
        calibration=options.calibration,
    )


def _check_vocabulary(pair: Pair, model_config: Any) -> None:
    # Here, not above: a process that is not configured need not import it.
    from transformers import AutoTokenizer

    width = int(model_config.get_vocab_size())
    if width < pair.base.vocab_size:
        raise ShapeMismatchError(
            (width,), (pair.base.vocab_size,), what="the vocabularies of vLLM's model and the pair"
        )
    check_tokenizer(pair, AutoTokenizer.from_pretrained(model_config.tokenizer))
