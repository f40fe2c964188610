"""How likely the emitted tokens were, for the requests that ask."""

from torch import Tensor

from ngsd_guard.types import StepLogprobs


def of_base(logits: Tensor, token_id: int, num_top: int) -> StepLogprobs:
    """Tell how likely a token was by the base's own logits.

    Args:
        logits: [vocab], masked.
        token_id: the emitted token.
        num_top: alternatives to tell; those that a mask forbids are left out.
    """
    log_probs = logits.float().log_softmax(dim=-1)
    values, token_ids = log_probs.topk(min(num_top, len(log_probs)))
    pairs = zip(token_ids.tolist(), values.tolist(), strict=True)
    top = tuple((i, value) for i, value in pairs if value > -float("inf"))
    return StepLogprobs(float(log_probs[token_id]), top)


def of_mixture(log_weights: Tensor, token_id: int) -> StepLogprobs:
    """Tell how likely a token was in a mixture, and nothing of the other tokens.

    Args:
        log_weights: [vocab]; logarithms of weights that need not add up to one.
        token_id: the emitted token.
    """
    return StepLogprobs(float(log_weights.float().log_softmax(dim=-1)[token_id]))
