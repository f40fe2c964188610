"""What vLLM's parameters of a request say to the gate."""

from collections.abc import Collection, Sequence
from typing import Any

from ngsd_guard.hosting import RowOptions
from ngsd_guard.types import FinishReason
from vllm_ngsd._options import request_id


def row_options(params: Any) -> RowOptions:
    """Return what a request's record says of its options."""
    return RowOptions(
        max_new_tokens=getattr(params, "max_tokens", None),
        temperature=getattr(params, "temperature", None),
        top_k=getattr(params, "top_k", None),
        top_p=getattr(params, "top_p", None),
        seed=getattr(params, "seed", None),
        trace_id=request_id(getattr(params, "extra_args", None)),
    )


def ending_of(
    params: Any, output_ids: Sequence[int], eos_token_ids: Collection[int]
) -> tuple[FinishReason, list[int]] | None:
    """Return why and with which tokens an answer has ended; None where it may come back."""
    known = [token_id for token_id in output_ids if token_id >= 0]
    ends = set(getattr(params, "stop_token_ids", None) or ())
    if not getattr(params, "ignore_eos", False):
        ends |= set(eos_token_ids)
    least = getattr(params, "min_tokens", 0) or 0
    for index, token_id in enumerate(known):
        # Asynchronous scheduling may have gone on for a step after the end.
        if token_id in ends and index >= max(least - 1, len(known) - 2):
            return "stop", known[: index + 1]
    longest = getattr(params, "max_tokens", None)
    if longest is not None and len(known) >= longest:
        return "length", known
    return None
