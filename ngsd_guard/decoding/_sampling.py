"""Choosing a token: greedy, or by the Gumbel-max trick with noise that can be shared."""

import torch
from torch import Tensor


def gumbel_noise(vocab_size: int, generator: torch.Generator) -> Tensor:
    """Draw one position's sampling noise.

    Base and mixture choose with the same noise, so that the same seed gives the same token
    wherever their distributions agree.

    Returns:
        [vocab], float32, on the generator's device.
    """
    draws = torch.empty(vocab_size, dtype=torch.float32, device=generator.device)
    return -draws.exponential_(generator=generator).log()


def choose_token(
    log_weights: Tensor,
    *,
    temperature: float,
    top_k: int | None,
    top_p: float,
    noise: Tensor | None,
) -> Tensor:
    """Choose one token per row.

    Args:
        log_weights: [batch, vocab], float32; logits, or log-probabilities up to a constant.
        temperature: 0 is greedy; otherwise the weights are raised to its inverse.
        top_k: keep this many of the likeliest tokens; None keeps all.
        top_p: keep the fewest tokens whose probability reaches this; 1 keeps all.
        noise: [vocab], Gumbel; may be None when greedy.

    Returns:
        [batch], int64.

    Source: temperature, then top-k, then nucleus (arXiv 1904.09751); Gumbel-max sampling.
    """
    if temperature == 0.0 or noise is None:
        return log_weights.argmax(dim=-1)
    # Beyond these bounds float32 overflows, and the choice is greedy or uniform already.
    bounded = min(max(temperature, 1e-30), 1e30)
    scaled = (log_weights - log_weights.amax(dim=-1, keepdim=True)) / bounded
    if top_k is not None and top_k < scaled.shape[-1]:
        smallest = scaled.topk(top_k, dim=-1).values[..., -1:]  # [batch, 1]
        scaled = scaled.masked_fill(scaled < smallest, -torch.inf)
    if top_p < 1.0:
        scaled = scaled.masked_fill(~_nucleus(scaled, top_p), -torch.inf)
    return (scaled + noise).argmax(dim=-1)


def _nucleus(log_weights: Tensor, top_p: float) -> Tensor:
    ordered, order = log_weights.softmax(dim=-1).sort(dim=-1, descending=True)
    before = ordered.cumsum(dim=-1) - ordered  # mass of the likelier tokens
    kept = before < top_p
    kept[..., 0] = True
    return torch.zeros_like(kept).scatter_(-1, order, kept)
