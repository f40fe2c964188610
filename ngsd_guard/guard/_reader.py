"""Reading of a given text by both models, with the neuron."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor

from ngsd_guard.errors import ContextOverflowError
from ngsd_guard.gate import signal
from ngsd_guard.guard._verdict import TokenChance
from ngsd_guard.pairs import Pair
from ngsd_guard.prefill import MAX_LOGITS, Judging, Read, judge, read_one
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import Message

_MAX_LOGITS: Final = MAX_LOGITS
"""Maximum number of logits held at once, per model."""
_LEAST_POSITIONS: Final = 16
_NUM_TOP: Final = 3


@dataclass(slots=True)
class Scan:
    """The neuron's trace along a text; the lists have one entry per position."""

    token_ids: tuple[int, ...]
    currents: list[float] = field(default_factory=list)
    charged: list[float] = field(default_factory=list)
    membrane: list[float] = field(default_factory=list)
    spiked: list[bool] = field(default_factory=list)
    base_tokens: list[tuple[TokenChance, ...]] = field(default_factory=list)
    expert_tokens: list[tuple[TokenChance, ...]] = field(default_factory=list)

    @property
    def peak_potential(self) -> float:
        """Highest potential compared with the threshold."""
        return max(self.charged, default=0.0)

    @property
    def spike_indices(self) -> tuple[int, ...]:
        """Positions at which the gate fires."""
        return tuple(index for index, spiked in enumerate(self.spiked) if spiked)


@dataclass(frozen=True, slots=True)
class _Window:
    """A window of a text that fits the context after the prompt."""

    start: int
    """First token that is read."""
    new: int
    """First token that is judged; those before it overlap with the previous window."""
    end: int
    """End of the window, exclusive."""


class PairReader:
    """Reads a text with base and expert, once and without generating tokens.

    Args:
        pair: base and expert, their gate and options.
    """

    def __init__(self, pair: Pair) -> None:
        self._base, self._expert = pair.base, pair.expert
        self._gate = pair.gate
        self._distance = signal(pair.config.gate.signal)
        self._prefixes = [pair.base_prefixes, pair.expert_prefixes]

    @property
    def context_length(self) -> int:
        """Context length in tokens, the smaller of the two models'."""
        return min(self._base.context_length, self._expert.context_length)

    def encode(self, text: str) -> list[int]:
        """Return the tokens of a text, with its control tokens broken up."""
        return self._base.encode(self.neutralise(text))

    def neutralise(self, text: str) -> str:
        """Return a text with the control tokens of both models broken up."""
        return self._expert.neutralise(self._base.neutralise(text))

    def fits(self, prompt: Sequence[Message], num_tokens: int) -> bool:
        """Return whether a prompt and `num_tokens` tokens fit the context of both models."""
        lengths = (len(self._prompt(model, prompt)) for model in (self._base, self._expert))
        return max(lengths) + num_tokens <= self.context_length

    def scan(self, prompt: Sequence[Message], token_ids: Sequence[int], **options: Any) -> Scan:
        """Scan a text after a prompt; see `scanning`."""
        return judge(self.scanning(prompt, token_ids, **options))

    def scanning(
        self,
        prompt: Sequence[Message],
        token_ids: Sequence[int],
        *,
        risk: float,
        after_text: bool = False,
        explain: bool = False,
        check_time: Callable[[], None] = lambda: None,
    ) -> Judging[Scan]:
        """Scan a text after a prompt with both models; can run together with other judgings.

        A text that does not fit the context is read in overlapping windows, in which each token is
        judged once. A prompt longer than half the context is cut at the start.

        Args:
            prompt: the conversation so far; a final assistant turn is continued.
            token_ids: tokens of the text.
            risk: risk of the request, which determines the neuron's initial potential.
            after_text: also judge the token after the text.
            explain: keep the most likely tokens of both models.
            check_time: raises an exception when the time is up; called before each read.

        Raises:
            ContextOverflowError: the context has no room for a prompt and a token.
            NonFiniteLogitsError: a model's logits are NaN or infinite.
        """
        scan = Scan(tuple(token_ids))
        if not token_ids and not after_text:
            return scan
        state = self._gate.initial_state(1, initial_potential=self._gate.initial_potential(risk))
        readings = self._readings(prompt, scan.token_ids, after_text)
        for parts in readings:
            check_time()
            base_logits, expert_logits = yield parts
            base_probs, expert_probs = base_logits.softmax(dim=-1), expert_logits.softmax(dim=-1)
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

    def chance(self, prompt: Sequence[Message], token_ids: Sequence[int]) -> Judging[float]:
        """Return the probability that the expert starts its answer with some tokens, 0 to 1."""
        prompt_ids = self._prompt(self._expert, prompt)
        read = Read(
            self._expert,
            self._expert.new_cache(),
            [*prompt_ids[-(self.context_length - len(token_ids)) :], *token_ids[:-1]],
            num_logits=len(token_ids),
        )
        logits = yield from read_one(read)
        log_probs = logits.log_softmax(dim=-1)
        wanted = torch.tensor(token_ids, device=log_probs.device)
        return float(log_probs.gather(1, wanted[:, None]).sum().exp())

    def _readings(
        self, prompt: Sequence[Message], token_ids: Sequence[int], after_text: bool
    ) -> Iterator[list[Read]]:
        """Yield the next reads of both models; together they cover all judged positions."""
        prompts = [self._prompt(prefixes.model, prompt) for prefixes in self._prefixes]
        keep = len(prompt) > 1
        for window in self._windows(max(map(len, prompts)), len(token_ids)):
            is_last = window.end == len(token_ids)
            end = window.end if is_last and after_text else max(window.end - 1, 0)
            text = list(token_ids[window.start : end])
            room = self.context_length - len(text)
            # A prompt that is too long is cut at the start; the end is what the answer refers to.
            cut = [ids[-room:] if len(ids) > room else ids for ids in prompts]
            kept = [keep and len(ids) <= room for ids in prompts]
            starts = [
                prefixes.start(ids) if keeps else (prefixes.model.new_cache(), ids)
                for prefixes, ids, keeps in zip(self._prefixes, cut, kept, strict=True)
            ]
            reads = [
                Read(prefixes.model, cache, [*unread, *text])
                for prefixes, (cache, unread) in zip(self._prefixes, starts, strict=True)
            ]
            yield from self._in_pieces(reads, end - window.new + 1)
            for prefixes, read, ids, keeps in zip(self._prefixes, reads, cut, kept, strict=True):
                if keeps and read.cache.can_roll_back():
                    read.cache.roll_back([read.cache.lengths[0] - len(ids)])
                    prefixes.keep(ids, read.cache)

    def _in_pieces(self, reads: list[Read], num_wanted: int) -> Iterator[list[Read]]:
        """Split reads so that the number of logits held at once is bounded."""
        vocab_size = max(read.model.vocab_size for read in reads)
        size = max(_LEAST_POSITIONS, _MAX_LOGITS // vocab_size)
        tokens = [read.input_ids for read in reads]
        for done in range(0, num_wanted, size):
            num_logits = min(size, num_wanted - done)
            for read, ids in zip(reads, tokens, strict=True):
                stop = len(ids) - (num_wanted - done - num_logits)
                read.input_ids = ids[0 if done == 0 else stop - num_logits : stop]
                read.num_logits = num_logits
            yield reads

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
