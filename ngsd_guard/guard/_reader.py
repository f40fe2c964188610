"""Both models read a text that somebody else wrote, and the neuron follows them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.engine import Engine
from ngsd_guard.errors import ContextOverflowError, NonFiniteLogitsError
from ngsd_guard.gate import make_gate, signal
from ngsd_guard.guard._verdict import TokenChance
from ngsd_guard.prefixes import PrefixCache
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import Message

_MAX_LOGITS: Final = 2**24
"""Logits held at once, of each model; 64 MiB in float32."""
_LEAST_POSITIONS: Final = 16
_NUM_TOP: Final = 3


@dataclass(slots=True)
class Scan:
    """What the neuron saw along a text; the lists have one entry a position."""

    token_ids: tuple[int, ...]
    currents: list[float] = field(default_factory=list)
    charged: list[float] = field(default_factory=list)
    membrane: list[float] = field(default_factory=list)
    spiked: list[bool] = field(default_factory=list)
    base_tokens: list[tuple[TokenChance, ...]] = field(default_factory=list)
    expert_tokens: list[tuple[TokenChance, ...]] = field(default_factory=list)

    @property
    def peak_potential(self) -> float:
        """The highest potential the threshold was compared with."""
        return max(self.charged, default=0.0)

    @property
    def spike_indices(self) -> tuple[int, ...]:
        """Positions at which the gate fires."""
        return tuple(index for index, spiked in enumerate(self.spiked) if spiked)


@dataclass(frozen=True, slots=True)
class _Window:
    """A stretch of a text that fits the context behind the prompt."""

    start: int
    """First token that is read again."""
    new: int
    """First token that is judged here."""
    end: int


class PairReader:
    """Lets base and expert read the same text, once and without writing any.

    Args:
        engine: the pair, its gate and options.
    """

    def __init__(self, engine: Engine) -> None:
        self._base, self._expert = engine.base, engine.expert
        self._gate = make_gate(engine.config.gate)
        self._distance = signal(engine.config.gate.signal)
        max_bytes = engine.config.decoding.prefix_cache_mib * 2**20 // 2
        self._prefixes = {
            "base": PrefixCache(self._base, max_bytes),
            "expert": PrefixCache(self._expert, max_bytes),
        }

    @property
    def context_length(self) -> int:
        """Tokens that both models can read."""
        return min(self._base.context_length, self._expert.context_length)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text whose control tokens are broken up."""
        return self._base.encode(self.neutralise(text))

    def neutralise(self, text: str) -> str:
        """Return a text that is read as text by both models."""
        return self._expert.neutralise(self._base.neutralise(text))

    def fits(self, prompt: Sequence[Message], num_tokens: int) -> bool:
        """Whether a prompt and so many tokens fit the context of both models."""
        lengths = (len(self._prompt(model, prompt)) for model in (self._base, self._expert))
        return max(lengths) + num_tokens <= self.context_length

    def scan(
        self,
        prompt: Sequence[Message],
        token_ids: Sequence[int],
        *,
        risk: float,
        behind: bool = False,
        explain: bool = False,
        check_time: Callable[[], None] = lambda: None,
    ) -> Scan:
        """Follow both models along a text behind a prompt.

        A text longer than the context is read in overlapping windows, each token judged once; of a
        prompt longer than half the context, the end is read.

        Args:
            prompt: the conversation so far; a last turn by the assistant is gone on from.
            token_ids: of the text.
            risk: of the request; where the neuron starts.
            behind: judge the token behind the text too.
            explain: keep what either model held likeliest.
            check_time: raises when the time is over; asked before each reading.

        Raises:
            ContextOverflowError: the context has no room for a prompt and a token.
            NonFiniteLogitsError: a model's logits are NaN or infinite.
        """
        scan = Scan(tuple(token_ids))
        if not token_ids and not behind:
            return scan
        state = self._gate.initial_state(1, initial_potential=self._gate.initial_potential(risk))
        for base_probs, expert_probs in self._read(prompt, token_ids, behind, check_time):
            currents = self._distance(base_probs, expert_probs).cpu()  # [positions]
            scan.currents += currents.tolist()
            for position in range(len(currents)):
                state, spiked = self._gate.step(state, currents[position : position + 1])
                scan.charged.append(float(state.charged_potential))
                scan.membrane.append(float(state.membrane_potential))
                scan.spiked.append(bool(spiked))
            if explain:
                scan.base_tokens += self._likeliest(base_probs)
                scan.expert_tokens += self._likeliest(expert_probs)
        return scan

    def _read(
        self,
        prompt: Sequence[Message],
        token_ids: Sequence[int],
        behind: bool,
        check_time: Callable[[], None],
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield [positions, vocab] probabilities of both models, position after position."""
        prompts = {
            "base": self._prompt(self._base, prompt),
            "expert": self._prompt(self._expert, prompt),
        }
        keep = len(prompt) > 1
        for window in self._windows(max(map(len, prompts.values())), len(token_ids)):
            is_last = window.end == len(token_ids)
            end = window.end if is_last and behind else max(window.end - 1, 0)
            text = list(token_ids[window.start : end])
            num_wanted = end - window.new + 1
            readings = [
                self._read_one(role, prompts[role], text, num_wanted, keep, check_time)
                for role in ("base", "expert")
            ]
            yield from zip(*readings, strict=True)

    def _read_one(
        self,
        role: str,
        prompt_ids: list[int],
        text: list[int],
        num_wanted: int,
        keep: bool,
        check_time: Callable[[], None],
    ) -> Iterator[Tensor]:
        prefixes = self._prefixes[role]
        model = prefixes.model
        room = self.context_length - len(text)
        if len(prompt_ids) > room:  # its end: what the answer answers
            prompt_ids, keep = prompt_ids[-room:], False
        cache, unread = prefixes.start(prompt_ids) if keep else (model.new_cache(), prompt_ids)
        size = max(_LEAST_POSITIONS, _MAX_LOGITS // model.vocab_size)
        tokens, done = [*unread, *text], 0
        while done < num_wanted:
            check_time()
            num_logits = min(size, num_wanted - done)
            stop = len(tokens) - (num_wanted - done - num_logits)
            start = 0 if done == 0 else stop - num_logits
            logits = model.read([tokens[start:stop]], cache, num_logits=num_logits)[0]
            if not bool(logits.amax(dim=-1).isfinite().all()):
                raise NonFiniteLogitsError(model.name, cache.lengths[0])
            done += num_logits
            yield logits.softmax(dim=-1)  # [positions, vocab]
        if keep and cache.can_roll_back():
            cache.roll_back([cache.lengths[0] - len(prompt_ids)])
            prefixes.keep(prompt_ids, cache)

    def _windows(self, num_prompt: int, num_tokens: int) -> Iterator[_Window]:
        context = self.context_length
        room = context - min(num_prompt, context // 2)
        if room < 2:
            raise ContextOverflowError(num_prompt + 2, context, what="a prompt and a token")
        if num_tokens <= room:
            yield _Window(0, 0, num_tokens)
            return
        stride = max(room // 2, 1)
        yield _Window(0, 0, room)
        for new in range(room, num_tokens, stride):
            end = min(new + stride, num_tokens)
            yield _Window(end - room, new, end)

    def _prompt(self, model: LanguageModel, prompt: Sequence[Message]) -> list[int]:
        neutral: list[Message] = [
            {"role": turn["role"], "content": self.neutralise(turn["content"])} for turn in prompt
        ]
        return model.encode_chat(neutral)

    def _likeliest(self, probs: Tensor) -> list[tuple[TokenChance, ...]]:
        top = torch.topk(probs, min(_NUM_TOP, probs.shape[-1]), dim=-1)
        return [
            tuple(
                TokenChance(self._base.decode([token_id]), chance)
                for token_id, chance in zip(ids, chances, strict=True)
            )
            for ids, chances in zip(top.indices.tolist(), top.values.tolist(), strict=True)
        ]
