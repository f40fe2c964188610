"""Times the parts of a guarded token, on models with random weights."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import Tensor

from _costs import Costs
from _random_models import RandomPair
from _timing import Answers, ByRound, median, rotated, rounds_with_warm_up, timed
from ngsd_guard import NGSDConfig
from ngsd_guard.decoding._guidance import Guidance
from ngsd_guard.gate import make_gate
from ngsd_guard.models import HFCausalLM

CONFIG: Final = NGSDConfig()
_LEAST_SECONDS: Final = 0.02
_MOST_REPEATS: Final = 50
_JSON_TOKENS: Final = 40
"""Approximate length of the reflection's forced answer in a real model's tokenizer."""
BOTH: Final = "base and adapter, 1 position"


@dataclass(slots=True)
class Seconds:
    """Seconds of named jobs, by round."""

    by_name: dict[str, dict[int, float]] = field(default_factory=dict)

    def add(self, name: str, round_index: int, seconds: float) -> None:
        """Store a time, unless it belongs to the warm-up."""
        if round_index >= 0:
            self.by_name.setdefault(name, {})[round_index] = seconds

    def of(self, name: str) -> ByRound:
        """Return the seconds of a job in every round."""
        return self.by_name.get(name, {})

    def medians(self) -> dict[str, float]:
        """Return the medians over all rounds."""
        return {name: median(seconds) or 0.0 for name, seconds in self.by_name.items()}


class Parts:
    """Forward passes of a pair after a context, each rolled back, and the gate.

    Args:
        pair: the models.
        context: number of tokens that both have read.
        longest_draft: maximum draft length to time.
        prompt: number of tokens of a prompt.
    """

    def __init__(self, pair: RandomPair, context: int, longest_draft: int, prompt: int) -> None:
        self._base, self._expert = pair.base, pair.expert
        self._longest_draft = longest_draft
        self._prompt = prompt
        self._is_adapter = pair.expert.adapts(pair.base)
        self._ids = random_ids(pair.base, context)
        self._base_cache: Any = self._base.new_cache()
        self._expert_cache: Any = self._expert.new_cache()
        self._base_logits = self._base.read(
            self._ids, self._base_cache, num_logits=longest_draft + 1
        )
        self._expert_logits = self._expert.read(
            self._ids, self._expert_cache, num_logits=longest_draft + 1
        )
        gate: Any = make_gate(CONFIG.gate)
        self._guidance = Guidance(gate, CONFIG.decoding)
        self._state = gate.initial_state(1, device=self._base_logits.device)
        self._joined: Any = None
        if self._is_adapter:
            join: Any = type(self._base_cache).join
            self._joined = join([self._base_cache, self._expert_cache])

    def measure(self, num_rounds: int) -> Seconds:
        """Time every part once per round, in rotating order."""
        found = Seconds()
        jobs = self._jobs()
        for round_index in rounds_with_warm_up(num_rounds):
            for name, job in rotated(list(jobs.items()), round_index):
                found.add(name, round_index, _mean_seconds(job))
        return found

    def costs(self, seconds: dict[str, float]) -> Costs:
        """Return the medians as costs."""
        positions = range(1, self._longest_draft + 2)
        return Costs(
            expert=seconds[_expert(1)],
            base=tuple(seconds[_base(number)] for number in positions),
            gate=tuple(seconds[_gate(number)] for number in positions),
            choice=seconds["choice"],
            prefill=seconds[_base(self._prompt)],
            expert_prefill=seconds[_expert(self._prompt)],
            # One read of request and answer, and in the worst case two more of half the answer.
            reflection=seconds[_base(self._prompt + _JSON_TOKENS)]
            + 2 * seconds[_base(_JSON_TOKENS // 2)],
        )

    def _jobs(self) -> dict[str, Callable[[], object]]:
        jobs: dict[str, Callable[[], object]] = {"choice": self._choose}
        for number in range(1, self._longest_draft + 2):
            jobs[_base(number)] = lambda n=number: self._read_base(n, n)  # type: ignore[misc]
            jobs[_gate(number)] = lambda n=number: self._judge(n)  # type: ignore[misc]
        for number in (_JSON_TOKENS // 2, self._prompt, self._prompt + _JSON_TOKENS):
            jobs[_base(number)] = lambda n=number: self._read_base(n, 1)  # type: ignore[misc]
        for number in (1, self._prompt):
            jobs[_expert(number)] = lambda n=number: self._read_expert(n)  # type: ignore[misc]
        if self._is_adapter:
            jobs[BOTH] = self._read_both
        return jobs

    def _read_base(self, num_positions: int, num_logits: int) -> None:
        ids = self._ids[:, :num_positions]
        self._base.read(ids, self._base_cache, num_logits=num_logits)
        self._base_cache.roll_back([num_positions])

    def _read_expert(self, num_positions: int) -> Tensor:
        logits = self._expert.read(self._ids[:, :num_positions], self._expert_cache)
        self._expert_cache.roll_back([num_positions])
        return logits.argmax(dim=-1)

    def _read_both(self) -> None:
        self._expert.read(self._ids[:, :1].expand(2, 1), self._joined, num_base_rows=1)
        self._joined.roll_back([1, 1])

    @torch.inference_mode()
    def _judge(self, num_positions: int) -> None:
        """Do the work of a round between the forward passes and the verification."""
        base, expert = (x[:, :num_positions] for x in (self._base_logits, self._expert_logits))
        judged = self._guidance.judge(self._state, base, expert)
        columns = [
            base.argmax(dim=-1),
            base.amax(dim=-1).isfinite(),
            judged.currents,
            judged.spiked,
            judged.expert_probs.argmax(dim=-1),
            expert.amax(dim=-1).isfinite(),
        ]
        torch.stack([column.float() for column in columns], dim=-1).tolist()

    @torch.inference_mode()
    def _choose(self) -> None:
        logits = self._base_logits[:, :1]
        columns = [logits.argmax(dim=-1), logits.amax(dim=-1).isfinite()]
        torch.stack([column.float() for column in columns], dim=-1).tolist()


def _mean_seconds(job: Callable[[], object]) -> float:
    """Time a part; repeat a short one, so that caches are as warm as in a loop."""
    once = timed(lambda: _ignored(job, 1)).seconds
    if once >= _LEAST_SECONDS:
        return once
    count = min(round(_LEAST_SECONDS / once) + 1, _MOST_REPEATS)
    return timed(lambda: _ignored(job, count)).seconds / count


def _ignored(job: Callable[[], object], count: int) -> Answers:
    for _ in range(count):
        job()
    return []


def _base(num_positions: int) -> str:
    return f"base, {num_positions} position{'s' * (num_positions > 1)}"


def _expert(num_positions: int) -> str:
    return f"expert, {num_positions} position{'s' * (num_positions > 1)}"


def _gate(num_positions: int) -> str:
    return f"gate, {num_positions} position{'s' * (num_positions > 1)}"


def random_ids(model: HFCausalLM, num_tokens: int) -> Tensor:
    """Return [1, num_tokens] random tokens, which depend only on the number."""
    generator = torch.Generator().manual_seed(num_tokens)
    return torch.randint(3, model.vocab_size, (1, num_tokens), generator=generator)
