"""The one decode loop: step, gate, mix, choose."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ngsd_guard.config import DecodingConfig, SamplingParams
from ngsd_guard.decoding._mixing import candidate_mask, mix_top_k
from ngsd_guard.decoding._sampling import choose_token, gumbel_noise
from ngsd_guard.decoding._text import TextStream
from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.gate import Gate, signal
from ngsd_guard.protocols import KVCache, LanguageModel
from ngsd_guard.types import DecodeStep, FinishReason


class _Reader:
    """One model reading one request: its cache and its latest prediction."""

    def __init__(self, model: LanguageModel, prompt_ids: Sequence[int]) -> None:
        self._model = model
        self._cache: KVCache = model.new_cache()
        self.logits = self._read(prompt_ids)  # [1, vocab], float32

    def advance(self, token_id: int) -> None:
        self.logits = self._read([token_id])

    def _read(self, input_ids: Sequence[int]) -> Tensor:
        logits = self._model.forward(input_ids, self._cache)
        # The maximum is finite unless a logit is NaN or +inf, or all are -inf.
        if not bool(logits.max().isfinite()):
            raise NonFiniteLogitsError(self._model.name, self._cache.length)
        return logits


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the gate decided about one step; the defaults are those of a gate that is off."""

    log_weights: Tensor
    """[1, vocab]; what the token is chosen from."""
    current: float = 0.0
    charged_potential: float = 0.0
    membrane_potential: float = 0.0
    spiked: bool = False
    expert_token_id: int | None = None


class _Guidance:
    """The expert and the gate of one request: decides which steps are mixed, and mixes them."""

    def __init__(
        self,
        expert: _Reader,
        gate: Gate[Any],
        alpha: float,
        initial_potential: float | None,
        config: DecodingConfig,
    ) -> None:
        self.expert = expert
        self._gate = gate
        self._alpha = alpha
        self._config = config
        self._distance = signal(gate.config.signal)
        self._state = gate.initial_state(
            1, device=expert.logits.device, initial_potential=initial_potential
        )

    def decide(self, base_logits: Tensor) -> _Decision:
        base_probs = base_logits.softmax(dim=-1)  # [1, vocab]
        expert_probs = self.expert.logits.softmax(dim=-1)  # [1, vocab]
        current = self._distance(base_probs, expert_probs)  # [1]
        self._state, spiked = self._gate.step(self._state, current)
        log_weights = self._mix(base_probs, expert_probs).log() if bool(spiked) else base_logits
        return _Decision(
            log_weights=log_weights,
            current=current.item(),
            charged_potential=self._state.charged_potential.item(),
            membrane_potential=self._state.membrane_potential.item(),
            spiked=bool(spiked),
            expert_token_id=int(expert_probs.argmax(dim=-1)),
        )

    def _mix(self, base_probs: Tensor, expert_probs: Tensor) -> Tensor:
        top_k = self._config.mix_top_k
        scores = mix_top_k(base_probs, expert_probs, alpha=self._alpha, top_k=top_k)
        if self._config.mix_choice == "vocabulary":
            return scores
        return scores.masked_fill(~candidate_mask(base_probs, expert_probs, top_k=top_k), 0.0)


def decode(
    base: LanguageModel,
    base_prompt_ids: Sequence[int],
    sampling: SamplingParams,
    *,
    expert: LanguageModel | None = None,
    expert_prompt_ids: Sequence[int] = (),
    gate: Gate[Any] | None = None,
    alpha: float = 0.0,
    initial_potential: float | None = None,
    config: DecodingConfig | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Generator[DecodeStep, None, FinishReason]:
    """Generate one answer, one token a step; the only decode loop of the package.

    Without an expert and a gate the base speaks alone. Without a spike its token is chosen from
    its own logits, so that an answer the gate never touched is the base's own, token for token.

    Args:
        base: the model being protected.
        base_prompt_ids: the prompt in the base's chat template.
        sampling: how tokens are chosen, and when to stop.
        expert: the safety expert.
        expert_prompt_ids: the prompt in the expert's chat template.
        gate: decides at which steps the expert is mixed in.
        alpha: how strongly, in [0, 1].
        initial_potential: where the gate starts; None for rest.
        config: how the two are mixed.
        is_cancelled: asked before every step; the answer ends when it says yes.

    Yields:
        One record per emitted token, the end-of-sequence token included.

    Returns:
        Why the answer ended.

    Raises:
        NonFiniteLogitsError: a model's logits are NaN or infinite; nothing more is emitted.

    Source: NGSD (arXiv 2602.02027), Algorithm 1.
    """
    with torch.inference_mode():
        reader = _Reader(base, base_prompt_ids)
        guidance = None
        if expert is not None and gate is not None:
            guidance = _Guidance(
                _Reader(expert, expert_prompt_ids),
                gate,
                alpha,
                initial_potential,
                config or DecodingConfig(),
            )
    text_stream = TextStream(base.decode, sampling.stop)
    generator = torch.Generator().manual_seed(sampling.seed or 0)
    step: DecodeStep | None = None
    for index in range(sampling.max_new_tokens):
        if is_cancelled():
            return "cancelled"
        # Entered anew at each step: a context held across a yield would leak into the caller.
        with torch.inference_mode():
            if step is not None:
                reader.advance(step.token_id)
                if guidance is not None:
                    guidance.expert.advance(step.token_id)
            step = _step(index, reader.logits, guidance, sampling, generator)
        text, stopped = text_stream.push(step.token_id)
        ended = step.token_id in base.eos_token_ids
        if not stopped and (ended or index == sampling.max_new_tokens - 1):
            text += text_stream.flush()
        yield replace(step, text=text)
        if ended or stopped:
            return "stop"
    return "length"


def _step(
    index: int,
    base_logits: Tensor,
    guidance: _Guidance | None,
    sampling: SamplingParams,
    generator: torch.Generator,
) -> DecodeStep:
    noise = None
    if sampling.temperature > 0.0:
        noise = gumbel_noise(base_logits.shape[-1], generator).to(base_logits.device)

    def choose(log_weights: Tensor) -> int:
        token_ids = choose_token(
            log_weights,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            noise=noise,
        )
        return int(token_ids)

    decision = _Decision(base_logits) if guidance is None else guidance.decide(base_logits)
    base_token_id = choose(base_logits)
    token_id = choose(decision.log_weights) if decision.spiked else base_token_id
    return DecodeStep(
        index=index,
        token_id=token_id,
        text="",
        current=decision.current,
        charged_potential=decision.charged_potential,
        membrane_potential=decision.membrane_potential,
        spiked=decision.spiked,
        overridden=token_id != base_token_id,
        base_token_id=base_token_id,
        expert_token_id=decision.expert_token_id,
    )
