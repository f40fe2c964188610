"""The contenders: this package in three modes, Hugging Face in two, and a loop without a cache."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol, Self

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM
from transformers.utils import logging as transformers_logging

import ngsd_guard
from _prompts import Prompt
from _timing import Answers, Job
from ngsd_guard import Engine, Generation, NGSDConfig, load_engine
from ngsd_guard.config import DecodingConfig
from ngsd_guard.decoding import mix_top_k
from ngsd_guard.gate import LIFGate
from ngsd_guard.models import HFCausalLM
from ngsd_guard.pairs import DEFAULT_PAIR, Pair

_ASSETS: Final = Path(ngsd_guard.__file__).parent / "assets" / "mini"
GUARDED: Final = "guarded"
STEPWISE: Final = "guarded stepwise"
UNGUARDED: Final = "unguarded"
GENERATE: Final = "HF generate"
ASSISTED: Final = "HF assisted"
NO_CACHE: Final = "no cache"


class Endless(HFCausalLM):
    """A model that never ends an answer, so that all contenders generate the same length.

    The end-of-sequence token's logit is set to minus infinity, as `suppress_tokens` does in
    Hugging Face's `generate`; this costs a few microseconds per step, on both sides.
    """

    @classmethod
    def of(cls, model: HFCausalLM) -> Self:
        """Return an endless model that shares everything with `model`."""
        endless = cls.__new__(cls)
        endless.__dict__.update(model.__dict__)
        return endless

    def read(self, *args: Any, **options: Any) -> Tensor:
        """Read tokens as the model does, but never predict the end."""
        logits = super().read(*args, **options)
        with torch.inference_mode():
            for token_id in self.eos_token_ids:
                logits[..., token_id] = -torch.inf
        return logits


@dataclass(frozen=True, slots=True)
class Models:
    """The pair as this package loads it, and plain copies loaded by transformers."""

    base: HFCausalLM
    expert: HFCausalLM
    config: NGSDConfig
    plain_base: Any
    plain_expert: Any
    """None if the expert is an adapter."""

    @classmethod
    def load(cls, expert: str) -> "Models":
        """Load the embedded base with one of its experts, under its calibration."""
        transformers_logging.set_verbosity_error()
        transformers_logging.disable_progress_bar()
        engine: Any = load_engine("ngsd-mini", expert)
        return cls(
            base=engine.base,
            expert=engine.expert,
            config=engine.config,
            plain_base=load_plain("base"),
            plain_expert=load_plain("expert") if expert == DEFAULT_PAIR else None,
        )

    @property
    def context_length(self) -> int:
        """Context length in tokens, the smaller of the two models'."""
        return min(self.base.context_length, self.expert.context_length)

    def engine(self, *, endless: bool, prefix_cache_mib: int | None = None) -> Engine:
        """Return a new engine with empty caches."""
        base, expert = self.base, self.expert
        if endless:
            base, expert = Endless.of(base), Endless.of(expert)
        config = self.config
        if prefix_cache_mib is not None:
            decoding: DecodingConfig = config.decoding.replace(prefix_cache_mib=prefix_cache_mib)
            config = config.replace(decoding=decoding)
        return Engine(Pair(base, expert, config))

    def suppressed(self, *, endless: bool) -> list[int] | None:
        """Return the tokens that Hugging Face must not emit."""
        return sorted(self.base.eos_token_ids) if endless else None


def load_plain(folder: str) -> Any:
    """Load one of the embedded models with transformers only."""
    return AutoModelForCausalLM.from_pretrained(_ASSETS / folder, dtype=torch.float32).eval()


class Contender(Protocol):
    """Answers prompts; work that must not be timed is done in `prepare`."""

    name: str
    is_batched: bool
    """Whether it can answer several prompts in a batch."""

    def renew(self) -> None:
        """Clear all caches of prompts, and warm up everything else."""

    def prepare(self, prompts: Sequence[Prompt], max_new_tokens: int) -> Job:
        """Return the job that answers the prompts."""


class Ours:
    """This package: from messages to text, including reflection when guarded."""

    is_batched = True
    _MODES: ClassVar[dict[str, dict[str, bool]]] = {
        GUARDED: {},
        STEPWISE: {"speculative": False},
        UNGUARDED: {"guarded": False, "speculative": False},
    }

    def __init__(
        self, models: Models, name: str, *, endless: bool, prefix_cache_mib: int | None = None
    ) -> None:
        self.name = name
        self._models = models
        self._endless = endless
        self._prefix_cache_mib = prefix_cache_mib
        self.options: dict[str, Any] = dict(self._MODES[name])
        self.generations: list[Generation] = []
        """Answers of the last job."""
        self.renew()

    def renew(self) -> None:
        """Create a new engine that has read only its rubric."""
        self.engine = self._models.engine(
            endless=self._endless, prefix_cache_mib=self._prefix_cache_mib
        )
        self.warm([])

    def warm(self, system: Sequence[Any]) -> None:
        """Make the engine read its rubric and a system prompt."""
        greeting = {"role": "user", "content": "Hello!"}
        self.engine.generate([*system, greeting], max_new_tokens=2, **self.options)

    def prepare(self, prompts: Sequence[Prompt], max_new_tokens: int) -> Job:
        """Return the job that answers the prompts."""
        conversations = [prompt.messages for prompt in prompts]
        options: dict[str, Any] = {"max_new_tokens": max_new_tokens, **self.options}

        def job() -> Answers:
            if len(conversations) == 1:
                self.generations = [self.engine.generate(conversations[0], **options)]
            else:
                self.generations = self.engine.generate_batch(conversations, **options)
            return [generation.token_ids for generation in self.generations]

        return job

    def prepare_first_token(self, prompt: Prompt) -> tuple[Job, Callable[[], None]]:
        """Return the work that ends with the first token, and what cleans up after it."""
        stream = self.engine.stream(prompt.messages, **self.options)
        return lambda: [(next(stream).token_id,)], stream.close


