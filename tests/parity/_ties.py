"""Comparison of two runs up to ties: because of rounding, runs may diverge only at a tie.

Reading several tokens or rows at once rounds differently from reading them one at a time. Where two
runs diverge, the step is recomputed by transformers in float64. The two tokens must then have the
same log-probability to within 1e-4; or, if only one of the runs spiked, the potential must be as
close to the threshold.
"""

import copy

import torch
from torch import Tensor

from ngsd_guard import Engine, Generation, Message
from ngsd_guard.decoding import candidate_mask, gumbel_noise, mix_top_k
from ngsd_guard.models import HFCausalLM

NOISE = 1e-4


def assert_same(
    engine: Engine,
    messages: list[Message],
    first: Generation,
    second: Generation,
    *,
    temperature: float = 0.0,
) -> None:
    """Check that two traced answers are equal, or diverge at a tie."""
    assert first.steps is not None
    assert second.steps is not None
    pairs = list(zip(first.steps, second.steps, strict=False))
    index = next((i for i, (a, b) in enumerate(pairs) if a.token_id != b.token_id), None)
    if index is None:
        assert first.token_ids == second.token_ids
        assert first.text == second.text
        assert first.finish_reason == second.finish_reason
        for a, b in pairs:
            assert a.spiked == b.spiked
            assert abs(a.current - b.current) < NOISE
        return
    a, b = pairs[index]
    if a.spiked != b.spiked:
        assert abs(a.charged_potential - engine.config.gate.v_threshold) < NOISE
        return
    answer = list(first.token_ids[:index])
    scores = _log_weights(engine, messages, answer, spiked=a.spiked, alpha=first.alpha or 0.0)
    if temperature > 0.0:
        generator = torch.Generator().manual_seed(first.seed or 0)
        noise = [gumbel_noise(len(scores), generator) for _ in range(index + 1)][-1]
        scores = scores + temperature * noise
    gap = float((scores[a.token_id] - scores[b.token_id]).abs())
    assert gap < NOISE, f"the runs part at token {index}, where the two are {gap} apart"


def _log_weights(
    engine: Engine, messages: list[Message], answer: list[int], *, spiked: bool, alpha: float
) -> Tensor:
    base, expert = (
        _predict(model, [*model.encode_chat(messages), *answer]).softmax(dim=-1)
        for model in (engine.base, engine.expert)
        if isinstance(model, HFCausalLM)
    )
    if not spiked:
        return base.log()
    mixed = mix_top_k(base, expert, alpha=alpha)
    if engine.config.decoding.mix_choice == "candidates":
        mixed = mixed.masked_fill(~candidate_mask(base, expert), 0.0)
    return mixed.log()


def _predict(model: HFCausalLM, token_ids: list[int]) -> Tensor:
    """Return [vocab] logits, float64, of a model without a cache."""
    exact = copy.deepcopy(model.model).double()
    with torch.inference_mode():
        logits: Tensor = exact(torch.tensor([token_ids]), use_cache=False).logits
    return logits[0, -1, : model.vocab_size]
