"""Times complete decode loops, ours and Hugging Face's, on models with random weights."""

import time
from collections.abc import Callable
from typing import Any, Final

import torch

from _contenders import Endless
from _costs import Costs
from _parts import CONFIG, Seconds, random_ids
from _random_models import RandomPair
from _timing import rotated, rounds_with_warm_up, timed
from ngsd_guard import DecodeStep
from ngsd_guard.config import DecodingConfig, SamplingParams
from ngsd_guard.decoding import Ended, Request, Schedule
from ngsd_guard.models import HFCausalLM
from ngsd_guard.pairs import Pair
from ngsd_guard.types import RiskScores, Speculation

UNGUARDED: Final = "unguarded"
STEPWISE: Final = "guarded stepwise"
GENERATE: Final = "HF generate"
OWN_EXPERT: Final = "guarded by itself"
"""The base as its own expert: its drafts are accepted, so the cost model can be checked."""


class Loops:
    """The decode loops of this package and Hugging Face on a pair, without reflection and text.

    Args:
        pair: the models.
        prompt: number of tokens of the prompt.
        num_tokens: number of tokens of each answer.
        draft: maximum draft length of `guarded by itself`.
    """

    def __init__(self, pair: RandomPair, prompt: int, num_tokens: int, draft: int) -> None:
        self._base, self._expert = Endless.of(pair.base), Endless.of(pair.expert)
        self._ids = random_ids(pair.base, prompt)
        self._num_tokens = num_tokens
        self._draft = draft
        self.speculation = Speculation("off", 0, 0, 0)
        """Statistics of the last run of `guarded by itself`."""

    def measure(self, num_rounds: int) -> Seconds:
        """Return the mean seconds between tokens, without the first."""
        found = Seconds()
        loops: dict[str, Callable[[], float]] = {
            UNGUARDED: lambda: self._decode(None, draft=0),
            STEPWISE: lambda: self._decode(self._expert, draft=0),
            GENERATE: self._generate,
        }
        if not self._expert.adapts(self._base):
            loops[OWN_EXPERT] = lambda: self._decode(self._base, draft=self._draft)
        for round_index in rounds_with_warm_up(num_rounds):
            for name, loop in rotated(list(loops.items()), round_index):
                found.add(name, round_index, loop())
        return found

    def guarded_answer(self) -> None:
        """Answer stepwise and guarded, to measure memory."""
        self._decode(self._expert, draft=0)

    def _decode(self, expert: HFCausalLM | None, *, draft: int) -> float:
        decoding = DecodingConfig(
            speculative=draft > 0, max_draft_length=max(draft, 1), prefix_cache_mib=0
        )
        config = CONFIG.replace(decoding=decoding)
        schedule = Schedule(Pair(self._base, expert or self._base, config))
        ids = tuple(self._ids[0].tolist())
        ticket = schedule.add(
            Request(
                base_prompt_ids=ids,
                expert_prompt_ids=() if expert is None else ids,
                sampling=SamplingParams(max_new_tokens=self._num_tokens),
                guarded=expert is not None,
                speculative=draft > 0,
                rating=RiskScores(None, None, None, None, 0.0, 0.5, 1.0),
            )
        )
        clock: list[float] = []
        event = schedule.next_event(ticket)
        while not isinstance(event, Ended):
            if isinstance(event, DecodeStep):
                clock.append(time.perf_counter())
            event = schedule.next_event(ticket)
        self._check(event)
        if draft > 0:
            self.speculation = event.speculation
        return (clock[-1] - clock[0]) / max(len(clock) - 1, 1)

    def _check(self, ended: Ended) -> None:
        if ended.error is not None:
            raise ended.error

    def _generate(self) -> float:
        """Return the seconds per token, from the difference between two lengths."""
        long, short = (self._generate_tokens(n) for n in (self._num_tokens, 1))
        return (long - short) / max(self._num_tokens - 1, 1)

    def _generate_tokens(self, num_tokens: int) -> float:
        ids = self._ids.to(self._base.model.device)
        suppressed = sorted(self._base.eos_token_ids)

        def job() -> Any:
            return self._base.model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=num_tokens,
                suppress_tokens=suppressed,
            ).tolist()

        return timed(job).seconds


def predicted_seconds(costs: Costs, made: Speculation, num_tokens: int, longest: int) -> float:
    """Return the seconds per token of `guarded by itself` according to the cost model.

    The cost of a round is taken as linear in the draft length, since only totals are known.

    Args:
        costs: whose expert is the base itself.
        made: rounds and drafted tokens.
        num_tokens: emitted after the first.
        longest: draft length.
    """
    plain = costs.round(0)
    slope = (costs.round(longest) - plain) / longest
    return (made.num_rounds * plain + made.num_drafted * slope) / num_tokens


def arithmetic(costs: Costs, both: float | None) -> dict[str, float]:
    """Return the seconds per token of each loop according to the cost model."""
    guarded = costs.round(0) if both is None else both + costs.gate[0]
    return {UNGUARDED: costs.unguarded, STEPWISE: guarded}