class HuggingFace:
    """Transformers' greedy `generate`, from token ids to token ids, without reflection."""

    def __init__(self, models: Models, *, endless: bool, assisted: bool = False) -> None:
        self.name = ASSISTED if assisted else GENERATE
        self.is_batched = not assisted  # transformers does not support batches with an assistant
        self._model = models.plain_base
        self._options: dict[str, Any] = {
            "do_sample": False,
            "suppress_tokens": models.suppressed(endless=endless),
            "pad_token_id": 0,
        }
        if assisted:
            self._options["assistant_model"] = models.plain_expert

    def renew(self) -> None:
        """Do nothing; no state is kept between requests."""

    def prepare(self, prompts: Sequence[Prompt], max_new_tokens: int) -> Job:
        """Return the job that answers the prompts, padded on the left."""
        width = max(len(prompt.base_ids) for prompt in prompts)
        rows = [[0] * (width - len(p.base_ids)) + list(p.base_ids) for p in prompts]
        mask = [[0] * (width - len(p.base_ids)) + [1] * len(p.base_ids) for p in prompts]
        input_ids, attention_mask = torch.tensor(rows), torch.tensor(mask)

        def job() -> Answers:
            output = self._model.generate(
                input_ids,
                attention_mask=attention_mask,
                max_new_tokens=max_new_tokens,
                **self._options,
            )
            return [tuple(row) for row in output[:, width:].tolist()]

        return job


class NoCache:
    """The simplest implementation of the method: both models read the complete text for each token.

    Reflection is not timed: alpha and the initial potential come from this package. Only the logits
    of the last position are computed, in favour of this loop.
    """

    name = NO_CACHE
    is_batched = False

    def __init__(self, models: Models, *, endless: bool) -> None:
        self._models = models
        self._gate = LIFGate(models.config.gate)
        self._top_k = models.config.decoding.mix_top_k
        self._suppressed = models.suppressed(endless=endless) or []
        self._rater = models.engine(endless=endless, prefix_cache_mib=0)

    def renew(self) -> None:
        """Do nothing; no state is kept between requests."""

    def prepare(self, prompts: Sequence[Prompt], max_new_tokens: int) -> Job:
        """Return the job that answers one prompt."""
        (prompt,) = prompts
        scores = self._rater.reflect(prompt.messages)
        start = self._gate.initial_potential(scores.risk)
        return lambda: [self._answer(prompt, scores.alpha, start, max_new_tokens)]

    @torch.inference_mode()
    def _answer(
        self, prompt: Prompt, alpha: float, start: float, max_new_tokens: int
    ) -> tuple[int, ...]:
        state = self._gate.initial_state(1, initial_potential=start)
        answer: list[int] = []
        while len(answer) < max_new_tokens:
            base_logits = self._logits(self._models.plain_base, (*prompt.base_ids, *answer))
            expert_logits = self._logits(self._models.plain_expert, (*prompt.expert_ids, *answer))
            base_probs, expert_probs = base_logits.softmax(-1), expert_logits.softmax(-1)  # [vocab]
            current = 0.5 * (base_probs - expert_probs).abs().sum()
            state, spiked = self._gate.step(state, current[None])
            scores = base_logits
            if bool(spiked):
                scores = mix_top_k(base_probs, expert_probs, alpha=alpha, top_k=self._top_k)
            answer.append(int(scores.argmax()))
            if answer[-1] in self._models.base.eos_token_ids:
                break
        return tuple(answer)

    def _logits(self, model: Any, token_ids: Sequence[int]) -> Tensor:
        output = model(torch.tensor([token_ids]), use_cache=False, logits_to_keep=1)
        logits: Tensor = output.logits[0, -1]
        logits[self._suppressed] = -torch.inf
        return logits


def line_up(models: Models, *, endless: bool, no_cache: bool) -> list[Contender]:
    """Return all contenders that support the pair; the guarded one comes first."""
    contenders: list[Contender] = [
        Ours(models, name, endless=endless) for name in (GUARDED, STEPWISE, UNGUARDED)
    ]
    contenders.append(HuggingFace(models, endless=endless))
    if models.plain_expert is not None:
        contenders.append(HuggingFace(models, endless=endless, assisted=True))
        if no_cache and models.config.decoding.mix_choice == "vocabulary":
            contenders.append(NoCache(models, endless=endless))
    return contenders
